-- Words that name an artist, misspelt or in part: "tayler swift love story".
-- The examples speak of the bundled catalogue: SCRIPTS CHECK tries them.

return slot {
  entities = { kind = "artist", field = "name" },

  examples = {
    ["taylor swift"]       = "{artist Taylor Swift}",
    ["taylor swift lover"] = "{artist Taylor Swift} lover",
  },
}
