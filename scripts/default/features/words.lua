-- What a query looks like, in words that hold for every collection.

return features {
  words     = number(0, 10, function (q) return #q.words end),
  edits     = number(0, 3, function (q) return q.edits end),
  certainty = number(0, 1, function (q) return q.readings[1].weight end),
  hour      = cycle(24, function (q) return q.time.hour end),

  examples = {
    ["red shoes"] = { words = 2, edits = 0, certainty = 1 },
  },
}
