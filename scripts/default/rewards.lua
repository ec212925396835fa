-- What an event after a search is worth.  Later events only raise a reward.

return rewards {
  click    = 0.3,
  like     = 0.8,
  purchase = 1.0,

  window   = minutes(30),
}
