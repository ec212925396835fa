-- Every word may be misspelt.  Dear for long queries, which can spare a word.

return strategy {
  applies = function (q) return #q.words > 0 and #q.words <= 6 end,

  plan = function (q)
    local words = without(q.words, "stop")
    return {
      match = atleast(math.ceil(#words * 0.7), fuzzy(words)),
      score = bm25 { name = 2, artist = 2 } + 0.5 * quality(),
      limit = 100,
    }
  end,

  examples = {
    ["tayler swfit"]           = true,
    ["shak it of"]             = true,
    ["one two three four five six seven"] = false,
  },
}
