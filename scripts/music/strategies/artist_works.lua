-- Works of the artist who may be meant, best known first; words beside the artist
-- must begin words of the name ("love" finds "Lover", too).  An artist half said or
-- misspelt is rarely the first reading, so the likeliest with an artist counts.

local function reading(q)
  for _, r in ipairs(q.readings) do
    if r.slots.artist and r.slots.artist.entity then return r end
  end
end

return strategy {
  applies = function (q) return reading(q) end,

  plan = function (q)
    local r = reading(q)
    return {
      match = all(ref("artist_id", r.slots.artist), prefix(r.terms, "name")),
      score = quality(),
      limit = 200,
    }
  end,

  examples = {
    ["{artist Taylor Swift}"]      = true,
    ["{artist Taylor Swift} love"] = true,
    ["love"]                       = false,
  },
}
