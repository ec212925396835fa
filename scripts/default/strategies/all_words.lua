-- Every word, wherever it stands: precise.  Stop words are not asked for, but what has
-- them, too ("cut in", "head on"), comes first.

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    local words = without(q.terms, "stop")
    return {
      match = any(all(words), #words < #q.terms and 0.5 * all(q.terms)),
      score = bm25() + quality(),
    }
  end,

  examples = { ["red shoes"] = true, [""] = false },
}
