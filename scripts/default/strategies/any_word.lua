-- Any of the words: the plain engine, and the net below the others.

return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return { match = any(without(q.words, "stop")), score = bm25() + 0.5 * quality() }
  end,

  examples = { ["red shoes"] = true, ["the who"] = true, [""] = false },
}
