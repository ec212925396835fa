-- Who types a whole title wants that very work: the query is a name, or what is
-- left beside the artist is the name of one of the artist's works.

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    local title = table.concat(q.terms, " ")
    return {
      match = any(
        exact(q.text, "name"),
        q.slots.artist and title ~= "" and
          all(exact(title, "name"), ref("artist_id", q.slots.artist))),
      score = 2 * quality() + is("kind", "artist"),
      limit = 40,
    }
  end,

  examples = {
    ["love story"]                       = true,
    ["{artist Taylor Swift} love story"] = true,
    [""]                                 = false,
  },
}
