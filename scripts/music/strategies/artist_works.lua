-- Works of the artist who may be meant: those with the words beside the artist in their
-- name ("love" finds "Lover", too), of the kind and time asked for, best known first.
-- Where the artist is surely meant, his other works come after them.  An artist half
-- said or misspelt is rarely the first reading, so the likeliest with an artist counts.

local function reading(q)
  for _, r in ipairs(q.readings) do
    if r.slots.artist and r.slots.artist.entity then return r end
  end
end

local function released(era)
  local year = era and era.value and era.value:match("^[12]%d%d%d$")
  return year and is("released", year) or within("released", era)
end

return strategy {
  applies = function (q) return reading(q) end,

  plan = function (q)
    local r = reading(q)
    local words = prefix(without(r.terms, "stop"), "name")
    local works = ref("artist_id", r.slots.artist)
    local named = #words > 0 and all(works, atleast(math.ceil(#words / 2), words))
    return {
      match = any(named, (#words == 0 or q.slots.artist) and works),
      score = bm25 { name = 2 } + quality()
            + 2 * is("kind", r.slots.wanted) + 4 * released(r.slots.era),
      limit = 200,
    }
  end,

  examples = {
    ["{artist Taylor Swift}"]      = true,
    ["{artist Taylor Swift} love"] = true,
    ["love"]                       = false,
  },
}
