-- Any of the words in any field: the plain engine, and the net below the others.

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return {
      match = any(synonyms(q.words, "same")),
      score = bm25 { name = 3, artist = 2, album = 1 } + 0.5 * quality(),
    }
  end,

  examples = {
    ["tayler love"] = true,
    [""]            = false,
  },
}
