-- Works of the artist who was named, best known first; words beside the artist
-- must stand in the work's name.

return strategy {
  applies = function (q) return q.slots.artist and q.slots.artist.entity end,

  plan = function (q)
    return {
      match = all(ref("artist_id", q.slots.artist), term(q.terms, "name")),
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
