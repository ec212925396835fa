-- When the music is from: "80s pop", "jazz from the fifties", "songs from 1999".  A bare
-- year is as often a title (Prince's "1999"), so it stays a word.

local decades = {
  [1950] = "50s|1950s|fifties",     [1960] = "60s|1960s|sixties",
  [1970] = "70s|1970s|seventies",   [1980] = "80s|1980s|eighties",
  [1990] = "90s|1990s|nineties",    [2000] = "00s|2000s|noughties",
  [2010] = "10s|2010s",             [2020] = "20s|2020s",
}

local eras = {
  "from|in {value:number}",

  examples = {
    ["80s pop"]                      = "{era min=1980 max=1989} pop",
    ["love songs from the seventies"] = "love songs {era min=1970 max=1979}",
    ["songs from 1999"]              = "songs {era 1999}",
    ["1999"]                         = "1999",
  },
}
for year, words in pairs(decades) do
  for _, before in ipairs { "", "the ", "from|of|in the " } do
    eras[#eras + 1] = { before .. words, min = year, max = year + 9 }
  end
end

return slot(eras)
