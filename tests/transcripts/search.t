# search.t -- SEARCH, RECOMMEND and UNDERSTAND with every option, used rightly and wrongly.
$ start seed=7
> PUT music artist:t {"kind":"artist","name":"Taylor Swift","popularity":100}
< +OK
> PUT music track:1 {"kind":"track","name":"Love Story","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":80,"genres":["country","pop"],"release_date":"2008-09-15"}
< +OK
> PUT music track:2 {"kind":"track","name":"Lover","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":90,"genres":["pop"],"release_date":"2019-08-16"}
< +OK
> PUT music track:3 {"kind":"track","name":"Love Me Do","popularity":70,"genres":["rock"],"release_date":"1962-10-05"}
< +OK
# ---- a page, and further pages of the same decision, at once
> SEARCH music love POLICY fixed LIMIT 1
< {"decision":"<d>","took_us":...,"generation":1,"candidates":3,"hits":[{"id":"track:1","score":...,"from":{"all_fields":1,"fuzzy":1},"doc":{"kind":"track","name":"Love Story",...}}]}
> SEARCH music love FROM <d> OFFSET 1 LIMIT 1
< {"decision":"<d>",...,"candidates":3,"hits":[{"id":"track:3",...}]}
> SEARCH music love FROM <d> OFFSET 2
< {"decision":"<d>",...,"candidates":3,"hits":[{"id":"track:2",...}]}
> SEARCH music love FROM <d> OFFSET 3
< {"decision":"<d>",...,"hits":[]}
> SEARCH music love FROM <d> WHERE "popularity < 75"
< {"decision":"<d>",...,"candidates":1,"hits":[{"id":"track:3",...}]}
> SEARCH music lover FROM <d>
< -ARG FROM: that decision answered "love" in music
> SEARCH music love FROM x
< -SYNTAX FROM: 'x' is not a decision: 16 hex digits expected
> SEARCH music love FROM 0000000000000000
< -NOTFOUND no decision 0000000000000000 in the log
> SEARCH music love FROM 00000000000fffff
< -NOTFOUND no decision 00000000000fffff in the log
# ---- LIMIT and OFFSET
> SEARCH music love LIMIT 1000 OFFSET 10000
< {...,"hits":[]}
> SEARCH music love POLICY fixed OFFSET 1 LIMIT 1
< {...,"hits":[{"id":"track:3",...}]}
> SEARCH music love LIMIT
< -SYNTAX LIMIT: its value is missing
> SEARCH music love LIMIT 0
< -ARG LIMIT: expected a whole number from 1 to 1000, found '0'
> SEARCH music love LIMIT 1001
< -ARG LIMIT: expected a whole number from 1 to 1000, found '1001'
> SEARCH music love LIMIT 1.5
< -ARG LIMIT: expected a whole number from 1 to 1000, found '1.5'
> SEARCH music love LIMIT " 1"
< -ARG LIMIT: expected a whole number from 1 to 1000, found ' 1'
> SEARCH music love LIMIT 99999999999999999999
< -ARG LIMIT: expected a whole number from 1 to 1000, found '99999999999999999999'
> SEARCH music love OFFSET 10001
< -ARG OFFSET: expected a whole number from 0 to 10000, found '10001'
> SEARCH music love OFFSET -1
< -ARG OFFSET: expected a whole number from 0 to 10000, found '-1'
# ---- DEPTH
> SEARCH music love DEPTH all_fields=5,memory=0 SEED 1
< {"decision":"<g>","took_us":...,"generation":1,"candidates":2,"hits":[{"id":"track:1","score":...,"from":{"all_fields":1},...},...]}
> DECISION <g>
< {...,"policy":"given",...,"propensity":1,...,"strategies":{"all_fields":{"depth":5,"found":2,"p":1,"levels":[0,1,0,0,0,0,0]},...,"fuzzy":{"depth":0,"found":0,"p":1,"levels":[1,0,0,0,0,0,0]},...},...}
> SEARCH music love FROM <g> OFFSET 1 LIMIT 1
< {"decision":"<g>",...,"candidates":2,"hits":[{"id":...,"score":...,"from":{"all_fields":2},...}]}
> SEARCH music love DEPTH exact_title=160 NOLOG EXPLAIN
< {"decision":null,...,"candidates":0,"hits":[],"explain":{...,"policy":"given",...,"exact_title":{...,"depth":40,"found":0,...}...}...}
> SEARCH music love DEPTH
< -SYNTAX DEPTH: its value is missing
> SEARCH music love DEPTH ,
< -ARG DEPTH: expected names with commas between them
> SEARCH music love DEPTH fuzzy
< -SYNTAX DEPTH: expected strategy=depth, found 'fuzzy'
> SEARCH music love DEPTH fuzy=5
< -ARG DEPTH: no strategy 'fuzy'; did you mean 'fuzzy'?
> SEARCH music love DEPTH fuzzy=7
< -ARG DEPTH: fuzzy=7: expected one of the levels, 0, 5, 10, 20, 40, 80, 160
> SEARCH music love DEPTH fuzzy=
< -ARG DEPTH: fuzzy=: expected one of the levels, 0, 5, 10, 20, 40, 80, 160
> SEARCH music love DEPTH fuzzy=0x5
< -ARG DEPTH: fuzzy=0x5: expected one of the levels, 0, 5, 10, 20, 40, 80, 160
# ---- CONTEXT
> SEARCH music love CONTEXT {"user":"u7","page":"home"} LIMIT 1
< {"decision":"<c>",...}
> DECISION <c>
< {...,"context":{"user":"u7","page":"home"},...}
> SEARCH music love CONTEXT {"user":null} NOLOG LIMIT 1
< {"decision":null,...}
> SEARCH music love CONTEXT "{"
< -SYNTAX CONTEXT: JSON line 1 column 1: ...
> SEARCH music love CONTEXT [1]
< -ARG CONTEXT: expected a JSON object
> SEARCH music love CONTEXT {"user":7}
< -ARG CONTEXT: "user" is not a string
> SEARCH music love CONTEXT {"utc_offset":"+1"}
< -ARG CONTEXT: "utc_offset" is not a number of minutes, -840 to 840
> SEARCH music love CONTEXT {"utc_offset":841}
< -ARG CONTEXT: "utc_offset" is not a number of minutes, -840 to 840
> SEARCH music love LIMIT 1 CONTEXT {"utc_offset":-570} NOLOG
< {"decision":null,...}
> SEARCH music love CONTEXT {"a":"{x*16384}"}
< -LIMIT CONTEXT: 16392 bytes, limit 16384
# ---- WHERE
> SEARCH music love POLICY fixed FIELDS name WHERE "kind = track AND genre = pop AND released >= 2010-01-01"
< {...,"candidates":1,"hits":[{"id":"track:2",...,"doc":{"name":"Lover"}}]}
> SEARCH music love POLICY fixed FIELDS name WHERE "id IN (track:3, track:9) OR popularity 85..95"
< {...,"candidates":2,"hits":[{"id":"track:3",...},{"id":"track:2",...}]}
> SEARCH music love WHERE "popularity >"
< -SYNTAX WHERE: column 13: the filter ends, expected a value
> SEARCH music love WHERE "popularty > 3"
< -ARG WHERE: column 1: no field 'popularty'; did you mean 'popularity'?...
> SEARCH music love WHERE "popularity > many"
< -SYNTAX WHERE: column 14: found "many", expected a number for popularity
> SEARCH music love WHERE "{(*65}"
< -LIMIT WHERE: column 65: nested over 64 deep, limit 64
# ---- FIELDS and ONLY
> SEARCH music love POLICY fixed LIMIT 1 FIELDS name,nothing,popularity
< {...,"doc":{"name":"Love Story","popularity":80}}]}
> SEARCH music love FIELDS ,,
< -ARG FIELDS: expected names with commas between them
> SEARCH music love FIELDS {,*9}name LIMIT 1 POLICY fixed
< {...,"doc":{"name":"Love Story"}}]}
> SEARCH music love FIELDS a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,a
< -LIMIT FIELDS: over 64 names
> SEARCH music love POLICY fixed ONLY fuzzy,exact_title
< {...,"hits":[{"id":"track:1","score":...,"from":{"fuzzy":1},...},...]}
> SEARCH music love ONLY fuzy
< -ARG ONLY: no strategy 'fuzy'; did you mean 'fuzzy'?
> SEARCH music love ONLY ""
< -ARG ONLY: expected names with commas between them
# ---- POLICY and SEED
> SEARCH music love POLICY uniform SEED 18446744073709551615 LIMIT 1 EXPLAIN
< {...,"policy":"uniform","seed":"18446744073709551615",...}
> SEARCH music love POLICY pricde
< -NOTFOUND POLICY: no policy 'pricde'; did you mean 'priced'?
> SEARCH music love POLICY zzzzzzzz
< -NOTFOUND POLICY: no policy 'zzzzzzzz'; there are priced, epsilon, ...
> SEARCH music love SEED -1
< -ARG SEED: expected a whole number from 0 to 18446744073709551615, found '-1'
> SEARCH music love SEED 18446744073709551616
< -ARG SEED: expected a whole number from 0 to 18446744073709551615, found '18446744073709551616'
> SEARCH music love SEED ""
< -ARG SEED: expected a whole number from 0 to 18446744073709551615, found ''
# ---- RANKING
> SEARCH music love POLICY fixed/default LIMIT 1 EXPLAIN
< {...,"policy":"fixed",...,"ranking":{"default":{...,"rrf":1,...}}}}
> SEARCH music love POLICY fixed RANKING default+default LIMIT 1 EXPLAIN
< {"decision":"<ranked>",...,"hits":[{"id":"...","team":...}],...,"policy":"fixed+fixed",...,"ranking":{"default":{...}}}}
> DECISION <ranked>
< {...,"rankings":["default","default"],"policy":"fixed+fixed",...}
> SEARCH music love DEPTH all_fields=5 RANKING default LIMIT 1
< {"decision":"<given>",...}
> DECISION <given>
< {...,"rankings":["default"],"policy":"given",...}
> SEARCH music love RANKING defalt
< -NOTFOUND RANKING: no ranking 'defalt'; did you mean 'default'?
> SEARCH music love RANKING default+
< -ARG RANKING: a ranking's name of 1 to 32 letters is expected, found ''
> SEARCH music love POLICY priced+fixed RANKING default
< -ARG POLICY: RANKING goes with one policy, found 'priced+fixed'
> SEARCH music love POLICY priced/fresh
< -NOTFOUND POLICY: no ranking 'fresh'...
# ---- NOLOG and EXPLAIN
> SEARCH music love NOLOG LIMIT 1
< {"decision":null,...}
> SEARCH music "taylor love" EXPLAIN POLICY fixed LIMIT 1
< {"decision":"...","took_us":...,"generation":1,"candidates":...,"hits":[{"id":"...","score":...,"from":{...},"features":{...},"doc":{...}}],"explain":{"understood":{"query":"taylor love","interpretations":[{...}...]},"features":{...},"policy":"fixed","seed":"...","price":...,"expected":...,"price_us":0,"expected_us":...,"model":...,"strategies":{"all_fields":{"applies":true,"depth":...,"found":...,"took_us":...,"p":{...},"value":[...],"plan":{...}},...},"ranking":{"default":{...}}}}
> SEARCH music love EXPLAIN POLICY fixed LIMIT 1
< {...,"popular":{"applies":false}},"ranking":{"default":{...}}}}
# ---- the words
> SEARCH music
< -SYNTAX wrong number of words; usage: SEARCH coll query [LIMIT n] [OFFSET n] [CONTEXT json] [WHERE expr] [FIELDS a,b] [ONLY strategy,...] [DEPTH strategy=n,...] [POLICY name] [RANKING name] [SEED n] [NOLOG] [EXPLAIN] [FROM decision]
> SEARCH musik love
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> SEARCH music love LIMT 3
< -SYNTAX unexpected 'LIMT'; did you mean 'LIMIT'?
> SEARCH music love story
< -SYNTAX unexpected 'story'; a query of several words is quoted
> SEARCH music {q*4097}
< -LIMIT a query of 4097 bytes, limit 4096
> SEARCH music "a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 7"
< {...,"candidates":0,"hits":[]}
> UNDERSTAND music "a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 6 love story"
< {"query":"a b ...","left_out":2,"interpretations":[{"weight":1,"text":"a b c ... 5 6","slots":{}}]}
> SEARCH music "a b c d e f g h i j k l m n o p q r s t u v w x y z 1 2 3 4 5 love story" EXPLAIN POLICY fixed LIMIT 1
< {...,"hits":[{"id":"track:...],"explain":{"understood":{"query":"...","left_out":1,"interpretations":...}...}
> SEARCH music {q*4096}
< {...,"hits":[]}
> SEARCH music "\xff\xfe\x00love\xf0" POLICY fixed
< {"decision":"...",...}
> SEARCH music "" LIMIT 1
< {...,"hits":[{"id":"track:2","score":...,"from":{"popular":1},...}]}
# ---- RECOMMEND is a search without a query
> RECOMMEND music LIMIT 2 FIELDS name CONTEXT {"user":"u7"}
< {"decision":"<r>",...,"hits":[{"id":"track:2",...,"doc":{"name":"Lover"}},{"id":"track:1",...}]}
> RECOMMEND music FROM <r> OFFSET 2
< {"decision":"<r>",...,"hits":[{"id":"track:3",...}]}
> RECOMMEND music love
< -SYNTAX unexpected 'love'; a query of several words is quoted
> RECOMMEND
< -SYNTAX wrong number of words; usage: RECOMMEND coll [options as of SEARCH]
> RECOMMEND musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
# ---- UNDERSTAND
> UNDERSTAND music "taylor swift love"
< {"query":"taylor swift love","interpretations":[{"weight":...,"text":"{artist Taylor Swift} love","slots":{"artist":{"value":"Taylor Swift","entity":"artist:t"}}},...]}
> UNDERSTAND music ""
< {"query":"","interpretations":[{"weight":1,"text":"","slots":{}}]}
> UNDERSTAND music
< -SYNTAX wrong number of words; usage: UNDERSTAND coll query
> UNDERSTAND musik love
< -NOTFOUND no collection 'musik'; did you mean 'music'?
> UNDERSTAND music {q*4097}
< -LIMIT a query of 4097 bytes, limit 4096
# ---- what was counted
> INFO searching
< {"music":{"generation":1,"policy":"priced","drift":null,"searches":...,"failed":...,"unlogged":0,"mean_us":...}}
