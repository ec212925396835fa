# probe.t -- what is known of a strategy before it is asked: its plan, its past, a probe.
$ write music/strategies/all_fields.lua
return strategy {
  probe = 2,
  plan = function (q)
    return { match = any(q.words), score = bm25 { name = 1 } }
  end,
}
$ end
$ write music/strategies/fuzzy.lua
return strategy {
  probe = 50,
  plan = function (q) return { match = any(fuzzy(q.words)), where = is("kind", "track") } end,
}
$ end
$ start seed=3 clock=1767268800000 publish_ms=3600000
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> PUT music track:2 {"kind":"track","name":"Lover","popularity":70}
< +OK
> PUT music track:3 {"kind":"track","name":"Love Love Me Do","popularity":60}
< +OK
> PUT music artist:4 {"kind":"artist","name":"Nobody"}
< +OK
# both have the one the other has; what is not asked brings nothing, probed or not
> SEARCH music love DEPTH all_fields=5 EXPLAIN
< {"decision":"<d>",...,"hits":[{"id":"track:3",...,"from":{"all_fields":1},...},{"id":"track:1",...,"from":{"all_fields":2},...}],"explain":{..."all_fields":{"applies":true,"depth":5,"found":2,...,"known":{"known":1,"matches":...,"kind":1,"probed":1,"best":...,"gap":...,"found":1,"overlap":1},...},...,"fuzzy":{"applies":true,"depth":0,"found":0,...,"known":{"known":1,"matches":...,"kind":0.75,"probed":1,"best":...,"gap":...,"found":0.06,"overlap":0.6667},...},...}}
> FEEDBACK <d> track:1 playlist
< +OK
> CONFIG SET clock 1767270600000
< +OK
$ until DECISION <d> ~ {...,"closed":true}
# it was asked once for this query and earned 1: (3 prior + 1) / (3 + 1)
> SEARCH music love NOLOG EXPLAIN
< {..."all_fields":{...,"known":{...,"query":0.4375,"seen":0.1667,"reading":0.4375,"user":0.25,"probed":1,...},...},...}
> SEARCH music lover NOLOG EXPLAIN
< {..."all_fields":{...,"known":{...,"query":0.25,"reading":0.25,"user":0.25,"probed":1,...},...},...}
# ---- wrong
$ write music/strategies/fuzzy.lua
return strategy {
  probe = 51,
  plan = function (q) return { match = any(fuzzy(q.words)) } end,
}
$ end
$ until SCRIPTS LIST music ~ {...,"error":"...fuzzy.lua:2: probe ...",...}
