# lists.t -- lists are a part of a generation and change while serving.
$ start seed=3
> PUT music track:1 {"kind":"track","name":"The Song of the Sea","popularity":80}
< +OK
> PUT music track:2 {"kind":"track","name":"The The","popularity":70}
< +OK
$ write music/lists/stop.txt
# words that say little
the, of
songs about
$ end
$ write music/strategies/all_fields.lua
return strategy {
  plan = function (q) return { match = any(without(q.words, "stop")) } end,
  examples = { ["love"] = true },
}
$ end
$ until SCRIPTS LIST ~ {...,"error":null,..."files":[..."music/lists/stop.txt",...]}
$ until SEARCH music "songs about the sea" ONLY all_fields ~ {...,"candidates":1,"hits":[{"id":"track:1",...}]}
# all of them are the query
> SEARCH music "the" ONLY all_fields
< {...,"candidates":2,...}
> SEARCH music "the sea" ONLY all_fields EXPLAIN
< {...,"plan":{"source":"search","match":{"any":[{"term":"sea"}]}...}
$ write music/lists/stop.txt
sea
$ end
$ until SEARCH music "the sea" ONLY all_fields ~ {...,"candidates":2,...}
# synonyms, at once: documents are not indexed again
$ write music/lists/same.txt
song = tune
sea => wide blue ocean
$ end
$ write music/strategies/fuzzy.lua
return strategy { plan = function (q) return { match = all(synonyms(q.words, "same")) } end }
$ end
$ until SEARCH music "tune" ONLY fuzzy ~ {...,"candidates":1,"hits":[{"id":"track:1",...}]}
> SEARCH music "tune sea" ONLY fuzzy EXPLAIN
< {...,"plan":{"source":"search","match":{"all":[{"term":"tune","also":["song"]},{"term":"sea","also":["wide blue ocean"]}]}...}
> SEARCH music "wide blue ocean" ONLY fuzzy
< {...,"candidates":0,...}
# a list with a mistake changes nothing
$ write music/lists/stop.txt
sea
the = of
$ end
$ until SCRIPTS LIST music ~ {...,"error":"music/lists/stop.txt:2: found synonyms, but the lines before are words",...}
> SEARCH music "the sea" ONLY all_fields
< {...,"candidates":2,...}
$ remove music/lists/stop.txt
$ until SCRIPTS LIST music ~ {...,"error":"music/strategies/all_fields.lua:2: without: no list \"stop\" in lists/ (tried with no query)",...}
