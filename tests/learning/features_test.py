#!/usr/bin/env python3
"""features_test.py -- searches that are no longer what they were: FEATURES, INFO and the log say
so, over a restart too."""
import os, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import TOP, Session, run_tests

DAY = 86400000
START = 1764000000000

FEATURES = """return features {
  letters = number(0, 40, function (q) return #q.text end),
  temperature = number(-10, 30, function (q) return q.context.temperature end),
  mobile = flag(function (q) return q.context.mobile end),
}
"""


def search(connection, text, temperature, mobile, count):
    context = '{"mobile":%s%s}' % ("true" if mobile else "false",
                                   "" if temperature is None else ',"temperature":%g' % temperature)
    answers = connection.pipeline('SEARCH music "%s" CONTEXT %s LIMIT 1' % (text + "e" * (i % 4), context)
                                  for i in range(count))
    assert all(answer.startswith('{"decision":"0') for answer in answers), answers[0]


def told(session, connection, words):
    session.wait(lambda: words in str(connection.json("INFO searching")["music"]["drift"]), what=words)


def what_changed_is_told_in_words():
    with Session() as session:
        scripts = session.path("scripts")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        folder = os.path.join(scripts, "music", "features")
        for name in os.listdir(folder):
            os.remove(os.path.join(folder, name))
        with open(os.path.join(folder, "ours.lua"), "w") as file:
            file.write(FEATURES)
        session.start(scripts=scripts, clock=str(START), publish_ms="0")
        connection = session.connect()
        for day in range(6):
            connection.ask("CONFIG SET clock %d" % (START + day * DAY))
            for temperature in (10, 12, 14, 16):
                search(connection, "love", temperature, temperature == 12, 60)
        session.wait(lambda: connection.json("INFO learning")["decisions"] == 6 * 240, what="decisions")
        before = connection.json("FEATURES music")
        assert not any(feature["says"] for feature in before.values()), before
        assert sorted(before) == ["letters", "mobile", "temperature"], before
        assert before["letters"]["kind"] == "number" and before["mobile"]["kind"] == "flag", before
        assert abs(before["letters"]["mean"] - 5.5) < 0.1 and before["temperature"]["mean"] == 13, before
        assert before["mobile"]["mean_before"] == 0.25 and before["mobile"]["absent"] == 0, before
        assert connection.json("INFO searching")["music"]["drift"] is None

        connection.ask("CONFIG SET clock %d" % (START + 7 * DAY))
        search(connection, "love story of us", None, True, 100)
        search(connection, "love story of us", 45, True, 60)
        session.wait(lambda: connection.json("INFO learning")["decisions"] == 6 * 240 + 160, what="decisions")
        connection.ask("CONFIG SET clock %d" % (START + 7 * DAY + 660000))
        told(session, connection, "letters moved by ")
        says = {name: feature["says"] for name, feature in connection.json("FEATURES music").items()}
        assert says["letters"].startswith("moved by "), says
        assert "out of range in 3" in says["temperature"] and "absent in 6" in says["temperature"], says
        assert says["mobile"] == "true in 100% of searches (25% before)", says
        log = session.log()
        assert "features: music: mobile true in 100% of searches (25% before)" in log, log
        hour = connection.json("FEATURES music WINDOW hour")
        assert hour["letters"]["searches"] == 160 and hour["letters"]["searches_before"] == 6 * 240, hour
        # it is said once in the log, and INFO knows it after a restart
        session.kill()
        session.restart(clock=str(START + 7 * DAY + 1400000))
        connection = session.connect()
        told(session, connection, "mobile true in 100%")
        assert connection.json("FEATURES music")["letters"]["says"] == says["letters"]
        assert connection.ask("FEATURES music WINDOW week") == "-SYNTAX WINDOW: expected hour or day"
        assert connection.ask("FEATURES musik").startswith("-NOTFOUND no collection 'musik'")
        # the features of other scripts have no past
        with open(os.path.join(folder, "ours.lua"), "w") as file:
            file.write(FEATURES.replace("letters", "length"))
        session.wait(lambda: connection.json("SCRIPTS LIST music")["generation"] == 2, what="generation 2")
        assert connection.json("FEATURES music")["length"]["searches"] == 0


sys.exit(run_tests("features", [what_changed_is_told_in_words]))
