#!/usr/bin/env python3
"""evaluate_test.py -- `toller evaluate` against values worked out by hand.

The one strategy of the catalogue answers each query with the entities we chose for it,
so every measure is known beforehand.
"""
import gzip, json, math, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, Session, run_tests

ENTITIES = 120

STRATEGY = """
local runs = {
  red     = { "d3", "d1", "d2" },
  perfect = { "d7", "d8", "d9" },
}

return strategy {
  plan = function (q)
    local ids = runs[q.text]
    if q.words[1] == "only" then ids = { "d" .. q.words[2] } end
    if q.words[1] == "first" then
      ids = {}
      for i = 1, tonumber(q.words[2]) do ids[i] = "d" .. i end
    end
    return ids and { ids = ids }
  end,
}
"""

QUERIES = "q1\tred\nq2\tfirst 12\nq3\tnothing\nq4\tunjudged\nq5\tfirst 1\nq6\tperfect\n"

# d4 is never found, d5 is no more relevant than what nobody judged; q5 has nothing
# relevant and q4 nothing at all.
QRELS = ("q1\td1\t2\nq1\td2\t1\nq1\td4\t1\nq1\td5\t0\n"
         "q2\td11\t3\nq3\td1\t1\nq5\td1\t0\nq6\td7\t3\nq6\td9\t1\nq6\td8\t2\n")

log2 = math.log2
EXPECTED = {  # nDCG@10, AP, recall@100, RR@10, hits
    "q1": ((2 / log2(3) + 1 / log2(4)) / (2 + 1 / log2(3) + 1 / log2(4)),
           (1 / 2 + 2 / 3) / 3, 2 / 3, 1 / 2, 3),
    "q2": (0, 1 / 11, 1, 0, 12),
    "q3": (0, 0, 0, 0, 0),
    "q6": (1, 1, 1, 1, 3),
}

session = Session()


def write(name, text):
    with (gzip.open if name.endswith(".gz") else open)(session.path(name), "wt") as file:
        file.write(text)
    return session.path(name)


def start():
    os.makedirs(session.path("conf"))
    write("conf/things.conf", "field name text\n")
    for kind in ("strategies", "features", "ranking"):
        os.makedirs(session.path("scripts/things/" + kind))
    write("scripts/things/strategies/chosen.lua", STRATEGY)
    write("scripts/things/features/words.lua",
          "return features { words = number(0, 9, function (q) return #q.words end) }")
    write("scripts/things/ranking/default.lua", "return ranking { weights = { best_rank = 1 } }")
    write("scripts/things/rewards.lua", "return rewards { click = 1 }")
    session.start(collections=session.path("conf"), scripts=session.path("scripts"), seed="1",
                  budget="160", policy="fixed")
    documents = write("docs.jsonl", "".join('{"id":"d%d","name":"thing"}\n' % i
                                            for i in range(1, ENTITIES + 1)))
    toller("load", "things", documents)


def toller(*words):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, *words],
                       capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def evaluate(*words, queries=None, qrels=None, collection="things"):
    return toller("evaluate", collection,
                  "--queries", queries or write("queries.tsv", QUERIES),
                  "--qrels", qrels or write("qrels.tsv", QRELS), *words)


def evaluate_json(*words, status=0, **files):
    got = evaluate("--json", *words, **files)
    assert got[0] == status, got
    return json.loads(got[1])


def near(got, expected):
    assert abs(got - expected) < 1e-5, (got, expected)


def check_row(row, expected, names):
    for name, value in zip(names, expected):
        near(row[name], value)


def each_query_has_the_values_worked_out_by_hand():
    rows = {row["query"]: row for row in evaluate_json("--by-query")["by_query"]}
    assert sorted(rows) == sorted(EXPECTED), rows
    for query, expected in EXPECTED.items():
        check_row(rows[query], expected, ("ndcg_10", "ap", "recall_100", "rr_10", "hits"))


