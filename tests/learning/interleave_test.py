#!/usr/bin/env python3
"""interleave_test.py -- pages of two policies interleaved: what people choose tells the better
one, and nothing where they are the same."""
import json, os, random, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from plugin import compile
from session import Session, run_tests

SEARCHES = 1200
DEPTHS = [0, 5, 10, 20, 40, 80, 160]


def put_some(connection):
    """Titles are what is asked for; what is popular has nothing to do with it."""
    for i in range(400):
        connection.ask("PUT music track:%d %s" % (i, json.dumps(
            {"kind": "track", "name": "song of w%d and w%d" % (i, i * 7 % 400), "popularity": i * 13 % 100})))


def live(connection, rng, count, policy=""):
    """People want a track whose title has their word, and play it where they see it."""
    teams = {1: 0, 2: 0}
    for _ in range(count):
        wanted = rng.randrange(400)
        page = connection.json('SEARCH music "song w%d" CONTEXT {"user":"u%d"}%s EXPLAIN FIELDS name LIMIT 10'
                               % (wanted, rng.randrange(150), policy))
        for place, hit in enumerate(page["hits"]):
            if hit["id"] == "track:%d" % wanted and rng.random() < 1 / (1 + 0.2 * place):
                assert connection.ask("FEEDBACK %s %s playlist" % (page["decision"], hit["id"])) == "+OK"
                teams[hit["team"]] += 1
    return teams


def check_decision(connection):
    """Depths and probabilities of an interleaved page: the deeper of two independent draws."""
    search = "SEARCH music \"song w7\" SEED %d NOLOG EXPLAIN POLICY %s"
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
        # its own pages are left out of the judging, and go on as they were
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= SEARCHES, what="windows")
        judged = connection.json("EVALUATE music fixed")
        assert judged["decisions"] == 0 and judged["interleaved"] == SEARCHES, judged
        page = connection.json('SEARCH music "song w3" EXPLAIN LIMIT 20')
        further = connection.json('SEARCH music "song w3" FROM %s EXPLAIN OFFSET 4 LIMIT 5' % page["decision"])
        assert [(hit["id"], hit["team"]) for hit in further["hits"]] == \
            [(hit["id"], hit["team"]) for hit in page["hits"][4:9]], (page, further)
        session.kill()
        session.restart()
        assert session.connect().json("POLICIES music")["interleaved"]["fixed+fixed"]["first"] == same["first"]


sys.exit(run_tests("interleave", [what_people_choose_tells_the_better_policy]))
