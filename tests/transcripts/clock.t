# clock.t -- a daemon whose time stands still and moves when it is told to.
$ start seed=7 clock=1767268800000 publish_ms=3600000
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> SEARCH music love DEPTH all_fields=5 LIMIT 1
< {"decision":"<d>",...}
> DECISION <d>
< {"decision":"<d>","at":1767268800000,...,"closed":false}
> INFO server
< {...,"uptime_s":0}
> CONFIG SET clock 1767270600000
< +OK
# half an hour: the window is over, as soon as the learner looks
$ until DECISION <d> ~ {...,"closed":true}
> INFO server
< {...,"uptime_s":1800}
> CONFIG SET clock 1767270599999
< -ARG clock: it is 1767270600000, and only goes on
> CONFIG SET clock 0
< -ARG clock: it is 1767270600000, and only goes on
> CONFIG GET clock
< {"clock":"1767270600000"}
$ start seed=7
> CONFIG SET clock 1767270600000
< -STATE clock: the time is the machine's
