#!/usr/bin/env python3
"""simulate_test.py -- `toller simulate` in a world of which all is known.

Half of the queries want what `left` has in the fourth place, the others what `right` has
there; a budget of five candidates pays for one of them.  So who knows the type of a query
serves everybody, the best for all queries alike serves half, and a policy that learns gets
from one to the other.  Under "flip" the two change places; `late` has everything on top.
"""
import csv, json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, Session, run_tests, write

STRATEGY = """
local function mine(q)
  if q.context.flip then return q.words[1] ~= "%s" end
  return q.words[1] == "%s"
end

return strategy {
  plan = function (q)
    local ids = { "junk1", "junk2", "junk3", "junk4", "junk5" }
    if mine(q) then ids[4] = "wanted" .. q.words[2] end
    return { ids = ids }
  end,
}
"""
LATE = 'return strategy { plan = function (q) return { ids = { "wanted" .. (q.words[2] or "") } } end }\n'
FEATURES = 'return features { left = flag(function (q) return q.words[1] == "left" end) }\n'
QUERIES = [("%s%d" % (side, i), "%s %d" % (side, i)) for side in ("left", "right") for i in range(20)]


def prepare(session, *lanes, late=False):
    for lane in lanes:
        write(session.path("conf/%s.conf" % lane), "field name text\n")
        for side in ("left", "right"):
            write(session.path("scripts/%s/strategies/%s.lua" % (lane, side)), STRATEGY % (side, side))
        if late:
            write(session.path("scripts/%s/strategies/late.lua" % lane), LATE)
        write(session.path("scripts/%s/features/query.lua" % lane), FEATURES)
        write(session.path("scripts/%s/rewards.lua" % lane), "return rewards { click = 1, window = minutes(2) }\n")
    write(session.path("queries.tsv"), "".join("%s\t%s\n" % q for q in QUERIES))
    write(session.path("qrels.tsv"), "".join("%s\twanted%s\t1\n" % (q, text.split()[1]) for q, text in QUERIES))
    write(session.path("types.tsv"), "".join("%s\t%s\n" % (q, text.split()[0]) for q, text in QUERIES))


def start(session, *lanes, **options):
    session.start(**{"collections": session.path("conf"), "scripts": session.path("scripts"),
                     "clock": "1767268800000", "publish_ms": "3600000", "budget": "5",
                     "levels": "0 2 5", "seed": "1", **options})
    connection = session.connect()
    for lane in lanes:
        for id in ["junk%d" % i for i in range(1, 6)] + ["wanted%d" % i for i in range(20)]:
            assert connection.ask('PUT %s %s {"name":"x"}' % (lane, id)) == "+OK"


def simulate(session, *words, status=0):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "simulate", *words],
                       capture_output=True, text=True, timeout=300)
    assert p.returncode == status, (p.returncode, p.stdout, p.stderr)
    return p.stderr if status else p.stdout


def files(session):
    return ["--queries", session.path("queries.tsv"), "--qrels", session.path("qrels.tsv"),
            "--types", session.path("types.tsv")]


def course(session, lane):
    """(searches, mean reward) of a lane's stretches."""
    with open(session.path("out.csv")) as file:
        return [(int(row["searches"]), float(row["reward"])) for row in csv.DictReader(file)
                if row["lane"] == lane]


def between(rows, low, high):
    rewards = [reward for at, reward in rows if low < at <= high]
    return sum(rewards) / len(rewards)


def who_learns_gets_from_the_best_for_all_to_the_best_by_type():
    with Session() as session:
        prepare(session, "learns", "does_not")
        redis = session.start_redis()
        start(session, "learns", "does_not", redis=redis)
        told = json.loads(simulate(
            session, "learns", "does_not:uniform", *files(session), "--searches", "1500", "--redis",
            redis, "--csv", session.path("out.csv"), "--svg", session.path("out.svg"), "--title",
            "a < b", "--delay", "5", "--json"))
        lanes = told["lanes"]
        assert told["searches"] == 1500 and told["queries"] == 40, told
        assert list(lanes) == ["learns", "uniform", "rrf", "static", "oracle"], lanes
        assert lanes["oracle"]["late"] == 1 and lanes["oracle"]["regret"] == 0, lanes
        assert abs(lanes["static"]["late"] - 0.5) < 0.06 and lanes["static"]["asked"] == 5, lanes
        assert lanes["learns"]["early"] < 0.8 and lanes["learns"]["late"] > 0.93, lanes
        assert lanes["uniform"]["late"] < 0.6 and lanes["rrf"]["late"] < 0.7, lanes
        assert lanes["learns"]["regret"] < lanes["uniform"]["regret"] / 2, lanes
        for name in ("learns", "uniform"):
            assert abs(lanes[name]["asked"] - 5) < 0.7, lanes
        rows = course(session, "learns")
        assert rows[-1][0] == 1500 and abs(between(rows, 1125, 1500) - lanes["learns"]["late"]) < 0.01
        svg = session.read("out.svg")
        assert svg.startswith("<svg") and svg.count("<polyline") == 10 and "a &#60; b" in svg
        table = simulate(session, "learns", *files(session), "--searches", "100", "--first", "1500")
        assert "oracle, left: left 5" in table and "oracle, right: right 5" in table, table
        # what was told came by Redis and every event was taken
        events = session.connect().json("INFO learning")["events"]
        assert events > 1000 and session.redis_ask("PING") == "+PONG"


