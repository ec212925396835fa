# feedback.t -- FEEDBACK, and what it does to DECISION, MEMORY and ARMS.
$ start seed=7 publish_ms=0 window_ms=300
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> PUT music track:2 {"kind":"track","name":"Lover","popularity":90}
< +OK
> SEARCH music love POLICY fixed LIMIT 1 ONLY all_fields,fuzzy CONTEXT {"user":"u7"}
< {"decision":"<d>",...,"hits":[{"id":"track:1",...,"from":{"all_fields":1,"fuzzy":1},...}]}
> DECISION <d>
< {"decision":"<d>","at":...,"collection":"music","query":"love","context":{"user":"u7"},"readings":[{"text":"love","weight":1}],"phi":[...],"features":{"bias":1,"certainty":1,...},"rankings":["default"],"policy":"fixed","share":1,"mode":"online","seed":"...","budget":100,"price":0,"budget_us":0,"price_us":0,"together":1,"propensity":0.5625,"mixture":0.5625,"model":...,"strategies":{"all_fields":{"depth":40,"found":1,"p":0.75,"levels":[...]...},"fuzzy":{...,"found":2,...}},"hits":[{"id":"track:1","rank":1,"score":...,"from":{"all_fields":1,"fuzzy":1},"reward":0}],"events":[],"closed":...}
# ---- right
> FEEDBACK <d> track:1 click ID e1
< +OK
> FEEDBACK <d> track:1 click ID e1
< +OK
> DECISION <d>
< {...,"hits":[{"id":"track:1",...,"reward":0.3}],"events":[{"entity":"track:1","event":"click","value":1,"at":...}],...}
> FEEDBACK <d> track:1 play VALUE 0.5 AT 1764000000000
< +OK
> FEEDBACK <d> track:1 like value 1e0 id e2
< +OK
> DECISION <d>
< {...,"hits":[{"id":"track:1",...,"reward":0.8}],"events":[{...,"event":"click",...},{"entity":"track:1","event":"play","value":0.5,"at":1764000000000},{...,"event":"like",...}],...}
# an entity that was found but not shown; one that nobody found
> FEEDBACK <d> track:2 click
< +OK
> FEEDBACK <d> track:9 click
< +OK
# ---- wrong
> FEEDBACK <d> track:1
< -SYNTAX wrong number of words; usage: FEEDBACK decision entity event [VALUE x] [ID event-id] [AT ms]
> FEEDBACK love track:1 click
< -SYNTAX 'love' is not a decision: 16 hex digits expected
> FEEDBACK 00000000000000ff track:1 click
< -NOTFOUND no decision 00000000000000ff in the log
> FEEDBACK <d> track:1 clik
< -NOTFOUND no reward for event 'clik'; did you mean 'click'?
> FEEDBACK <d> "" click
< -ARG event: an entity of 0 bytes, expected 1 to 255
> FEEDBACK <d> {e*256} click
< -ARG event: an entity of 256 bytes, expected 1 to 255
> FEEDBACK <d> track:1 {c*33}
< -ARG event: a name of 33 bytes, expected 1 to 32
> FEEDBACK <d> track:1 click ID {i*65}
< -LIMIT event: an id of 65 bytes, limit 64
> FEEDBACK <d> track:1 click VALUE
< -SYNTAX VALUE: its value is missing
> FEEDBACK <d> track:1 click VALUE nan
< -ARG VALUE: expected a number, found 'nan'
> FEEDBACK <d> track:1 click VALUE 0x10
< -ARG VALUE: expected a number, found '0x10'
> FEEDBACK <d> track:1 click VALUE 1e999
< -ARG VALUE: expected a number, found '1e999'
> FEEDBACK <d> track:1 click VALUE ""
< -ARG VALUE: expected a number, found ''
> FEEDBACK <d> track:1 click AT 1.5
< -ARG AT (ms since 1970): expected a whole number from 0 to 9007199254740992, found '1.5'
> FEEDBACK <d> track:1 click AT 9007199254740993
< -ARG AT (ms since 1970): expected a whole number from 0 to 9007199254740992, found '9007199254740993'
> FEEDBACK <d> track:1 click IDD e
< -SYNTAX unexpected 'IDD'; did you mean 'ID'?
> FEEDBACK <d> track:1 click nothing 1
< -SYNTAX unexpected 'nothing'; there are VALUE, ID, AT
> INFO learning
< {"map_bytes":4294967296,"used_bytes":...,"decisions":1,"events":5,"repeated":1,"refused":0,...}
# ---- MEMORY: by a query, by a key
> MEMORY music love
< {"key":"q:love","entities":[{"id":"track:1","score":...,"reward":0.8,"impressions":...},{"id":"track:2",...,"reward":0.3,...}...]}
> MEMORY music " LOVE "
< {"key":"q:love","entities":[{"id":"track:1",...}...]}
> MEMORY music q:love
< {"key":"q:love","entities":[{"id":"track:1",...}...]}
> MEMORY music user:u7
< {"key":"user:u7","entities":[]}
> MEMORY music nothing
< {"key":"q:nothing","entities":[]}
> MEMORY music
< -SYNTAX wrong number of words; usage: MEMORY coll key
> MEMORY musik love
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> MEMORY music user:{u*196}
< -LIMIT a memory key of 201 bytes, limit 200
# ---- ARMS: two strategies brought track:1 (0.4 each), fuzzy alone brought track:2
> ARMS music
< {"all_fields":{"decisions":1,"draws":1,"depth":...,"candidates":1,"cost":0.3333,"overlap":1,"reward":0.4,"reward_per_draw":0.4,"plus_minus":...,"unique":0,"unique_per_draw":0,"unique_plus_minus":...,"wins":1,"took_us":...,"took_plus_minus":null,"p95_us":...,"failed":0,"min":0,"max":1,"pinned":false},"artist_works":{"decisions":0,"draws":0,...},"exact_title":{...},"fuzzy":{"decisions":1,"draws":1,...,"candidates":2,...,"reward":0.7,...,"unique":0.3,...,"wins":2,...},...}
> ARMS
< -SYNTAX wrong number of words; usage: ARMS coll [WINDOW hour|day|week|all | SET strategy [min=x] [max=x] | UNSET strategy]
> ARMS musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
# ---- DECISION
> DECISION
< -SYNTAX wrong number of words; usage: DECISION id
> DECISION 12
< -SYNTAX '12' is not a decision: 16 hex digits expected
> DECISION 0000000000000000
< -NOTFOUND no decision 0000000000000000 in the log
> DECISION ffffffffffffffff
< -NOTFOUND no decision ffffffffffffffff in the log
# the window closes by itself; later events still count
$ until DECISION <d> ~ {...,"closed":true}
> FEEDBACK <d> track:1 playlist
< +OK
> DECISION <d>
< {...,"hits":[{"id":"track:1",...,"reward":1}],...,"closed":true}
# all of it outlives a kill, and the event's id, too
$ kill
> FEEDBACK <d> track:2 like ID e2
< +OK
> DECISION <d>
< {...,"hits":[{"id":"track:1",...,"reward":1}],"events":[{...},{...},{...},{"entity":"track:1","event":"playlist",...},{...},{"entity":"track:9",...}],"closed":true}
> ARMS music
< {"all_fields":{"decisions":1,"draws":1,...,"reward":0.5,...},...,"fuzzy":{...,"reward":0.8,...},...}
> INFO learning
< {...,"events":0,"repeated":1,...}