def the_means_are_over_queries_with_a_relevant_judgement():
    got = evaluate_json()
    means = [sum(column) / 4 for column in zip(*EXPECTED.values())]
    check_row(got, means, ("ndcg_10", "map", "recall_100", "mrr_10", "hits"))
    assert (got["queries"], got["unanswered"], got["without_judgements"]) == (4, 1, 2), got


def an_exponential_gain_favours_high_grades():
    got = evaluate_json("--by-query", "--gain", "exponential")["by_query"][0]
    near(got["ndcg_10"], (3 / log2(3) + 1 / log2(4)) / (3 + 1 / log2(3) + 1 / log2(4)))
    assert evaluate_json("--gain", "linear") == evaluate_json(), "linear is the default"


def the_table_says_the_same():
    status, out, _ = evaluate("--by-query")
    lines = out.split("\n")
    assert status == 0 and lines[0].split() == ["query", "nDCG@10", "AP", "recall@100", "RR@10",
                                                "hits", "text"], out
    assert lines[1].split() == ["q1", "0.5627", "0.3889", "0.6667", "0.5000", "3", "red"], out
    assert lines[6].split() == ["queries", "nDCG@10", "MAP", "recall@100", "MRR@10", "hits",
                                "unanswered"], out
    assert lines[7].split() == ["4", "0.3907", "0.3699", "0.6667", "0.3750", "4.5", "1"], out
    assert lines[8].startswith("2 more without a relevant judgement"), out


def recall_ends_at_a_hundred_and_map_at_the_depth():
    files = {"queries": write("long.tsv", "q\tfirst 120\n"),
             "qrels": write("long.qrels", "q d100 1\nq d110 1\n")}
    got = evaluate_json("--depth", "120", **files)
    near(got["recall_100"], 1 / 2)
    near(got["map"], (1 / 100 + 2 / 110) / 2)
    assert got["hits"] == 120, got
    got = evaluate_json("--depth", "99", **files)
    assert got["map"] == 0 and got["hits"] == 99, got


def ten_of_more_relevant_ones_are_enough_for_a_perfect_ndcg():
    got = evaluate_json(queries=write("many.tsv", "q\tfirst 10\n"),
                        qrels=write("many.qrels", "".join("q d%d 1\n" % i for i in range(1, 41))))
    near(got["ndcg_10"], 1)
    near(got["recall_100"], 1 / 4)


def trec_judgements_json_queries_and_gzip_read_alike():
    expected = evaluate("--by-query")
    rows = [line.split("\t") for line in QUERIES.strip().split("\n")]
    queries = write("queries.jsonl.gz", "".join(
        json.dumps({"_id" if i % 2 else "id": row[0], "text": row[1]}) + "\n"
        for i, row in enumerate(rows)))
    trec = write("trec.gz", "".join("%s 0  %s %s\r\n" % tuple(line.split("\t"))
                                    for line in QRELS.strip().split("\n")))
    headed = write("headed.tsv", "query-id\tcorpus-id\tscore\n" + QRELS)
    assert evaluate("--by-query", queries=queries, qrels=trec) == expected
    assert evaluate("--by-query", qrels=headed) == expected


def numbers_are_ids_in_json():
    got = evaluate_json("--by-query", queries=write("n.jsonl", '{"id":7,"text":"red"}\n'),
                        qrels=write("n.qrels", "7 d3 1\n"))
    assert got["by_query"][0]["query"] == "7" and got["mrr_10"] == 1, got


def a_run_is_written_as_trec_has_it():
    status, _, err = evaluate("--run", session.path("out.run"), "--depth", "11")
    with open(session.path("out.run")) as file:
        lines = file.read().split("\n")
    assert status == 0, err
    assert lines[:3] == ["q1\tQ0\td3\t1\t11\ttoller", "q1\tQ0\td1\t2\t10\ttoller",
                         "q1\tQ0\td2\t3\t9\ttoller"], lines
    assert len(lines) == 3 + 11 + 3 + 1 and lines[13] == "q2\tQ0\td11\t11\t1\ttoller", lines


