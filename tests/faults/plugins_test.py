#!/usr/bin/env python3
"""plugins_test.py -- plugins that are good, broken, of another version, or talk nonsense.

Each is compiled here against core/plugin/plugin.h alone, as an author would."""
import os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from plugin import ALWAYS_FIRST, compile
from session import BUILD, TOP, Session, run_tests

def put_some(connection):
    for i in range(100):
        connection.ask('PUT music track:%d {"kind":"track","name":"Love %d","popularity":%d}' % (i, i, i))


def what_is_wrong_with_a_plugin_is_said_and_the_daemon_does_not_start():
    with Session() as session:
        text = session.path("text.so")
        with open(text, "w") as file:
            file.write("not a library\n")
        folder = session.path("folder")
        os.mkdir(folder)
        good = compile(session, "good")
        cases = [
            (session.path("nowhere.so"), "nowhere.so: No such file or directory"),
            (text, "no library that loads: "),
            (compile(session, "other", symbol="some_plugin"), "no plugin: it has no symbol toller_plugin"),
            (compile(session, "newer", abi="(2 << 16)"),
             "made for version 2.0 of plugins, this daemon takes 1.0 to 1.1"),
            (compile(session, "longer", longer="8"), "compiled with another plugin.h"),
            (compile(session, "strange", kind="9"), "item 1 is of kind 9; there is 1, policies"),
            (compile(session, "taken", policy="priced"), "policy priced is there already"),
            (compile(session, "fails", init="start", more="static int start(const struct plugin_host *h, "
                     "char *why, size_t room) { strncpy(why, \"no weights\", room); return 1; }"),
             "its init failed: no weights"),
            (compile(session, "lacks", more="void nowhere_at_all(void);",
                     body=ALWAYS_FIRST + " if (q->budget < 0) nowhere_at_all();"), "undefined symbol"),
            ("%s, %s" % (good, good), "plugin good is there already, from"),
        ]
        for path, words in cases:
            said = session.refuses(plugins=path)
            assert said.startswith("tollerd: plugins: ") and words in said, (path, said)
        os.rename(session.path("newer.so"), os.path.join(folder, "newer.so"))
        assert "newer.so: made for version 2.0" in session.refuses(plugins=folder)
        assert "policy: no policy 'good'" in session.refuses(policy="good")
        # a start without searching says so, too
        checked = subprocess.run(session.command({"plugins": text}) + ["--check"], cwd=TOP,
                                 capture_output=True, text=True, timeout=60)
        assert checked.returncode == 1 and "no library that loads" in checked.stderr, checked


def a_policy_of_a_plugin_serves_is_logged_exactly_and_judged():
    with Session() as session:
        folder = session.path("plugins")
        os.mkdir(folder)
        os.symlink(os.path.join(BUILD, "plugins", "example.so"), os.path.join(folder, "example.so"))
        session.start(plugins=folder, policy="rates", seed="1", budget="40", publish_ms="0", window_ms="50")
        connection = session.connect()
        put_some(connection)
        info = connection.json("INFO plugins")
        assert list(info) == ["example"] and info["example"]["policies"]["rates"]["asked"] == 0, info
        for i in range(300):
            page = connection.json("SEARCH music love EXPLAIN")
            explain = page["explain"]
            assert explain["policy"] == "rates" and "policy_error" not in explain, explain
            assert abs(explain["expected"] - 40) < 0.01, explain["expected"]
            logged = connection.json("DECISION " + page["decision"])
            for name, arm in logged["strategies"].items():
                assert abs(sum(arm["levels"]) - 1) < 1e-9, (name, arm)
                depths = [0, 5, 10, 20, 40, 80, 160]
                assert abs(arm["levels"][depths.index(arm["depth"])] - arm["p"]) < 1e-12 \
                    if arm["depth"] in depths else arm["p"] > 0, (name, arm)
            if page["hits"]:
                connection.ask("FEEDBACK %s %s play" % (page["decision"], page["hits"][0]["id"]))
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= 300, what="windows")
        for policy in ("rates", "uniform"):  # itself and another, by its log
            judged = connection.json("EVALUATE music " + policy)
            assert judged["decisions"] == 300 and judged["failed"] == 0, judged
            weights = judged["weights"] # their mean is 1, give or take
            assert abs(weights["mean"] - 1) < 4 / weights["effective"] ** 0.5 < 1, judged
        asked = connection.json("INFO plugins")["example"]["policies"]["rates"]
        assert asked["asked"] == 600 and asked["failed"] == 0 and asked["error"] is None, asked
        assert "'rates'" in connection.ask("EVALUATE music rate")
        session.stop()
        session.restart()
        connection = session.connect()
        assert connection.json("SEARCH music love EXPLAIN")["explain"]["policy"] == "rates"
        # a name is not known without its plugin, and what was logged by it is still read
        session.stop()
        session.start(**{**session.options, "plugins": "none", "policy": "priced"})
        connection = session.connect()
        assert connection.json("DECISION " + page["decision"])["policy"] == "rates"
        further = connection.json("SEARCH music love FROM %s OFFSET 1 LIMIT 1" % page["decision"])
        assert further["decision"] == page["decision"], further


