-- Which kind of thing is asked for: "songs by adele", "latest album".

return slot {
  { "song|songs|track|tracks by|of|from|like",    value = "track" },
  { "album|albums|record|records by|of|from|like", value = "album" },
  { "artist|artists|band|bands like",             value = "artist" },
  { "song|songs|track|tracks|tune|tunes",         value = "track" },
  { "album|albums|record|records",                value = "album" },
  { "artist|artists|band|bands|singer|singers",   value = "artist" },

  examples = {
    ["songs by taylor swift"] = "{wanted track} taylor swift",
    ["happy songs"]           = "happy {wanted track}",
    ["the black album"]       = "the black {wanted album}",
    ["hey jude"]              = "hey jude",
  },
}
