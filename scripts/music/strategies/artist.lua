-- The artist who is likely meant: for who asks for works, a way to all of them.  A part
-- of a name ("dylan") may be the second reading, if the artist is all that is said.

local function artist(q)
  for i, r in ipairs(q.readings) do
    if r.slots.artist and (i == 1 or r.weight >= 0.25 and #r.terms == 0) then
      return r.slots.artist
    end
  end
end

return strategy {
  applies = function (q) return artist(q) end,

  plan = function (q)
    return { ids = { artist(q).entity }, limit = 1 }
  end,

  examples = {
    ["{artist Taylor Swift}"]      = true,
    ["{artist Taylor Swift} love"] = true,
    ["love"]                       = false,
  },
}