def a_policy_that_talks_nonsense_is_replaced_for_that_search_and_counted():
    with Session() as session:
        plugins = [compile(session, "nan", body="dist[a][0] = 0.0 / 0.0;"),
                   compile(session, "less", body="dist[a][0] = 0.5;"),
                   compile(session, "minus", body="dist[a][0] = 2; dist[a][1] = -1;"),
                   compile(session, "mute", body="return -1;")]
        session.start(plugins=",".join(plugins), policy="nan", seed="3", window_ms="50")
        connection = session.connect()
        put_some(connection)
        for name, why in (("nan", "a probability is not finite"),
                          ("less", "the probabilities of an arm do not sum to 1"),
                          ("minus", "a probability is negative"), ("mute", "it could not say")):
            for _ in range(3):
                page = connection.json("SEARCH music love SEED 5 EXPLAIN POLICY " + name)
                even = connection.json("SEARCH music love SEED 5 EXPLAIN NOLOG POLICY uniform")
                assert page["explain"]["policy_error"] == why, page["explain"]
                assert [hit["id"] for hit in page["hits"]] == [hit["id"] for hit in even["hits"]]
                logged = connection.json("DECISION " + page["decision"])
                assert logged["policy"] == name, logged
                for arm, told in even["explain"]["strategies"].items():
                    if told.get("p"):
                        got = logged["strategies"][arm]["levels"]
                        want = list(told["p"].values())
                        assert all(abs(g - w) < 1e-4 for g, w in zip(got, want)), (name, got, want)
            told = connection.json("INFO plugins")[name]["policies"][name]
            assert told["asked"] == 3 and told["failed"] == 3 and told["error"] == why, told
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= 12, what="windows")
        judged = connection.json("EVALUATE music nan")
        assert judged["decisions"] == 12 and judged["failed"] == 12, judged
        assert abs(judged["weights"]["mean"] - 1) < 0.3, judged


def a_folder_without_plugins_is_told_in_the_log():
    with Session() as session:
        os.mkdir(session.path("empty"))
        session.start(plugins=session.path("empty"))
        assert session.connect().json("INFO plugins") == {}
        assert "has no plugin (*.so)" in session.log(), session.log()


sys.exit(run_tests("plugin_faults", [
    what_is_wrong_with_a_plugin_is_said_and_the_daemon_does_not_start,
    a_policy_of_a_plugin_serves_is_logged_exactly_and_judged,
    a_policy_that_talks_nonsense_is_replaced_for_that_search_and_counted,
    a_folder_without_plugins_is_told_in_the_log,
]))
