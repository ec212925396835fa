-- Every word may be misspelt, and the last one may be only begun.  Dear for long queries,
-- which can spare a word.

local function perhaps(words)
  local matches, last = fuzzy(words), words[#words]
  matches[#words] = any(matches[#words], #last > 1 and 0.8 * prefix(last))
  return matches
end

return strategy {
  applies = function (q) return #q.words > 0 and #q.words <= 6 end,

  plan = function (q)
    local words = without(q.words, "stop")
    local most = math.max(1, math.ceil(#words * 0.7))
    return { match = atleast(most, perhaps(words)), score = bm25() + 0.5 * quality(), limit = 100 }
  end,

  examples = { ["rde sheos"] = true, [""] = false },
}
