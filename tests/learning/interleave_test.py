#!/usr/bin/env python3
"""interleave_test.py -- pages of two policies, or of two rankings, interleaved: what people
choose tells the better one, and nothing where they are the same."""
import json, os, random, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from plugin import compile
from session import Session, TOP, run_tests

SEARCHES = 1200
DEPTHS = [0, 5, 10, 20, 40, 80, 160]


def put_some(connection):
    """Titles are what is asked for; what is popular has nothing to do with it."""
    for i in range(400):
        connection.ask("PUT music track:%d %s" % (i, json.dumps(
            {"kind": "track", "name": "verse of w%d and w%d" % (i, i * 7 % 400), "popularity": i * 13 % 100})))


def live(connection, rng, count, policy=""):
    """People want a track whose title has their word, and play it where they see it."""
    teams, events = {1: 0, 2: 0}, []
    for i in range(count):
        wanted = rng.randrange(400)
        page = connection.json('SEARCH music "verse w%d" CONTEXT {"user":"u%d"}%s EXPLAIN FIELDS name LIMIT 10'
                               % (wanted, rng.randrange(150), policy))
        for place, hit in enumerate(page["hits"]):
            if hit["id"] == "track:%d" % wanted and rng.random() < 1 / (1 + 0.2 * place):
                events.append("FEEDBACK %s %s playlist" % (page["decision"], hit["id"]))
                if "team" in hit:
                    teams[hit["team"]] += 1
        if i % 20 == 19 or i == count - 1:  # many share a commit
            assert set(connection.pipeline(events)) <= {"+OK"}
            events = []
    return teams


def check_decision(connection):
    """Depths and probabilities of an interleaved page: the deeper of two independent draws."""
    search = "SEARCH music \"verse w7\" SEED %d NOLOG EXPLAIN POLICY %s"
    both = connection.json(search % (5, "uniform+fixed"))["explain"]["strategies"]
    alone = [connection.json(search % (5, name))["explain"]["strategies"] for name in ("uniform", "fixed")]
    compared = 0
    for arm, told in both.items():
        if "p" not in told:
            continue
        a, b = ([side[arm]["p"].get(str(depth), 0) for depth in DEPTHS] for side in alone)
        want, before = [], 0
        for level in range(len(DEPTHS)):
            upto = sum(a[:level + 1]) * sum(b[:level + 1])
            want.append(upto - before)
            before = upto
        got = [told["p"].get(str(depth), 0) for depth in DEPTHS]
        assert all(abs(x - y) < 1e-3 for x, y in zip(got, want)), (arm, got, want)
        assert told["depth"] == max(told["teams"]), told
        compared += 1
    assert compared > 2, both


def what_people_choose_tells_the_better_policy():
    with Session() as session:
        lazy = compile(session, "lazy", body="""
            dist[a][0] = 1;
            if (arm->cap && (!strcmp(arm->name, "all_fields") || !strcmp(arm->name, "exact_title")))
                dist[a][0] = dist[a][1] = 0.5;""")
        session.start(seed="9", window_ms="50", budget="30", publish_ms="0", plugins=lazy)
        connection, rng = session.connect(), random.Random(12)
        put_some(connection)
        check_decision(connection)
        # `lazy` asks a single strategy: every other time one that finds nothing
        assert connection.ask("POLICIES music SET lazy+fixed:0.5 fixed+fixed:0.5") == "+OK"
        teams = live(connection, rng, SEARCHES)
        told = connection.json("POLICIES music")["interleaved"]
        assert set(told) == {"lazy+fixed", "fixed+fixed"}, told
        better = told["lazy+fixed"]
        assert better["says"] == "the second is better" and better["sign_test"] < 1e-6, better
        assert 0.15 < better["preference"] < 0.4 and better["plus_minus"] < 0.15, better
        assert better["reward_second"] > 1.5 * better["reward_first"] > 0, better
        assert sum(pair["first"] + pair["second"] + pair["ties"] for pair in told.values()) == sum(teams.values())
        same = told["fixed+fixed"]
        assert same["says"] == "no difference shown" or same["sign_test"] > 0.01, same
        assert abs(same["preference"] - 0.5) < 0.1 and same["plus_minus"] < 0.15, same
        # pages of two policies are left out of the judging; and they go on as they were
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= SEARCHES, what="windows")
        judged = connection.json("EVALUATE music fixed")
        assert judged["interleaved"] == better["decisions"] > 0, judged
        assert judged["decisions"] == same["decisions"] > 0, judged
        page = connection.json('SEARCH music "verse w3" EXPLAIN LIMIT 20')
        further = connection.json('SEARCH music "verse w3" FROM %s EXPLAIN OFFSET 4 LIMIT 5' % page["decision"])
        assert [(hit["id"], hit["team"]) for hit in further["hits"]] == \
            [(hit["id"], hit["team"]) for hit in page["hits"][4:9]], (page, further)
        session.kill()
        session.restart()
        assert session.connect().json("POLICIES music")["interleaved"]["fixed+fixed"]["first"] == same["first"]


