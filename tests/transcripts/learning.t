# learning.t -- feedback teaches the memory and the strategies, and outlives a kill.
$ redis
$ start seed=7 window_ms=100
> PUT music artist:t {"kind":"artist","name":"Taylor Swift","popularity":100}
< +OK
> PUT music track:1 {"kind":"track","name":"Love Story","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":80}
< +OK
> PUT music track:2 {"kind":"track","name":"Lover","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":90}
< +OK
> SEARCH music "taylor swift" LIMIT 1
< {"decision":"<d>","took_us":...,"generation":1,"candidates":...,"hits":[{"id":"artist:t",...}]}
> DECISION <d>
< {"decision":"<d>",...,"query":"taylor swift",...,"policy":"priced",...,"closed":...}
> FEEDBACK <d> artist:t like ID e1
< +OK
# the same event once more counts once
> FEEDBACK <d> artist:t like ID e1
< +OK
> MEMORY music "taylor swift"
< {"key":"q:taylor swift","entities":[{"id":"artist:t","score":...,"reward":0.8,"impressions":...}]}
$ kill
> MEMORY music "taylor swift"
< {"key":"q:taylor swift","entities":[{"id":"artist:t",...}]}
> SEARCH music "love" LIMIT 3
< {"decision":"<e>",...}
$ until INFO ~ ..."connected":true...
$ publish toller:feedback {"decision":"<e>","entity":"track:1","event":"play"}
$ until MEMORY music love ~ {"key":"q:love","entities":[{"id":"track:1",...}]}
> FEEDBACK <e> track:1 aplaud
< -NOTFOUND ...
> FEEDBACK 00000000deadbeef track:1 click
< -NOTFOUND no decision 00000000deadbeef in the log
> FEEDBACK nonsense track:1 click
< -SYNTAX ...