def many_queries_in_flight_keep_their_answers():
    got = evaluate_json(
        queries=write("many.tsv", "".join("q%d\tonly %d\n" % (i, i % ENTITIES + 1)
                                          for i in range(500))),
        qrels=write("many.qrels", "".join("q%d d%d 1\n" % (i, i % ENTITIES + 1)
                                          for i in range(500))))
    assert got["queries"] == 500 and got["mrr_10"] == got["map"] == got["hits"] == 1, got


def a_query_too_long_to_be_remembered_is_answered():
    got = evaluate_json(queries=write("l.tsv", "q\tonly 5 %s\n" % ("x" * 300)),
                        qrels=write("l.qrels", "q d5 1\n"))
    assert got["mrr_10"] == 1, got


def a_prefix_goes_before_judged_entities():
    got = evaluate_json("--prefix", "d", queries=write("p.tsv", "q\tred\n"),
                        qrels=write("p.qrels", "q 3 1\n"))
    assert got["mrr_10"] == 1 and got["missing"] == 0, got


def entities_that_are_not_there_are_counted_once():
    got = evaluate_json(
        queries=write("m.tsv", "q1\tred\nq2\tperfect\n"),
        qrels=write("m.qrels", "q1 d3 1\nq1 x1 1\nq2 x1 0\nq2 x2 0\nq2 d7 1\n"
                               "q2 %s 0\nother d1 1\n" % ("x" * 300)))
    assert (got["missing"], got["missing_relevant"], got["strays"]) == (3, 1, 1), got
    near(got["recall_100"], (1 / 2 + 1) / 2)


def the_same_seed_gives_the_same_answers_and_nothing_is_logged():
    queries = write("s.tsv", "".join("q%d\tfirst 120\n" % i for i in range(40)))
    qrels = write("s.qrels", "".join("q%d d%d 1\n" % (i, i + 1) for i in range(40)))
    session.stop()
    session.restart(budget="30")
    runs = [evaluate_json("--by-query", "--policy", "uniform", "--seed", seed, queries=queries,
                          qrels=qrels) for seed in ("5", "5", "6")]
    assert runs[0] == runs[1], "the same seed differs"
    assert runs[0] != runs[2], "another seed does not differ"
    assert len({row["hits"] for row in runs[0]["by_query"]}) > 2, "depths do not vary"
    connection = session.connect()
    connection.json('SEARCH things "red"')
    decisions = session.wait(lambda: connection.json("ARMS things")["chosen"]["decisions"])
    assert decisions == 1, "%d decisions are logged, one was not evaluated" % decisions
    session.stop()
    session.restart(budget="160")


def a_refused_query_is_told_and_counts_as_nothing():
    queries = write("r.tsv", "long\t%s\nred\tred\n" % ("x" * 5000))
    qrels = write("r.qrels", "long d1 1\nred d3 1\n")
    status, out, err = evaluate(queries=queries, qrels=qrels)
    assert status == 1 and err.startswith("query long: LIMIT "), err
    assert out.split("\n")[1].split() == ["2"] + ["0.5000"] * 4 + ["1.5", "1"], out
    assert "1 refused" in out, out
    got = evaluate_json(status=1, queries=queries, qrels=qrels)
    assert (got["refused"], got["unanswered"]) == (1, 1), got


def refused_altogether_gives_no_table():
    for words, name in ((("--strategy", "chosn"), "things"), ((), "nowhere")):
        status, out, err = evaluate(*words, collection=name)
        assert status == 1 and not out and "all 4 queries were refused" in err, (out, err)
        assert err.count("query q") == 3, err
    assert evaluate("--strategy", "chosen")[0] == 0


