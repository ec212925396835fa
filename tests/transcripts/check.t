# check.t -- SCRIPTS CHECK tries the examples that speak of the catalogue, too.
$ start seed=3
> PUT music artist:t {"kind":"artist","name":"Taylor Swift","genres":["progressive rock"]}
< +OK
> SCRIPTS CHECK music
< +OK
> DEL music artist:t
< :1
> SCRIPTS CHECK music
< -SCRIPT music/understanding/artist.lua: example "taylor swift..." is read as "taylor swift...", expected "{artist Taylor Swift}..."
# what speaks of the catalogue keeps no scripts from loading
> SCRIPTS LOAD music
< :1
