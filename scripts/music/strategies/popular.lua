-- What is best known: of the genre, the time and the kind that may be meant, first what has
-- the words beside them in its name; or, without a query, of all.  People who are not known
-- yet get what most people like.

local function reading(q)
  for _, r in ipairs(q.readings) do
    if r.slots.genre or r.slots.style then return r end
  end
  return q.readings[1]
end

-- A year alone may be a title, too, but "1967" is none.
local function year(q, era)
  return (era and era.value or q.text):match("^[12]%d%d%d$")
end

return strategy {
  applies = function (q)
    local slots = reading(q).slots
    return #q.words == 0 or slots.genre or slots.style
      or not slots.artist and (slots.era or slots.wanted or year(q))
  end,

  plan = function (q)
    local r = reading(q)
    local era, style = r.slots.era, r.slots.style or r.slots.genre
    local kind = r.slots.wanted and r.slots.wanted.value or "track"
    if style and kind == "album" then kind = "track" end -- albums have no genres

    local these = style and tag("genre", style)
    local words = prefix(without(r.terms, "stop"), "name")
    if #words > 0 and not year(q, era) then
      these = these or kind_is(kind)
      these = any(all(these, atleast(1, words)), these)
    end
    return {
      match = these,
      where = both_of(is("kind", kind),
        year(q, era) and is("released", year(q, era)) or within("released", era)),
      score = quality() + bm25 { name = 1 } + 0.3 * recency("released", days(365)),
      limit = 200,
    }
  end,

  examples = {
    [""]                                   = true,
    ["{genre country} songs"]              = true,
    ["{wanted album} {era 1967}"]          = true,
    ["{era min=1980 max=1989} love"]       = true,
    ["1967"]                               = true,
    ["{artist Taylor Swift} {wanted album}"] = false,
    ["love"]                               = false,
  },
}
