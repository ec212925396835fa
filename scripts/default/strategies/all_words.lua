-- Every word, wherever it stands: precise.

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return { match = all(without(q.terms, "stop")), score = bm25() + quality() }
  end,

  examples = { ["red shoes"] = true, [""] = false },
}
