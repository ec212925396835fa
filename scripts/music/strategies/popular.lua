-- What is best known: of the genre that may be meant, or, without a query, of all.
-- People who are not known yet get what most people like.

local function genre(q)
  for _, reading in ipairs(q.readings) do
    if reading.slots.genre then return reading.slots.genre end
  end
end

return strategy {
  applies = function (q) return #q.words == 0 or genre(q) end,

  plan = function (q)
    return {
      match = tag("genre", genre(q)),
      where = is("kind", "track"),
      score = quality() + 0.3 * recency("released", days(365)),
      limit = 200,
    }
  end,

  examples = {
    [""]                      = true,
    ["{genre country} songs"] = true,
    ["love"]                  = false,
  },
}
