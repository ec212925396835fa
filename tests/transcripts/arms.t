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
# ---- wrong
> ARMS music SET
< -SYNTAX wrong number of words; usage: ARMS coll [SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music SET fuzzy
< -SYNTAX wrong number of words; usage: ARMS coll [SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music UNSET fuzzy max=1
< -SYNTAX wrong number of words; usage: ARMS coll [SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS music PIN fuzzy max=1
< -SYNTAX unexpected 'PIN', expected SET or UNSET
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
< -NOTFOUND no collection 'musik'; did you mean 'music'?; there are music
