-- Genres as people say them, where the catalogue says otherwise.

return slot {
  { "rap|hiphop|rappers",              value = "hip hop" },
  { "kpop",                            value = "k-pop" },
  { "jpop",                            value = "j-pop" },
  { "rnb",                             value = "r&b" },
  { "rhythm and blues",                value = "r&b" },
  { "edm|electronica|techno",          value = "electronic" },
  { "metal",                           value = "heavy metal" },
  { "synthpop",                        value = "synth-pop" },

  examples = {
    ["old rap songs"] = "old {style hip hop} songs",
    ["kpop"]          = "{style k-pop}",
    ["hip hop"]       = "hip hop",
  },
}
