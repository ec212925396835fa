-- Words that are a genre of the catalogue: "progressive rock songs".  A genre of one
-- word is as often something else, so it may be the second reading only.

return slot {
  tags = "genre",

  examples = {
    ["progressive rock songs"] = "{genre progressive rock} songs",
  },
}
