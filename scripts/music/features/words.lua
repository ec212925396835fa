-- What a query looks like: how long it is, what was understood, how surely.

return features {
  words      = number(0, 10, function (q) return #q.words end),
  other      = number(0, 10, function (q) return #q.terms end),
  edits      = number(0, 3, function (q) return q.edits end),
  certainty  = number(0, 1, function (q) return q.readings[1].weight end),
  has_artist = flag(function (q) return q.slots.artist end),
  has_genre  = flag(function (q) return q.slots.genre or q.slots.style end),
  has_era    = flag(function (q) return q.slots.era end),
  hour       = cycle(24, function (q) return q.time.hour end),

  examples = {
    ["{artist Taylor Swift} love"] = { words = 3, other = 1, has_artist = true },
    ["{era min=1980 max=1989} {style hip hop}"] = { other = 0, has_genre = true, has_era = true },
    ["love"] = { words = 1, other = 1, has_artist = false, certainty = 1 },
  },
}
