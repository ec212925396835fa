# scripts.t -- scripts are edited while serving; what does not load changes nothing.
$ start seed=3
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love
< {"decision":...,"generation":1,...}
> SCRIPTS LIST
< {"collection":"music","folder":"music","generation":1,"error":null,"kept":[{"generation":1,"loaded_ms":...,"files":...}],"files":["music/lists/one.txt",...,"music/understanding/artist.lua",...,"music/rewards.lua"]}
# its examples speak of the bundled catalogue, which is not here: check.t has more
> SCRIPTS CHECK
< -SCRIPT music/understanding/artist.lua: example "taylor swift..." is read as ...
# nothing changed: no new generation
> SCRIPTS LOAD music
< :1
> SCRIPTS ROLLBACK
< -NOTFOUND there is no generation before 1
$ write music/strategies/all_fields.lua
return strategy {
  plan = function (q)
    return { match = any(q.words), score = bm25 { name = 1 } }
  end,
  examples = { ["love"] = true },
}
$ end
$ until SEARCH music love ~ {..."generation":2,...}
$ write music/strategies/all_fields.lua
return strategy {
  plan = function (q) return { match = anny(q.words) } end,
  examples = { ["love"] = true },
}
$ end
$ until SCRIPTS LIST music ~ {..."generation":2,"error":"...all_fields.lua:2...any...",...}
> SEARCH music love
< {"decision":...,"generation":2,...}
> SCRIPTS CHECK music
< -SCRIPT ...all_fields.lua:2...
> SCRIPTS LOAD
< -SCRIPT ...all_fields.lua:2...
> SCRIPTS ROLLBACK music
< :1
> SEARCH music love
< {"decision":...,"generation":1,...}
> SCRIPTS USE music 2
< :2
> SEARCH music love
< {"decision":...,"generation":2,...}
# ---- wrong
> SCRIPTS
< -SYNTAX wrong number of words; usage: SCRIPTS LIST|CHECK|LOAD|USE|ROLLBACK|TRY
> SCRIPTS LSIT
< -SYNTAX SCRIPTS: unknown subcommand 'LSIT'; did you mean 'LIST'?
> SCRIPTS LIST musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> SCRIPTS CHECK music now
< -SYNTAX wrong number of words; usage: SCRIPTS CHECK [coll]
> SCRIPTS LOAD musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> SCRIPTS ROLLBACK musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> SCRIPTS USE music
< -SYNTAX wrong number of words; usage: SCRIPTS USE coll n
> SCRIPTS USE musik 1
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> SCRIPTS USE music 9
< -NOTFOUND no generation 9, kept are 1 to 2
> SCRIPTS USE music 1.5
< -ARG generation: expected a whole number from 1 to 18446744073709551615, found '1.5'
# ---- eight are kept; a strategy may come and go, what it earned stays
$ write music/strategies/all_fields.lua
return strategy {
  plan = function (q)
    return { match = any(q.words), score = bm25 { name = 2 } }
  end,
  examples = { ["love"] = true },
}
$ end
$ until SEARCH music love ~ {..."generation":3,...}
> SEARCH music love POLICY fixed ONLY all_fields
< {"decision":"<d>",...,"hits":[{"id":"track:1",...}]}
> FEEDBACK <d> track:1 like
< +OK
$ until ARMS music ~ {"all_fields":{...,"reward":0.8,...},...}
$ remove music/strategies/all_fields.lua
$ until SEARCH music love ~ {..."generation":4,...}
> ARMS music
< {"artist":...}
> SEARCH music love ONLY all_fields
< -ARG ONLY: no strategy 'all_fields'...
# the page of before: its strategy is gone
> SEARCH music love FROM <d>
< {"decision":"<d>",...,"generation":4,...,"hits":[]}
> SCRIPTS USE music 3
< :3
> ARMS music
< {"all_fields":{...,"reward":0.8,...},...}
> SEARCH music love FROM <d>
< {"decision":"<d>",...,"generation":3,...,"hits":[{"id":"track:1",...}]}
$ write music/strategies/extra.lua
-- edition 5
return strategy { plan = function (q) return { match = any(q.words) } end, examples = { ["love"] = true } }
$ end
$ until SEARCH music love ~ {..."generation":5,...}
$ write music/strategies/extra.lua
-- edition 6
return strategy { plan = function (q) return { match = any(q.words) } end, examples = { ["love"] = true } }
$ end
$ until SEARCH music love ~ {..."generation":6,...}
$ write music/strategies/extra.lua
-- edition 7
return strategy { plan = function (q) return { match = any(q.words) } end, examples = { ["love"] = true } }
$ end
$ until SEARCH music love ~ {..."generation":7,...}
$ write music/strategies/extra.lua
-- edition 8
return strategy { plan = function (q) return { match = any(q.words) } end, examples = { ["love"] = true } }
$ end
$ until SEARCH music love ~ {..."generation":8,...}
$ write music/strategies/extra.lua
-- edition 9
return strategy { plan = function (q) return { match = any(q.words) } end, examples = { ["love"] = true } }
$ end
$ until SEARCH music love ~ {..."generation":9,...}
> SCRIPTS LIST music
< {...,"generation":9,"error":null,"kept":[{"generation":2,...},{"generation":3,...},...,{"generation":9,...}],...}
> SCRIPTS USE music 1
< -NOTFOUND no generation 1, kept are 2 to 9
# ---- two collections: each has its own scripts, and default serves the other
$ restart
$ schema shop
field title text
$ end
$ restart
> SCRIPTS LIST
< -ARG which collection's?  SCRIPTS LIST COLLECTION
> SCRIPTS LIST shop
< {"collection":"shop","folder":"default","generation":1,...,"files":[...]}
> SCRIPTS LIST music
< {"collection":"music","folder":"music","generation":1,...}
> PUT shop 1 {"title":"red shoes"}
< +OK
> SEARCH shop shoes
< {...,"hits":[{"id":"1",...}]}
$ write shop/strategies/mine.lua
return strategy {
  plan = function (q) return { match = any(q.words) } end,
  examples = { ["shoes"] = true },
}
$ end
$ until SCRIPTS LIST shop ~ {"collection":"shop","folder":"shop","generation":2,...}
> SEARCH shop shoes POLICY fixed
< {...,"hits":[{"id":"1","score":...,"from":{"mine":1},...}]}
> SEARCH shop shoes FROM <d>
< -ARG FROM: that decision answered "love" in music
