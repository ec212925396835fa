-- Who types a whole title wants that very work: the query is a name, or what is left
-- beside the artist is the name of one of the artist's works, or beside "album" of an
-- album.  "Love songs" are many, and not the song "Love".

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    local kind = mentions(q.words, "one") and q.slots.wanted
    local titles = { exact(q.text, "name") }
    for _, r in ipairs(q.readings) do
      local title = r.text ~= "" and r.text ~= q.text and exact(r.text, "name")
      if title and r.slots.artist then
        titles[#titles + 1] = all(title, ref("artist_id", r.slots.artist))
      elseif title and kind then
        titles[#titles + 1] = all(title, kind_is(kind))
      elseif title and not r.slots.genre and not r.slots.era and not r.slots.wanted then
        titles[#titles + 1] = title
      end
    end
    return {
      match = any(titles),
      score = 2 * quality() + is("kind", kind or "artist"),
      limit = 40,
    }
  end,

  examples = {
    ["love story"]                       = true,
    ["{artist Taylor Swift} love story"] = true,
    ["{wanted album} nevermind"]         = true,
    [""]                                 = false,
  },
}
