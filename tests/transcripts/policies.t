# policies.t -- POLICIES: how the users are shared out among policies.
$ start seed=7 publish_ms=0 policy=priced:0.75,uniform:0.25
> PUT music track:1 {"kind":"track","name":"Love Story","popularity":80}
< +OK
> POLICIES music
< {"split":"priced:0.75 uniform:0.25","salt":"","set":false,"error":null,"policies":{"priced":{"share":0.75,...},"uniform":{"share":0.25,...}},"interleaved":{}}
> INFO searching
< {"music":{"generation":1,"policy":"priced:0.75 uniform:0.25",...}}
> POLICIES music SET epsilon:0.5 fixed:0.5 SALT first
< +OK
> POLICIES music
< {"split":"epsilon:0.5 fixed:0.5","salt":"first","set":true,"error":null,"policies":{"epsilon":{"share":0.5,...},"fixed":{"share":0.5,...}},"interleaved":{}}
# a user keeps his policy, another may have the other; the log has both probabilities
> SEARCH music love CONTEXT {"user":"bob"} EXPLAIN
< {"decision":"<a>",...,"explain":{...,"policy":"epsilon",...}}
> SEARCH music love CONTEXT {"user":"bob"} EXPLAIN
< {...,"explain":{...,"policy":"epsilon",...}}
> SEARCH music love CONTEXT {"user":"ada"} EXPLAIN
< {"decision":"<e>",...,"explain":{...,"policy":"fixed",...}}
> DECISION <a>
< {...,"policy":"epsilon","share":0.5,...,"propensity":...,"mixture":...}
# who names a policy gets that one, and is not of the split
> SEARCH music love CONTEXT {"user":"bob"} POLICY uniform
< {"decision":"<o>",...}
> DECISION <o>
< {...,"policy":"uniform","share":1,...}
# over a kill
$ kill
> POLICIES music
< {"split":"epsilon:0.5 fixed:0.5","salt":"first","set":true,...}
> SEARCH music love CONTEXT {"user":"ada"} EXPLAIN
< {...,"explain":{...,"policy":"fixed",...}}
> POLICIES music UNSET
< +OK
> policies music
< {"split":"priced:0.75 uniform:0.25","salt":"","set":false,...}
> policies music set fixed
< +OK
> POLICIES music
< {"split":"fixed","salt":"","set":true,"error":null,"policies":{"fixed":{"share":1,...}},"interleaved":{}}
# ---- two policies on one page: whose hits people choose
> PUT music track:2 {"kind":"track","name":"Love","popularity":50}
< +OK
> POLICIES music SET fixed+uniform
< +OK
> SEARCH music love SEED 1 EXPLAIN
< {"decision":"<p>",...,"hits":[{"id":"<h>","team":...},...],"explain":{...,"policy":"fixed+uniform",...,"strategies":{"all_fields":{"applies":true,"depth":...,"teams":[...,...],...},...}}}
> DECISION <p>
< {...,"policy":"fixed+uniform","share":1,...,"strategies":{"all_fields":{"depth":...,"found":2,"teams":[...],...},...},"hits":[{"id":"<h>","rank":1,"team":...},...],...}
> FEEDBACK <p> <h> like
< +OK
> POLICIES music
< {"split":"fixed+uniform",...,"policies":{"fixed+uniform":{"share":1,"decisions":1,"reward_per_search":0.8,...}},"interleaved":{"fixed+uniform":{"decisions":1,"first":...,"second":...,"ties":0,"preference":...,"plus_minus":null,"sign_test":1,...,"says":"no difference shown"}}}
# a further page goes on with the same draft
> SEARCH music love FROM <p> OFFSET 1 LIMIT 1 EXPLAIN
< {"decision":"<p>",...,"hits":[{"id":...,"team":...}],...}
# for one search
> SEARCH music love POLICY fixed+fixed EXPLAIN
< {...,"explain":{...,"policy":"fixed+fixed",...}}
> EVALUATE music fixed
< {"policy":"fixed",...,"interleaved":...,"failed":0,...}
# ---- wrong
> SEARCH music love POLICY fixed+
< -SYNTAX POLICY: policies are expected as 'name', 'name:share ...', 'name+name:share' or 'name/ranking', found 'fixed+'
> SEARCH music love POLICY fixed+fixd
< -NOTFOUND POLICY: no policy 'fixd'; did you mean 'fixed'?
> POLICIES music SET
< -SYNTAX wrong number of words; usage: POLICIES coll [WINDOW hour|day|week|all | SET name:share ... [SALT word] | UNSET]
> POLICIES music UNSET fixed
< -SYNTAX wrong number of words; usage: POLICIES coll [WINDOW hour|day|week|all | SET name:share ... [SALT word] | UNSET]
> POLICIES music USE fixed
< -SYNTAX unexpected 'USE'; there are WINDOW, SET, UNSET
> POLICIES music SET fixed/new
< -NOTFOUND no ranking 'new'...
> POLICIES music SET fixd
< -NOTFOUND no policy 'fixd'; did you mean 'fixed'?
> POLICIES music SET fixed:0.5 uniform:0.4
< -ARG the shares sum to 0.9, expected 1
> POLICIES music SET fixed:0.5 fixed:0.5
< -EXISTS policy fixed is there twice
> POLICIES music SET fixed SALT
< -SYNTAX SALT: one word is expected after it, the last
> POLICIES music SET SALT x
< -SYNTAX a policy is expected, found nothing
> POLICIES musik
< -NOTFOUND no collection 'musik'; did you mean 'music'?
