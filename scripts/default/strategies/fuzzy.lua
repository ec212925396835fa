-- Every word may be misspelt.  Dear for long queries, which can spare a word.

return strategy {
  applies = function (q) return #q.words > 0 and #q.words <= 6 end,

  plan = function (q)
    local words = without(q.words, "stop")
    local most = math.max(1, math.ceil(#words * 0.7))
    return { match = atleast(most, fuzzy(words)), score = bm25() + 0.5 * quality(), limit = 100 }
  end,

  examples = { ["rde sheos"] = true, [""] = false },
}
