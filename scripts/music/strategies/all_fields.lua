-- Any of the words in any field, as typed and as they were perhaps meant: the plain engine,
-- and the net below the others.  Words that say little, or only which kind of thing is
-- wanted, are not looked for beside others.

local function words(q)
  local all, has = {}, {}
  local asked = q.slots.wanted and not q.slots.artist and #q.terms > 0 and q.terms or q.words
  for _, list in ipairs { asked, q.edits > 0 and q.terms or {} } do
    for _, word in ipairs(list) do
      if not has[word] then all[#all + 1] = word end
      has[word] = true
    end
  end
  return without(all, "stop")
end

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return {
      match = any(synonyms(words(q), "same")),
      score = bm25 { name = 3, artist = 2, album = 1 } + 0.5 * quality()
            + is("kind", q.slots.wanted),
    }
  end,

  examples = {
    ["tayler love"]                 = true,
    ["{wanted album} let it be"]    = true,
    [""]                            = false,
  },
}
