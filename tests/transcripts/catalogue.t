# catalogue.t -- PUT, GET, DEL and COUNT, used rightly and wrongly.
$ start seed=5
> COUNT music
< :0
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> GET music track:1
< {"kind":"track","name":"Love Story","popularity":80}
# a member that no field names is kept, and a field may be absent or null
> PUT music track:2 {"name":null,"mood":{"calm":[1,2]}}
< +OK
> GET music track:2
< {"name":null,"mood":{"calm":[1,2]}}
> PUT music "id with spaces" {}
< +OK
> COUNT music
< :3
# PUT replaces
> PUT music track:1 {"kind":"track","name":"Lover"}
< +OK
> GET music track:1
< {"kind":"track","name":"Lover"}
> SEARCH music story ONLY all_fields
< {...,"hits":[]}
> SEARCH music lover ONLY all_fields POLICY fixed
< {...,"hits":[{"id":"track:1",...}]}
> COUNT music
< :3
> DEL music track:1 nope track:1 "id with spaces"
< :2
> GET music track:1
< null
> SEARCH music lover POLICY fixed
< {...,"hits":[]}
> COUNT music
< :1
# too few words, too many, an unknown collection
> PUT music track:1
< -SYNTAX wrong number of words; usage: PUT coll id json
> PUT music track:1 {} {}
< -SYNTAX wrong number of words; usage: PUT coll id json
> GET music
< -SYNTAX wrong number of words; usage: GET coll id
> DEL music
< -SYNTAX wrong number of words; usage: DEL coll id [id ...]
> COUNT
< -SYNTAX wrong number of words; usage: COUNT coll
> PUT musik x {}
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> GET musik x
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> DEL books x
< -NOTFOUND no collection 'books'; there are music
> COUNT books
< -NOTFOUND no collection 'books'; there are music
# ids
> PUT music "" {}
< -ARG an id has 1 to 255 bytes, this one 0
> PUT music {i*256} {}
< -ARG an id has 1 to 255 bytes, this one 256
> GET music {i*256}
< -ARG an id has 1 to 255 bytes, this one 256
> DEL music ok {i*256}
< -ARG an id has 1 to 255 bytes, this one 256
> PUT music {i*255} {}
< +OK
> DEL music {i*255}
< :1
# documents
> PUT music x 7
< -ARG a document is a JSON object...
> PUT music x [1]
< -ARG a document is a JSON object...
> PUT music x nothing
< -SYNTAX JSON...
> PUT music x '{"name":"a"'
< -SYNTAX JSON line 1 column 11: ...
# a number is a text, a tag or a ref as it is written
> PUT music n1 {"name":1984,"genres":[70,8.5],"artist_ids":311,"popularity":1}
< +OK
> SEARCH music "1984" WHERE "genre = 70 AND genre = 8.5 AND artist_id = artist:311" FACETS genre NOLOG
< {...,"facets":{"genre":[{"value":"70","count":1},{"value":"8.5","count":1}]},"hits":[{"id":"n1",...}]}
> DEL music n1
< :1
> PUT music x {"name":{"a":1}}
< -ARG field name: expected a string or an array of strings, found an object
> PUT music x {"popularity":"high"}
< -ARG field popularity: expected a number, found a string
> PUT music x {"release_date":"2008-13-45"}
< -ARG field released: expected a date as "2008", "2008-11" or "2008-11-11", found "2008-13-45"
> PUT music x {"genres":{"pop":"x"}}
< -ARG field genre: expected a weight, found a string
> PUT music x {"kind":7}
< -ARG field kind: expected a string, found a number
# what was refused left nothing
> GET music x
< null
> COUNT music
< :1
# what was acknowledged outlives a kill
> PUT music last {"name":"last"}
< +OK
$ kill
> GET music last
< {"name":"last"}
> COUNT music
< :2
