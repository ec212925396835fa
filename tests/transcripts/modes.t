# modes.t -- apprentice learns from the fixed policy, observe only logs.
$ start seed=7 mode=observe publish_ms=0 window_ms=100
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love
< {"decision":"<o>",...,"hits":[{"id":"track:1",...}]}
> FEEDBACK <o> track:1 like
< +OK
$ until DECISION <o> ~ {...,"policy":"fixed","share":1,"mode":"observe",...,"reward":0.8}],"events":[{...}],"closed":true}
> ARMS music
< {"all_fields":{"decisions":1,...,"reward":0,...},...}
> MEMORY music love
< {"key":"q:love","entities":[]}
$ start seed=7 mode=apprentice publish_ms=0 window_ms=100
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love
< {"decision":"<a>",...,"hits":[{"id":"track:1",...}]}
> FEEDBACK <a> track:1 like
< +OK
$ until DECISION <a> ~ {...,"policy":"fixed","share":1,"mode":"apprentice",...,"reward":0.8}],"events":[{...}],"closed":true}
> ARMS music
< {"all_fields":{"decisions":1,...,"reward":0.4,...},...}
> MEMORY music love
< {"key":"q:love","entities":[{"id":"track:1",...}]}
# ---- while it serves
> CONFIG SET mode online budget 7 budget_us 50
< +OK
> CONFIG GET mode budget budget_us
< {"mode":"online","budget":"7","budget_us":"50"}
> SEARCH music love
< {"decision":"<n>",...}
> DECISION <n>
< {...,"policy":"priced",...,"mode":"online",...,"budget":7,...,"budget_us":50,...}
> CONFIG SET mode observe budget 100 budget_us 0
< +OK
> SEARCH music love
< {"decision":"<v>",...}
> DECISION <v>
< {...,"policy":"fixed",...,"mode":"observe",...,"budget":100,...}
> CONFIG SET mode obsrve
< -ARG mode: expected online, apprentice (serve fixed, learn) or observe (serve fixed, log only), found 'obsrve'
> CONFIG SET budget 0
< -ARG budget: ...
# a policy that is asked for by name serves in any mode
> SEARCH music love POLICY uniform EXPLAIN LIMIT 1
< {...,"policy":"uniform",...}
