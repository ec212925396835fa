# arms.t -- ARMS, and an operator's bounds of a strategy's share of searches.
$ start seed=7 publish_ms=0
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> ARMS music
< {"all_fields":{...,"min":0,"max":1,"pinned":false},...,"fuzzy":{...,"min":0,"max":1,"pinned":false},...}
> ARMS music SET fuzzy max=0
< +OK
> arms music set all_fields MIN=1
< +OK
> ARMS music
< {"all_fields":{...,"min":1,"max":1,"pinned":true},...,"fuzzy":{...,"min":0,"max":0,"pinned":true},...}
# in force at once: fuzzy is never asked, all_fields always
> SEARCH music love
< {"decision":"<d>",...}
> DECISION <d>
< {...,"strategies":{"all_fields":{...,"levels":[0,...]...},...,"fuzzy":{"depth":0,"found":0,"p":1,"levels":[1,0,0,0,0,0,0]...},...}
# what is not said stays
> ARMS music SET fuzzy max=0.5
< +OK
> ARMS music SET fuzzy min=0.25
< +OK
> ARMS music
< {...,"fuzzy":{...,"min":0.25,"max":0.5,"pinned":true},...}
# an uncommitted pin does not exist: it outlives a kill
$ kill
> ARMS music
< {"all_fields":{...,"min":1,"max":1,"pinned":true},...,"fuzzy":{...,"min":0.25,"max":0.5,"pinned":true},...}
> ARMS music UNSET fuzzy
< +OK
> ARMS music
< {"all_fields":{...,"pinned":true},...,"fuzzy":{...,"min":0,"max":1,"pinned":false},...}
# ---- windows: by the time of the decision, earned so far; all where none is said
$ start seed=7 publish_ms=0 clock=1764000000000
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love POLICY fixed ONLY all_fields,fuzzy
< {"decision":"<h>",...}
> FEEDBACK <h> track:1 like
< +OK
> ARMS music WINDOW hour
< {"all_fields":{"decisions":1,...,"reward":0.4,...},...}
> CONFIG SET clock 1764003600000
< +OK
> SEARCH music love POLICY fixed ONLY all_fields,fuzzy
< {"decision":"<i>",...}
$ until ARMS music WINDOW hour ~ {"all_fields":{"decisions":2,...,"reward":0.4,...},...}
> CONFIG SET clock 1764007200000
< +OK
> arms music window hour
< {"all_fields":{"decisions":1,...,"reward":0,...},...}
> ARMS music WINDOW day
< {"all_fields":{"decisions":2,...,"reward":0.4,...},...}
# what is earned later stands where it was spent
> FEEDBACK <i> track:1 like
< +OK
> ARMS music WINDOW hour
< {"all_fields":{"decisions":1,...,"reward":0.4,...},...}
$ kill
> CONFIG SET clock 1764700000000
< +OK
> ARMS music WINDOW day
< {"all_fields":{"decisions":0,"draws":0,...,"reward":0,"reward_per_draw":0,"plus_minus":null,...},...}
> ARMS music WINDOW all
< {"all_fields":{"decisions":2,...,"reward":0.8,...},...}
> ARMS music
< {"all_fields":{"decisions":2,...,"reward":0.8,"reward_per_draw":0.4,"plus_minus":...,"unique":0,...},...}
# ---- wrong
> ARMS music WINDOW
< -SYNTAX WINDOW: expected hour, day, week or all
> ARMS music WINDOW year
< -SYNTAX WINDOW: expected hour, day, week or all
> ARMS music SET
< -SYNTAX wrong number of words; usage: ARMS coll [WINDOW hour|day|week|all | SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music SET fuzzy
< -SYNTAX wrong number of words; usage: ARMS coll [WINDOW hour|day|week|all | SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music UNSET fuzzy max=1
< -SYNTAX wrong number of words; usage: ARMS coll [WINDOW hour|day|week|all | SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music PIN fuzzy max=1
< -SYNTAX unexpected 'PIN'; there are WINDOW, SET, UNSET
> ARMS music SET fuzy max=1
< -NOTFOUND no strategy 'fuzy'; did you mean 'fuzzy'?
> ARMS music SET fuzzy most=1
< -SYNTAX unexpected 'most=1', expected min=x or max=x
> ARMS music SET fuzzy max=
< -ARG max: expected a number, found ''
> ARMS music SET fuzzy max=nan
< -ARG max: expected a number, found 'nan'
> ARMS music SET fuzzy min=0.5 max=0.4
< -ARG min 0.5, max 0.4: expected 0 <= min <= max <= 1
> ARMS music SET fuzzy max=1.5
< -ARG min 0, max 1.5: expected 0 <= min <= max <= 1
> ARMS musik SET fuzzy max=1
< -NOTFOUND no collection 'musik'; did you mean 'music'?
