-- What an event after a search is worth.  Later events only raise a reward.

return rewards {
  click    = 0.3,
  play     = 0.6,
  like     = 0.8,
  playlist = 1.0,

  window   = minutes(30),
}
