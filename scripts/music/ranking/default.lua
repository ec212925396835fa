-- How the union of all strategies is ordered: a sum of features, each 0 to 1.  Who says
-- nothing but an artist's name means the artist, then the works; who says a time means
-- what was released then.

local function artist_alone(q)
  for _, r in ipairs(q.readings) do
    if r.slots.artist and #r.terms == 0 and r.weight >= 0.25 then return true end
  end
end

return ranking {
  kinds = { "artist", "track" },

  weights = function (q)
    return {
      best_rank = 0.5,
      arms = 0.5,
      quality = 0.6,
      exact = 1.0,
      memory = 1.5,
      text = 0.5,
      rrf = 1.0,
      ["from.exact_title"] = 0.8,
      ["from.artist_works"] = 0.3,
      ["from.artist"] = artist_alone(q) and 1.5 or 0,
      ["from.popular"] = q.slots.era and 1.0 or 0,
      ["kind.artist"] = 0.4,
      ["kind.track"] = 0.1,
    }
  end,

  examples = {
    ["{artist Taylor Swift}"]      = { ["from.artist"] = 1.5, ["from.popular"] = 0 },
    ["{artist Taylor Swift} love"] = { ["from.artist"] = 0 },
    ["{era min=1980 max=1989} pop"] = { ["from.popular"] = 1 },
  },
}
