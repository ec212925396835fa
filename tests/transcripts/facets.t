# facets.t -- FACETS, SORT and HIGHLIGHT: what speaks of all that matches, and marks.
$ start seed=7
> PUT music artist:t {"kind":"artist","name":"Taylor Swift","popularity":100,"genres":["Pop"]}
< +OK
> PUT music track:1 {"kind":"track","name":"Love Story","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":80,"genres":["Country","Pop"],"release_date":"2008-09-15"}
< +OK
> PUT music track:2 {"kind":"track","name":"Lover","artists":["Taylor Swift"],"artist_ids":["t"],"popularity":90,"genres":["pop"],"release_date":"2019-08-16"}
< +OK
> PUT music track:3 {"kind":"track","name":"Love Me Do","artists":["The Beatles"],"popularity":70,"genres":["rock"],"release_date":"1962-10-05"}
< +OK
> PUT music track:4 {"kind":"track","name":"Silence","genres":["rock"]}
< +OK
# ---- FACETS: of all that the strategies' matches have, the commonest first
> SEARCH music love ONLY all_fields,fuzzy POLICY fixed LIMIT 1 FACETS genre,kind,released:year,popularity:20
< {"decision":"<d>",...,"candidates":3,"matched":{"count":3,"complete":true,"by":["all_fields","fuzzy"]},"facets":{"genre":[{"value":"Pop","count":2},{"value":"Country","count":1},{"value":"rock","count":1}],"kind":[{"value":"track","count":3}],"released":[{"value":"1962","count":1},{"value":"2008","count":1},{"value":"2019","count":1}],"popularity":[{"from":60,"to":80,"count":1},{"from":80,"to":100,"count":2}]},"hits":[{"id":"track:1",...}]}
> SEARCH music love FROM <d> OFFSET 1 LIMIT 1 ONLY all_fields,fuzzy FACETS genre:1
< {"decision":"<d>",...,"facets":{"genre":[{"value":"Pop","count":2}]},"hits":[{"id":"track:3",...}]}
> SEARCH music love ONLY all_fields FACETS artist_id,popularity:100:1,released:month:2 WHERE "genre = pop" NOLOG
< {...,"matched":{"count":1,"complete":true,"by":["all_fields"]},"facets":{"artist_id":[{"value":"artist:t","count":1}],"popularity":[{"from":0,"to":100,"count":1}],"released":[{"value":"2008-09","count":1}]},...}
# whose matches they are does not depend on who was asked, and MATCHING says whose
> SEARCH music "taylor swift" FACETS kind MATCHING all_fields
< {...,"matched":{"count":3,"complete":true,"by":["all_fields"]},"facets":{"kind":[{"value":"track","count":2},{"value":"artist","count":1}]},...}
> SEARCH music love FACETS kind MATCHING exact_title
< {...,"matched":{"count":...,"complete":true,"by":["exact_title"]},...}
# nothing that is counted: no match, a plan without one has everything
> SEARCH music zzzz FACETS genre ONLY all_fields
< {...,"matched":{"count":0,"complete":true,"by":["all_fields"]},"facets":{"genre":[]},"hits":[]}
> RECOMMEND music FACETS kind,genre:1 LIMIT 1
< {...,"matched":{"count":4,"complete":true,"by":["popular"]},"facets":{"kind":[{"value":"track","count":4}],"genre":[{"value":"Pop","count":2}]},...}
> SEARCH music love FACETS gnre
< -ARG FACETS: no field 'gnre'; did you mean 'genre'?...
> SEARCH music love FACETS name
< -ARG FACETS: field name is text; what is counted are tags, refs, numbers, dates and kind
> SEARCH music love FACETS genre:0
< -ARG FACETS: genre: found "0", expected how many values, 1 to 1000
> SEARCH music love FACETS released:moth
< -ARG FACETS: released: no step 'moth'; did you mean 'month'?
> SEARCH music love FACETS popularity:-1
< -ARG FACETS: popularity: found "-1", expected the width of a step, above 0
> SEARCH music love FACETS ,
< -ARG FACETS: expected names with commas between them
> SEARCH music love FACETS kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind,kind
< -LIMIT FACETS: 17 of them, limit 16
> SEARCH music love FACETS kind MATCHING all_feilds
< -ARG MATCHING: no strategy 'all_feilds'; did you mean 'all_fields'?
> SEARCH music love FACETS kind ONLY fuzzy MATCHING all_fields
< -ARG MATCHING: ONLY leaves "all_fields" out
> SEARCH music love MATCHING all_fields
< -ARG MATCHING goes with FACETS or SORT
# ---- SORT: all that matches by a column; nobody is asked, so it is no decision
> SEARCH music love ONLY all_fields,fuzzy SORT popularity FIELDS name
< {"decision":null,...,"candidates":0,"matched":{"count":3,...},"hits":[{"id":"track:3","score":null,"from":{},"doc":{"name":"Love Me Do"}},{"id":"track:1",...},{"id":"track:2",...}]}
> SEARCH music love ONLY fuzzy SORT released DESC LIMIT 2
< {...,"hits":[{"id":"track:2",...},{"id":"track:1",...}]}
> SEARCH music love ONLY fuzzy SORT released DESC LIMIT 2 OFFSET 2
< {...,"hits":[{"id":"track:3",...}]}
> SEARCH music love ONLY fuzzy SORT released ASC LIMIT 1 OFFSET 7
< {...,"hits":[]}
# who has no value comes last, either way; equals by what is known best
> RECOMMEND music SORT released
< {...,"hits":[{"id":"track:3",...},{"id":"track:1",...},{"id":"track:2",...},{"id":"track:4",...}]}
> RECOMMEND music SORT released DESC
< {...,"hits":[{"id":"track:2",...},{"id":"track:1",...},{"id":"track:3",...},{"id":"track:4",...}]}
> RECOMMEND music SORT playlists SORT popularity LIMIT 1 FACETS kind
< {...,"facets":{"kind":[{"value":"track","count":4}]},"hits":[{"id":"track:3",...}]}
> RECOMMEND music SORT playlists LIMIT 1 EXPLAIN
< {...,"hits":[{"id":"track:2","score":null,"from":{},"features":{},"doc":{...}}],"explain":{...,"policy":null,...,"strategies":{...,"popular":{"applies":true,"depth":0,"found":0,"took_us":0,"plan":{...}}},...}}
> SEARCH music love SORT poplarity
< -ARG SORT: no field 'poplarity'; did you mean 'popularity'?...
> SEARCH music love SORT genre
< -ARG SORT: field genre is neither a number nor a date
> SEARCH music love SORT popularity DSC
< -SYNTAX unexpected 'DSC'...
> SEARCH music love SORT popularity FROM <d>
< -ARG SORT: a sorted page is no decision's; its OFFSET needs no FROM
> SEARCH music love SORT
< -SYNTAX SORT: its value is missing
> SEARCH music love SORT popularity SORT popularity SORT popularity SORT popularity SORT popularity
< -LIMIT SORT: over 4 of them
# ---- HIGHLIGHT: words as they stand in the text, of the strategies that brought the hit
> SEARCH music "tayler love" ONLY all_fields POLICY fixed LIMIT 1 HIGHLIGHT name,artist
< {...,"hits":[{"id":"track:1",...,"highlights":{"name":["<em>Love</em> Story"],"artist":["<em>Taylor</em> <em>Swift</em>"]},"doc":{...}}]}
> SEARCH music lover ONLY fuzzy POLICY fixed FIELDS name HIGHLIGHT name MARKS ** **
< {...,"hits":[{"id":"track:2",...,"highlights":{"name":["**Lover**"]},"doc":{"name":"Lover"}},{"id":"track:1",...,"highlights":{"name":["**Love** Story"]},...},{"id":"track:3",...,"highlights":{"name":["**Love** Me Do"]},...}]}
> SEARCH music lover ONLY all_fields,fuzzy SORT popularity LIMIT 1 HIGHLIGHT name,album
< {...,"hits":[{"id":"track:3",...,"highlights":{"name":["<em>Love</em> Me Do"]},"doc":{...}}]}
# the text is as it was put, unless HTML
> PUT music track:5 {"kind":"track","name":"<i>Heart</i> & \"Soul\""}
< +OK
> SEARCH music heart ONLY all_fields HIGHLIGHT name POLICY fixed
< {...,"highlights":{"name":["<i><em>Heart</em></i> & \"Soul\""]},...}
> SEARCH music heart ONLY all_fields HIGHLIGHT name HTML MARKS "<b class=hit>" </b> POLICY fixed
< {...,"highlights":{"name":["&lt;i&gt;<b class=hit>Heart</b>&lt;/i&gt; &amp; &quot;Soul&quot;"]},...}
> SEARCH music love HIGHLIGHT nme
< -ARG HIGHLIGHT: no field 'nme'; did you mean 'name'?...
> SEARCH music love HIGHLIGHT genre
< -ARG HIGHLIGHT: field genre is not text
> SEARCH music love MARKS < >
< -ARG MARKS goes with HIGHLIGHT
> SEARCH music love HIGHLIGHT name MARKS <b>
< -SYNTAX MARKS: expected two words, what stands before a mark and behind it
> SEARCH music love HTML
< -ARG HTML goes with HIGHLIGHT
> SEARCH music love HIGHLIGHT name MARKS {x*65} b
< -LIMIT MARKS: over 64 bytes
