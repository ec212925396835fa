-- How the union of all strategies is ordered: a sum of features, each 0 to 1.

return ranking {
  weights = { best_rank = 0.5, arms = 0.5, quality = 0.5, memory = 1.5, text = 0.5, rrf = 1.0 },
}