def check_rankings(connection):
    """Two rankings of the same candidates, each in the order it would have alone."""
    search = "SEARCH music \"verse w7\" DEPTH all_fields=80 SEED 5 NOLOG EXPLAIN LIMIT 20 RANKING "
    both = connection.json(search + "default+popular")
    assert list(both["explain"]["ranking"]) == ["default", "popular"], both["explain"]["ranking"]
    assert both["explain"]["ranking"]["popular"] == {"quality": 1}, both["explain"]["ranking"]
    teams = {1: [], 2: []}
    for hit in both["hits"]:
        teams[hit["team"]].append(hit)
    for team, name in ((1, "default"), (2, "popular")):
        alone = connection.json(search + name)
        assert alone["candidates"] == both["candidates"] and list(alone["explain"]["ranking"]) == [name]
        places = {hit["id"]: place for place, hit in enumerate(alone["hits"])}
        scores = {hit["id"]: hit["score"] for hit in alone["hits"]}
        order = [places[hit["id"]] for hit in teams[team] if hit["id"] in places]
        assert len(order) > 2 and order == sorted(order), (name, order)
        assert all(scores.get(hit["id"], hit["score"]) == hit["score"] for hit in teams[team]), name


def what_people_choose_tells_the_better_ranking():
    with Session() as session:
        scripts = session.path("scripts")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        rankings = os.path.join(scripts, "music", "ranking")
        shutil.copy(os.path.join(rankings, "default.lua"), os.path.join(rankings, "same.lua"))
        with open(os.path.join(rankings, "popular.lua"), "w") as file:
            file.write("return ranking { weights = { quality = 1 } }\n")
        session.start(seed="9", window_ms="50", budget="30", publish_ms="0", scripts=scripts)
        connection, rng = session.connect(), random.Random(12)
        put_some(connection)
        check_rankings(connection)
        assert connection.ask("POLICIES music SET uniform/popular+uniform:0.4 uniform+uniform/same:0.4 uniform/same:0.2") == "+OK"
        teams = live(connection, rng, 2 * SEARCHES)
        told = connection.json("POLICIES music")
        pairs = told["interleaved"]
        assert set(pairs) == {"uniform/popular+uniform", "uniform+uniform/same"}, told
        better = pairs["uniform/popular+uniform"]
        assert better["says"] == "the second is better" and better["sign_test"] < 1e-6, better
        assert better["preference"] < 0.4 and better["reward_second"] > 1.5 * better["reward_first"] > 0, better
        same = pairs["uniform+uniform/same"]
        assert same["says"] == "no difference shown" or same["sign_test"] > 0.01, same
        assert abs(same["preference"] - 0.5) < 0.1 and same["plus_minus"] < 0.15, same
        assert sum(pair["first"] + pair["second"] + pair["ties"] for pair in pairs.values()) == sum(teams.values())
        alone = told["policies"]["uniform/same"]
        assert sum(told["policies"][name]["decisions"] for name in told["policies"]) == 2 * SEARCHES
        assert alone["decisions"] > 0 and alone["reward_per_search"] > 0, told
        # the rankings order what one policy drew: all of it judges that policy, with weights of 1
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= 2 * SEARCHES, what="windows")
        judged = connection.json("EVALUATE music uniform")
        assert judged["decisions"] == 2 * SEARCHES and judged["interleaved"] == 0, judged
        assert abs(judged["weights"]["mean"] - 1) < 1e-6, judged
        assert abs(judged["estimates"]["ips"]["value"] - judged["estimates"]["logged"]["value"]) < 1e-6, judged
        page = connection.json('SEARCH music "verse w3" POLICY uniform+uniform/popular EXPLAIN LIMIT 20')
        logged = connection.json("DECISION " + page["decision"])
        assert logged["rankings"] == ["default", "popular"] and logged["policy"] == "uniform+uniform/popular", logged
        assert [hit["team"] for hit in logged["hits"]] == [hit["team"] for hit in page["hits"]]
        # and a page goes on as it was, also over a restart
        session.kill()
        session.restart()
        connection = session.connect()
        further = connection.json('SEARCH music "verse w3" FROM %s EXPLAIN OFFSET 4 LIMIT 5' % page["decision"])
        assert [(hit["id"], hit["team"]) for hit in further["hits"]] == \
            [(hit["id"], hit["team"]) for hit in page["hits"][4:9]], (page, further)
        told = connection.json("POLICIES music")
        assert told["interleaved"]["uniform+uniform/same"]["first"] == same["first"], told
        # a ranking that goes takes its split with it, in words
        os.unlink(os.path.join(rankings, "same.lua"))
        session.wait(lambda: connection.json("SCRIPTS LIST music")["generation"] == 2, what="generation 2")
        told = connection.json("POLICIES music")
        assert told["split"] == "priced" and "no ranking 'same'" in told["error"], told
        assert connection.json("SEARCH music verse EXPLAIN")["explain"]["policy"] == "priced"


sys.exit(run_tests("interleave", [what_people_choose_tells_the_better_policy,
                                  what_people_choose_tells_the_better_ranking]))
