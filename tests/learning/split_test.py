#!/usr/bin/env python3
"""split_test.py -- users shared out among policies: each keeps his, and the log tells what
every policy of the split would have earned from the decisions of all."""
import json, os, random, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, run_tests

USERS, SEARCHES = 200, 5
DEPTHS = [0, 5, 10, 20, 40, 80, 160]


def put_some(connection):
    words = ("love", "story", "blue", "night")
    for i in range(200):
        connection.ask("PUT music track:%d %s" % (i, json.dumps(
            {"kind": "track", "name": "%s %s %d" % (words[i % 4], words[i // 4 % 4], i), "popularity": i % 100})))


def shares_of(strategies):
    """The probabilities of an EXPLAIN's or a DECISION's arms, by strategy."""
    return {name: [arm["p"].get(str(depth), 0) for depth in DEPTHS] if "p" in arm else [1] + 6 * [0]
            for name, arm in strategies.items()}


def check_mixture(connection, search, logged, shares):
    """The probability of what was chosen over all of these, from what each says of it."""
    mixture = 0
    for name, share in shares.items():
        explain = connection.json(search + " NOLOG EXPLAIN POLICY " + name)["explain"]
        told, asked = shares_of(explain["strategies"]), 0
        product, together = share, explain["together"]
        for arm, chosen in logged["strategies"].items():
            level = max(l for l, p in enumerate(chosen["levels"]) if p == chosen["p"]) \
                if chosen["depth"] not in DEPTHS else DEPTHS.index(chosen["depth"])
            if not level:  # core/learn/joint.h
                product *= 1 - together * (1 - told[arm][0])
            else:
                product *= told[arm][level] * (together if asked else 1)
                asked += 1
        mixture += product
    assert abs(mixture - logged["mixture"]) < 1e-3 * logged["mixture"] + 1e-12, (
        mixture, logged["mixture"], logged["propensity"])


def each_keeps_his_policy_and_the_mixture_is_what_the_policies_say():
    with Session() as session:
        session.start(seed="3", window_ms="50", budget="60")
        connection, rng = session.connect(), random.Random(4)
        put_some(connection)
        assert connection.ask("POLICIES music SET uniform:0.7 fixed:0.3 SALT spring") == "+OK"
        policies, earned = {}, []
        for turn in range(SEARCHES):
            for user in range(USERS):
                search = 'SEARCH music "%s" CONTEXT {"user":"u%d"} FIELDS name' % (
                    rng.choice(("love", "story blue", "night")), user)
                page = connection.json(search)
                logged = connection.json("DECISION " + page["decision"])
                assert policies.setdefault(user, logged["policy"]) == logged["policy"], (user, logged)
                reward = bool(page["hits"]) and rng.random() < (0.5 if logged["policy"] == "fixed" else 0.3)
                if reward:
                    connection.ask("FEEDBACK %s %s playlist" % (page["decision"], page["hits"][0]["id"]))
                earned.append(reward)
                if turn or user % 10:
                    continue
                share = {"uniform": 0.7, "fixed": 0.3}
                assert logged["share"] == share[logged["policy"]], logged
                check_mixture(connection, search, logged, share)
        fixed = sum(policy == "fixed" for policy in policies.values())
        assert 40 < fixed < 82, fixed  # 60 expected, 6.5 the standard deviation
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= len(earned), what="windows")
        for policy in ("uniform", "fixed"):
            judged = connection.json("EVALUATE music " + policy)
            assert judged["decisions"] == len(earned) and judged["stale"] == 0, judged
            assert 0.8 < judged["weights"]["mean"] < 1.2, judged["weights"]
            assert judged["weights"]["largest"] <= 1 / 0.3 + 1e-9, judged["weights"]
            assert judged["weights"]["reach"] > 0.999, judged["weights"]
        told = connection.json("POLICIES music")["policies"]
        by_policy = {name: [reward for reward, user in zip(earned, list(range(USERS)) * SEARCHES)
                            if policies[user] == name] for name in share}
        for name, rewards in by_policy.items():
            assert told[name]["decisions"] == len(rewards), (name, told)
            mean = sum(rewards) / len(rewards)
            assert abs(told[name]["reward_per_search"] - mean) < 1e-4, (name, told, mean)
            assert 0.02 < told[name]["plus_minus"] < 0.15, told
            assert told[name]["candidates"] > 10 and told[name]["took_us"] > 0, told
        gain = told["fixed"]["reward_per_search"] - told["uniform"]["reward_per_search"]
        assert abs(told["fixed"]["gain"] - gain) < 2e-4 and told["uniform"]["gain"] is None, told
        assert told["fixed"]["gain"] > told["fixed"]["gain_plus_minus"] > 0, told  # 0.5 is more than 0.3
        assert connection.json("POLICIES music WINDOW hour")["policies"] == told
        # another split begins at nothing, and the first goes on where it was
        assert connection.ask("POLICIES music SET uniform:0.5 fixed:0.5 SALT spring") == "+OK"
        assert connection.json("POLICIES music")["policies"]["fixed"]["decisions"] == 0
        assert connection.ask("POLICIES music SET uniform:0.7 fixed:0.3 SALT spring") == "+OK"
        assert connection.json("POLICIES music")["policies"] == told
        # restarts change nobody's policy
        session.stop()
        session.restart()
        connection = session.connect()
        assert connection.json("POLICIES music")["policies"] == told
        for user in range(0, USERS, 20):
            page = connection.json('SEARCH music love CONTEXT {"user":"u%d"} NOLOG EXPLAIN' % user)
            assert page["explain"]["policy"] == policies[user], (user, page["explain"]["policy"])


def beside_an_interleaved_part_the_mixture_is_of_the_plain_ones():
    with Session() as session:
        session.start(seed="3", budget="60")
        connection = session.connect()
        put_some(connection)
        assert connection.ask("POLICIES music SET uniform:0.5 fixed:0.3 uniform+fixed:0.2") == "+OK"
        seen = {}
        for user in range(60):
            search = 'SEARCH music "love story" CONTEXT {"user":"u%d"} FIELDS name' % user
            logged = connection.json("DECISION " + connection.json(search)["decision"])
            seen[logged["policy"]] = seen.get(logged["policy"], 0) + 1
            if logged["policy"] == "uniform+fixed":
                assert logged["share"] == 0.2 and logged["mixture"] == logged["propensity"], logged
            else:
                assert logged["share"] == {"uniform": 0.5, "fixed": 0.3}[logged["policy"]], logged
                check_mixture(connection, search, logged, {"uniform": 0.5 / 0.8, "fixed": 0.3 / 0.8})
        assert len(seen) == 3 and seen["uniform"] > seen["uniform+fixed"], seen


def a_policy_that_is_gone_is_told_and_the_configured_one_serves():
    with Session() as session:
        from session import BUILD
        session.start(seed="3", plugins=os.path.join(BUILD, "plugins"))
        connection = session.connect()
        assert connection.ask("POLICIES music SET rates:0.5 fixed:0.5") == "+OK"
        session.stop()
        session.restart(plugins="none")
        connection = session.connect()
        told = connection.json("POLICIES music")
        assert told["set"] and told["split"] == "priced" and told["error"].startswith("no policy 'rates'; there are priced, "), told
        assert connection.json("SEARCH music love EXPLAIN")["explain"]["policy"] == "priced"
        session.stop()
        session.restart(plugins=os.path.join(BUILD, "plugins"))
        assert session.connect().json("POLICIES music")["split"] == "rates:0.5 fixed:0.5"


sys.exit(run_tests("split", [
    each_keeps_his_policy_and_the_mixture_is_what_the_policies_say,
    beside_an_interleaved_part_the_mixture_is_of_the_plain_ones,
    a_policy_that_is_gone_is_told_and_the_configured_one_serves,
]))