def bad_lines_are_named():
    for name, text, told in (
            ("queries", "q1\tred\n\nred\n", "queries.bad:3: expected an id, a tab"),
            ("queries", "q1\n", "queries.bad:1: expected an id, a tab"),
            ("queries", '{"id":1,"text":"x"}\n{"id":2}\n', "queries.bad:2: expected an object"),
            ("queries", '{"id":1,"te\n', "queries.bad:1: "),
            ("queries", "q1\tred\nq2\tx\nq1\tblue\n", "queries.bad:3: the query 'q1'"),
            ("queries", "q1\t" + "x" * 80000, "queries.bad:1: a line of over"),
            ("qrels", "q1 d1 1\nq1 d2\n", "qrels.bad:2: too few columns"),
            ("qrels", "q1 0 d1 1 1\n", "qrels.bad:1: too many columns"),
            ("qrels", "q1 d1 1\nq1 0 d2 2.5\n", "qrels.bad:2: grade '2.5'"),
            ("qrels", "q1 d1 99999999999999999999\n", "qrels.bad:1: grade"),
            ("qrels", "q1 d1 1001\n", "qrels.bad:1: grade '1001', expected a whole number from"),
            ("qrels", "q1 d2 1\nq2 d1 1\nq1 d2 1\n", "qrels.bad:3: 'd2' is judged for query 'q1'"
                                                     " already, in line 1"),
            ("qrels", "q5 d1 0\n", "no query of ")):
        status, out, err = evaluate(**{name: write(name + ".bad", text)})
        assert status == 2 and not out and told in err, (text[:40], status, out, err)


def files_that_cannot_be_read_or_written_are_told():
    with open(write("whole.gz", "".join("q1 e%d 1\n" % i for i in range(9999))), "rb") as file:
        half = file.read()[:9000]
    with open(session.path("half.gz"), "wb") as file:
        file.write(half)
    for words, files, told in (
            ((), {"queries": session.path("none.tsv")}, "none.tsv: No such file"),
            ((), {"qrels": session.path("none.tsv")}, "none.tsv: No such file"),
            ((), {"qrels": session.folder}, ":1: cannot be read further"),
            ((), {"qrels": session.path("half.gz")}, "damaged or cut"),
            (("--run", session.path("none/out")), {}, "none/out: No such file"),
            (("--run", "/dev/full"), {}, "/dev/full: cannot be written")):
        status, out, err = evaluate(*words, **files)
        assert status == 2 and not out and told in err, (told, status, out, err)


def usage_is_told():
    for words, told in (
            (("--depth", "0"), "--depth '0', expected a whole number from 1 to 1000"),
            (("--depth", "ten"), "--depth 'ten'"), (("--seed", "-1"), "--seed '-1'"),
            (("--gain", "log"), "--gain 'log', expected linear or exponential"),
            (("--dept", "5"), "--dept is unknown"), (("--run",), "--run needs a value"),
            (("more",), "more is one word too many")):
        status, out, err = evaluate(*words)
        assert status == 2 and not out and told in err, (words, status, out, err)
    assert "expected COLLECTION --queries" in toller("evaluate", "things")[2]


start()
status = run_tests("evaluate", [
    each_query_has_the_values_worked_out_by_hand,
    the_means_are_over_queries_with_a_relevant_judgement,
    an_exponential_gain_favours_high_grades,
    the_table_says_the_same,
    recall_ends_at_a_hundred_and_map_at_the_depth,
    ten_of_more_relevant_ones_are_enough_for_a_perfect_ndcg,
    trec_judgements_json_queries_and_gzip_read_alike,
    numbers_are_ids_in_json,
    a_run_is_written_as_trec_has_it,
    many_queries_in_flight_keep_their_answers,
    a_query_too_long_to_be_remembered_is_answered,
    a_prefix_goes_before_judged_entities,
    entities_that_are_not_there_are_counted_once,
    the_same_seed_gives_the_same_answers_and_nothing_is_logged,
    a_refused_query_is_told_and_counts_as_nothing,
    refused_altogether_gives_no_table,
    bad_lines_are_named,
    files_that_cannot_be_read_or_written_are_told,
    usage_is_told,
])
session.close()
sys.exit(status)
