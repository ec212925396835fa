# evaluate.t -- EVALUATE: a policy judged from the log of another.
$ start seed=7 publish_ms=0 window_ms=50
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> EVALUATE music priced
< {"policy":"priced","took_ms":...,"open":0,"stale":0,"damaged":0,"interleaved":0,"failed":0,"decisions":0,"estimates":{"ips":{"value":0,"low":0,"high":0},...,"logged":{...}},"weights":{...},"warning":"0 decisions are too few to say anything."}
> SEARCH music love POLICY fixed ONLY all_fields
< {"decision":"<d>",...}
> FEEDBACK <d> track:1 playlist
< +OK
$ until DECISION <d> ~ {...,"closed":true}
# what served earned 1; judged by itself it is worth the same
> EVALUATE music fixed
< {"policy":"fixed",...,"decisions":1,"estimates":{"ips":{"value":1,...},"snips":{"value":1,...},"dr":{"value":1,...},"switch":...,"slate":{"value":1,...},"cascade":{"value":1,...},"logged":{"value":1,...}},"weights":{"mean":1,"effective":1,"effective_slate":1,"largest":1,"largest_share":1,"reach":1,"reach_slate":1},"warning":"1 decisions are too few to say anything."}
> EVALUATE music linucb BUDGET 20 alpha 0.5 BETA 100 EPSILON 0.1 BY words
< {"policy":"linucb",...,"warning":...,"by":{"what":"words","parts":{"below":{"decisions":1,...}}}}
> EVALUATE music fixed BY type
< {"policy":"fixed",...,"by":{"what":"type","parts":{"words":{"decisions":1,"estimates":{"ips":{"value":1,...},...},...}}}}
> EVALUATE music fixed BY context.plan
< {"policy":"fixed",...,"by":{"what":"context.plan","parts":{"none":{"decisions":1,...}}}}
> INFO evaluating
< {"running":false,"collection":"music","what":"fixed","progress":1}
# ---- wrong
> EVALUATE music
< -SYNTAX wrong number of words; usage: EVALUATE coll policy [BUDGET n] [ALPHA x] [BETA x] [EPSILON x] [BY type|hour|context.NAME|feature]
> EVALUATE musik priced
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> EVALUATE music prised
< -NOTFOUND no policy 'prised'; did you mean 'priced'?
> EVALUATE music priced BUDGET
< -SYNTAX BUDGET: its value is missing
> EVALUATE music priced BUDGET 0
< -ARG BUDGET: expected a number from 1 to 100000, found '0'
> EVALUATE music priced EPSILON nan
< -ARG EPSILON: expected a number from 0 to 1, found 'nan'
> EVALUATE music priced BY wods
< -NOTFOUND BY: no feature 'wods'; did you mean 'words'?
> EVALUATE music priced BY quarter
< -NOTFOUND BY: no feature 'quarter'; else there are type, hour and context.NAME
> EVALUATE music priced BUDGT 3
< -SYNTAX unexpected 'BUDGT'; did you mean 'BUDGET'?