def clicks_are_as_the_model_says():
    """Of a wanted one in the fourth place: the chance that it is reached."""
    reach = {"cascade": (1 - 0.3) ** 3, "dependent": (1 - 0.3 * 0.5) ** 3, "position": 4 ** -0.7}
    for model, chance in reach.items():
        with Session() as session:
            prepare(session, "x")
            start(session, "x")
            told = json.loads(simulate(session, "x", *files(session), "--searches", "400", "--clicks",
                                       model, "--noise", "0.3", "--json"))["lanes"]
            assert abs(told["oracle"]["late"] - chance) < 1e-6, (model, told)
            # served counts single people by their luck, reward expects it
            share = told["x"]["served"]
            assert abs(share - between_all(told)) < 0.1, (model, told)


def between_all(told):
    return (told["x"]["early"] + 3 * told["x"]["late"]) / 4


def after_a_flip_it_learns_anew_and_a_newcomer_is_found():
    with Session() as session:
        prepare(session, "x", late=True)
        start(session, "x")
        told = json.loads(simulate(
            session, "x", *files(session), "--searches", "4500", "--flip", "1500", "--arrive",
            "late@3500", "--csv", session.path("out.csv"), "--json"))["lanes"]
        rows = course(session, "x")
        before, shock = between(rows, 1000, 1500), between(rows, 1500, 1700)
        assert before > 0.93 and shock < 0.6, (before, shock)
        assert between(rows, 3000, 3500) > 0.9 * before, rows  # within 2,000 searches
        assert between(rows, 4000, 4500) > 0.97, rows
        static = course(session, "static")
        assert between(static, 0, 3490) < 0.6 and between(static, 3530, 4500) == 1, static
        assert told["oracle"]["late"] == 1


def decisions(connection, numbers):
    """All that is known of them but the number itself: a daemon that was killed goes on with
    others."""
    out = [json.loads(answer) for answer in
           connection.pipeline("DECISION %016x" % number for number in numbers)]
    for answer in out:
        del answer["decision"]
    return out


def last(connection):
    return int(connection.json("SEARCH x 'left 1'")["decision"], 16)


def a_kill_in_the_middle_changes_not_one_decision():
    with Session() as whole, Session() as halves:
        for session in (whole, halves):
            prepare(session, "x")
            start(session, "x")
        words = ["x", *files(whole), "--delay", "0", "--tries", "0", "--csv"]
        simulate(whole, *words, whole.path("out.csv"), "--searches", "1000")
        simulate(halves, *words, halves.path("out.csv"), "--searches", "500")
        clock = halves.connect().ask("CONFIG GET clock")
        halves.kill()
        halves.restart(clock=json.loads(clock)["clock"])
        simulate(halves, *words, halves.path("out.csv"), "--searches", "500", "--first", "500")
        one, two = whole.connect(), halves.connect()
        end = last(two)
        for number, (a, b) in enumerate(zip(decisions(one, range(1, 1001)), decisions(
                two, [*range(1, 501), *range(end - 500, end)]))):
            assert a == b, (number, a, b)
        assert [row for row in course(whole, "x") if row[0] > 500] == \
            [row for row in course(halves, "x") if row[0] > 500]


def what_is_wrong_is_said():
    with Session() as session:
        prepare(session, "x")
        start(session, "x")
        for words, status, said in (
                ([], 2, "expected LANE"),
                (["x"], 2, "expected LANE"),
                (["x", *files(session), "--searches", "0"], 2, "--searches '0'"),
                (["x", *files(session), "--searches"], 2, "needs a value"),
                (["x", *files(session), "--nonsense", "1"], 2, "--nonsense is unknown"),
                (["x", *files(session), "--clicks", "all"], 2, "--clicks 'all'"),
                (["x", *files(session), "--noise", "2"], 2, "--noise '2'"),
                (["x", *files(session), "--arrive", "late"], 2, "expected STRATEGY@SEARCH"),
                (["x", *files(session), "--arrive", "late@10"], 1, "no strategy 'late'"),
                (["y", *files(session)], 1, "y"),
                (["x:lints", "x:pricy", *files(session), "--tries", "0"], 1, "pricy"),
                (["x", "--queries", session.path("none"), "--qrels", "x"], 2, "none"),
                (["x", *files(session), "--svg", session.path("no/such.svg"), "--searches", "10"], 2,
                 "such.svg")):
            error = simulate(session, *words, status=status)
            assert said in error, (words, error)
        write(session.path("types.tsv"), "left0\tleft\tmany\n")
        assert "types.tsv:1: weight 'many'" in simulate(session, "x", *files(session), status=2)
        write(session.path("types.tsv"), "left0\tleft\t1\t[1]\n")
        assert "types.tsv:1: the context is no JSON object" in \
            simulate(session, "x", *files(session), status=2)


sys.exit(run_tests("simulate", [
    who_learns_gets_from_the_best_for_all_to_the_best_by_type,
    clicks_are_as_the_model_says,
    after_a_flip_it_learns_anew_and_a_newcomer_is_found,
    a_kill_in_the_middle_changes_not_one_decision,
    what_is_wrong_is_said]))
