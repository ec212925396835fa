# scripts.t -- scripts are edited while serving; what does not load changes nothing.
$ start seed=3
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love
< {"decision":...,"generation":1,...}
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
> SCRIPTS ROLLBACK music
< :1
> SEARCH music love
< {"decision":...,"generation":1,...}
> SCRIPTS USE music 9
< -NOTFOUND no generation 9, kept are 1 to 2
