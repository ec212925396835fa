#!/usr/bin/env python3
"""profile_test.py -- what a user likes: learnt from what he chooses, read by scripts, the same
after a kill, and forgotten on request."""
import json, os, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, TOP, run_tests

DAY = 86400000
GENRES = ("pop", "rock", "folk", "Hip Hop")
FEATURE = "return features { pop = number(0, 1, function (q) return q.likes.genre.pop end) }\n"
# What the user likes most comes first; who is not known gets nothing.
TASTE = """
return strategy {
  plan = function (q)
    local parts = {}
    for i, genre in ipairs(q.likes.genre) do parts[i] = q.likes.genre[genre] * tag("genre", genre) end
    if #parts == 0 then return nil end
    return { match = any(parts) }
  end,
}
"""


def start(session, **options):
    scripts = session.path("scripts")
    shutil.copytree(os.path.join(TOP, "scripts"), scripts)
    for name, text in (("features/pop", FEATURE), ("strategies/taste", TASTE)):
        with open(os.path.join(scripts, "music", name + ".lua"), "w") as file:
            file.write(text)
    session.start(seed="7", publish_ms="0", scripts=scripts, **options)
    connection = session.connect()
    for i in range(40):
        genres = {GENRES[i % 4]: 0.5} if i % 8 < 4 else [GENRES[i % 4]]
        assert connection.ask("PUT music track:%d %s" % (i, json.dumps(
            {"kind": "track", "name": "verse %d" % i, "genres": genres}))) == "+OK"
    return connection


def choose(connection, user, track, event="playlist", query="verse"):
    """Somebody looks for a track and takes it; the decision."""
    page = connection.json('SEARCH music "%s %d" CONTEXT {"user":"%s"} POLICY fixed LIMIT 40 FIELDS name'
                           % (query, track, user))
    assert connection.ask("FEEDBACK %s track:%d %s ID %s-%s" % (
        page["decision"], track, event, page["decision"], event)) == "+OK"
    return page["decision"]


def likes(connection, user):
    """What PROFILE says, its list as {field: {value: share}}."""
    told = connection.json("PROFILE music " + user)
    shares = {}
    for like in told["likes"]:
        shares.setdefault(like["field"], {})[like["value"]] = like["share"]
    return {**told, "likes": shares}


def near(a, b):
    return abs(a - b) < 1e-3


def a_profile_is_learnt_read_and_kept():
    with Session() as session:
        connection = start(session)
        assert likes(connection, "ada") == {"user": "ada", "rewards": 0, "likes": {}}
        for track in (0, 4, 7):  # pop by half, pop, hip hop; a playlist is worth 1
            decision = choose(connection, "ada", track)
        told = likes(connection, "ada")
        assert near(told["rewards"], 3), told
        assert list(told["likes"]) == ["genre", "kind"] and list(told["likes"]["genre"]) == ["pop", "hip hop"], told
        assert near(told["likes"]["genre"]["pop"], 1.5 / 4), told
        assert near(told["likes"]["genre"]["hip hop"], 1 / 4) and near(told["likes"]["kind"]["track"], 3 / 4), told
        # the same event again, and a smaller one, add nothing
        assert connection.ask("FEEDBACK %s track:7 playlist ID %s-playlist" % (decision, decision)) == "+OK"
        assert connection.ask("FEEDBACK %s track:7 click" % decision) == "+OK"
        assert near(likes(connection, "ada")["rewards"], 3)
        choose(connection, "bob", 1)
        assert "pop" not in likes(connection, "bob")["likes"]["genre"]
        # scripts see it: a feature, and a strategy that asks for what is liked
        search = 'SEARCH music verse CONTEXT {"user":"%s"} ONLY taste DEPTH taste=20 NOLOG EXPLAIN FIELDS name'
        page = connection.json(search % "ada")
        assert near(page["explain"]["features"]["pop"], 1.5 / 4), page["explain"]["features"]
        assert [int(hit["id"][6:]) % 4 for hit in page["hits"][:5]] == [0] * 5, page["hits"]
        assert {int(hit["id"][6:]) % 4 for hit in page["hits"]} <= {0, 3}, page["hits"]
        nobody = connection.json(search % "eve")
        assert not nobody["hits"] and "pop" not in nobody["explain"]["features"], nobody
        session.kill()
        session.restart()
        connection = session.connect()
        assert near(likes(connection, "ada")["rewards"], 3)
        assert connection.ask("FEEDBACK %s track:7 playlist ID %s-playlist" % (decision, decision)) == "+OK"
        again = likes(connection, "ada")
        assert again["likes"].keys() == told["likes"].keys() and near(again["rewards"], 3), again
        # an entity that is gone teaches nothing, and is no reason to fail
        page = connection.json('SEARCH music "verse 4" CONTEXT {"user":"bob"} POLICY fixed LIMIT 40')
        before = likes(connection, "bob")["rewards"]
        assert connection.ask("DEL music track:4") == ":1"
        assert connection.ask("FEEDBACK %s track:4 playlist" % page["decision"]) == "+OK"
        assert near(likes(connection, "bob")["rewards"], before)


def a_half_life_halves_what_is_liked():
    with Session() as session:
        connection = start(session, clock=str(DAY * 20000), memory_half_life_days="10")
        choose(connection, "ada", 4)
        assert connection.ask("CONFIG SET clock %d" % (DAY * 20010)) == "+OK"
        told = likes(connection, "ada")
        assert near(told["rewards"], 0.5) and near(told["likes"]["genre"]["pop"], 0.5 / 1.5), told
        assert connection.ask("CONFIG SET clock %d" % (DAY * 20200)) == "+OK"
        session.wait(lambda: connection.json("INFO learning")["likes_forgotten"] == 2, what="forgetting")
        assert likes(connection, "ada") == {"user": "ada", "rewards": 0, "likes": {}}


def a_user_who_wants_to_be_forgotten_is():
    with Session() as session:
        connection = start(session, window_ms="100")
        mine = [choose(connection, "ada", i % 40) for i in range(30)]
        # and many that nothing came of: the log is looked through in several steps
        more = connection.pipeline(
            ['SEARCH music "verse %d" CONTEXT {"user":"%s"} LIMIT 2' % (i % 40, ("ada", "bob")[i % 2])
             for i in range(3000)])
        more = [json.loads(page)["decision"] for page in more]
        his = choose(connection, "bob", 1)
        session.wait(lambda: connection.json("INFO learning")["windows_closed"] >= 3031, what="windows")
        assert connection.json("MEMORY music user:ada")["entities"]
        history = connection.json('SEARCH music "verse 1" CONTEXT {"user":"ada"} NOLOG EXPLAIN')
        connection.send("FORGET music ada")
        connection.send("PROFILE music ada")  # waits for what was asked before
        assert connection.receive() == "+OK"
        assert json.loads(connection.receive()) == {"user": "ada", "rewards": 0, "likes": []}
        for turn in range(2):
            assert likes(connection, "ada")["rewards"] == 0 and near(likes(connection, "bob")["rewards"], 1)
            assert not connection.json("MEMORY music user:ada")["entities"]
            assert connection.json("MEMORY music user:bob")["entities"]
            for id in mine + more[::2]:
                assert connection.ask("DECISION " + id).startswith("-NOTFOUND"), id
            for id in more[1::2] + [his]:
                assert connection.json("DECISION " + id)["context"] == {"user": "bob"}
            now = connection.json('SEARCH music "verse 1" CONTEXT {"user":"ada"} NOLOG EXPLAIN')
            told = [page["explain"]["strategies"]["all_fields"]["known"] for page in (history, now)]
            assert told[0]["user"] != told[1].get("user"), told
            if turn == 0:
                session.kill()
                session.restart()
                connection = session.connect()
        assert connection.ask("FEEDBACK %s track:1 like" % mine[0]).startswith("-NOTFOUND")
        # he may come again, as somebody new
        choose(connection, "ada", 2)
        assert near(likes(connection, "ada")["rewards"], 1)
        assert connection.ask("FORGET music nobody") == "+OK"
        assert connection.ask("FORGET musik ada").startswith("-NOTFOUND")
        assert connection.ask('FORGET music ""').startswith("-ARG")
        assert connection.ask("PROFILE music " + 201 * "u").startswith("-LIMIT")


sys.exit(run_tests("profiles", [
    a_profile_is_learnt_read_and_kept,
    a_half_life_halves_what_is_liked,
    a_user_who_wants_to_be_forgotten_is,
]))
