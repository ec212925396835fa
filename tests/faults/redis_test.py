#!/usr/bin/env python3
"""redis_test.py -- Redis that is absent, goes, comes back, floods and talks nonsense."""
import json, os, socket, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, run_tests

CHANNEL = "toller:feedback"


def put_some(connection, count=50):
    for i in range(count):
        answer = connection.ask('PUT music track:%d {"kind":"track","name":"Love %d"}' % (i, i))
        assert answer == "+OK", answer


def search(connection):
    reply = connection.json("SEARCH music love POLICY fixed LIMIT 5")
    assert len(reply["hits"]) == 5, reply
    return reply["decision"], reply["hits"][0]["id"]


def event(decision, entity, **more):
    return {"decision": decision, "entity": entity, "event": "play", **more}


def connected(session, connection, value=True):
    session.wait(lambda: connection.json("INFO redis")["connected"] == value,
                 what="connected = %s" % value)


def rewarded(connection, decision):
    return sum(hit["reward"] for hit in connection.json("DECISION " + decision)["hits"])


def redis_goes_and_comes_back_and_searches_go_on():
    with Session() as session:
        url = session.start_redis()
        session.start(redis=url, publish_ms="0")
        connection = session.connect()
        put_some(connection)
        connected(session, connection)
        stop, wrong, count = threading.Event(), [], [0]

        def traffic():
            other = session.connect()
            while not stop.is_set():
                reply = other.ask("SEARCH music love LIMIT 1")
                count[0] += 1
                if not reply.startswith('{"decision":"'):
                    wrong.append(reply)
            other.close()

        thread = threading.Thread(target=traffic)
        thread.start()
        try:
            for turn in range(2):
                decision, entity = search(connection)
                session.publish(event(decision, entity))
                session.wait(lambda: rewarded(connection, decision) == 0.6, what="feedback")
                session.stop_redis()
                connected(session, connection, False)
                # the line command is no worse without Redis
                decision, entity = search(connection)
                assert connection.ask("FEEDBACK %s %s like" % (decision, entity)) == "+OK"
                before = count[0]
                session.wait(lambda: count[0] > before + 20, what="searches without Redis")
                # time for several attempts to connect
                session.wait(lambda: connection.json("INFO redis")["failures"] >= 2 * turn + 3,
                             what="attempts")
                assert connection.json("INFO redis")["error"]
                session.start_redis()
                connected(session, connection)
        finally:
            stop.set()
            thread.join()
        assert not wrong, wrong[:3]
        info = connection.json("INFO redis")
        assert info["connects"] == 3 and info["error"] is None and info["messages"] == 2, info
        log = session.read("log")
        assert log.count("trying again until it is back") == 2, log
        assert log.count("listening on " + CHANNEL) == 3, log
        connection.close()


def a_daemon_starts_without_redis_and_hears_it_when_it_comes():
    with Session() as session:
        session.start(redis="unix:" + session.path("redis.sock"))
        connection = session.connect()
        put_some(connection)
        info = connection.json("INFO redis")
        assert info["wanted"] and not info["connected"] and "No such file" in info["error"], info
        decision, entity = search(connection)
        session.start_redis()
        connected(session, connection)
        session.publish(event(decision, entity))
        session.wait(lambda: rewarded(connection, decision) == 0.6, what="feedback")
        connection.close()


def redis_may_be_elsewhere_and_have_a_password_and_a_number():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Session() as session:
        session.start(redis="redis://:s3cret@127.0.0.1:%d/3" % port, channel="other")
        connection = session.connect()
        put_some(connection)
        # nobody listens there yet
        session.wait(lambda: "Connection refused" in (connection.json("INFO redis")["error"] or ""),
                     what="a refusal")
        session.start_redis("--port", str(port), "--requirepass", "s3cret")
        connected(session, connection)
        decision, entity = search(connection)
        session.redis_pipeline([("AUTH", "s3cret"),
                                ("PUBLISH", "other", json.dumps(event(decision, entity)))])
        session.wait(lambda: rewarded(connection, decision) == 0.6, what="feedback")
        assert "s3cret" not in session.read("log") + connection.ask("INFO")
        connection.close()


def a_redis_that_wants_a_password_is_told_of():
    with Session() as session:
        url = session.start_redis("--requirepass", "secret")
        session.start(redis=url)
        connection = session.connect()
        session.wait(lambda: "NOAUTH" in (connection.json("INFO redis")["error"] or ""),
                     what="NOAUTH")
        connection.close()


def nonsense_is_counted_and_said_and_stops_nothing():
    with Session() as session:
        url = session.start_redis()
        session.start(redis=url)
        connection = session.connect()
        put_some(connection)
        connected(session, connection)
        decision, entity = search(connection)
        good = event(decision, entity)
        cases = [
            ("", "JSON"),
            ("{", "JSON"),
            ("\xff\xfe\x00", "JSON"),
            ("[" * 100000, "an event of 100000 bytes, limit 65536"),
            ("[" * 1000, "JSON"),
            ("7", "expected a JSON object"),
            (json.dumps({**good, "decision": 7}), '"decision" is not a string'),
            (json.dumps({"decision": decision}), '"entity" is missing'),
            (json.dumps({"decision": decision, "entity": entity}), '"event" is missing'),
            (json.dumps({**good, "evnt": "x"}), "unknown member 'evnt'; did you mean 'event'?"),
            (json.dumps({**good, "entity": ""}), "an entity of 0 bytes"),
            (json.dumps({**good, "entity": "x" * 256}), "an entity of 256 bytes"),
            (json.dumps({**good, "event": "x" * 33}), "a name of 33 bytes"),
            (json.dumps({**good, "id": "x" * 65}), "an id of 65 bytes, limit 64"),
            (json.dumps({**good, "value": "1"}), '"value" is not a number'),
            (json.dumps(good)[:-1] + ',"value":1e999}', "JSON"),
            (json.dumps({**good, "at": -2}), '"at" is -2'),
            (json.dumps({**good, "at": 1e300}), '"at" is'),
            (json.dumps({**good, "event": "aplaud"}), "aplaud"),
            (json.dumps({**good, "decision": "00000000deadbeef"}), "no decision 00000000deadbeef"),
            (json.dumps({**good, "decision": "love"}), "love"),
            (json.dumps({**good, "pad": "x" * 70000}), "an event of "),
        ]
        for count, (text, says) in enumerate(cases, 1):
            session.redis_ask("PUBLISH", CHANNEL, text.encode("latin-1"))
            session.wait(lambda: connection.json("INFO learning")["refused"] == count,
                         what="refusing %.80r" % text)
            said = connection.json("INFO learning")["refused_last"]
            assert says in said, "%.80r: %s" % (text, said)
        assert connection.json("INFO learning")["events"] == 0
        session.publish(good, {**good, "id": "a", "value": 0.5, "at": 1764000000000})
        session.wait(lambda: connection.json("INFO learning")["events"] == 2, what="good events")
        assert rewarded(connection, decision) == 0.6
        assert connection.json("INFO redis")["connected"]
        connection.close()


def a_flood_of_events_is_learnt_to_the_last_one():
    with Session() as session:
        url = session.start_redis()
        session.start(redis=url)
        connection = session.connect()
        put_some(connection)
        connected(session, connection)
        asked = [search(connection) for _ in range(200)]
        flood = [event(d, e, id="%s-%d" % (d, i)) for i in range(100) for d, e in asked]
        session.publish(*flood)
        session.publish(*flood[:1000])

        def all_heard():
            info = connection.json("INFO learning")
            return info["events"] + info["repeated"] + info["refused"] == len(flood) + 1000

        session.wait(all_heard, what="all events")
        info = connection.json("INFO learning")
        assert (info["events"], info["repeated"], info["refused"]) == (len(flood), 1000, 0), info
        connection.close()


sys.exit(run_tests("redis_faults", [
    redis_goes_and_comes_back_and_searches_go_on,
    a_daemon_starts_without_redis_and_hears_it_when_it_comes,
    redis_may_be_elsewhere_and_have_a_password_and_a_number,
    a_redis_that_wants_a_password_is_told_of,
    nonsense_is_counted_and_said_and_stops_nothing,
    a_flood_of_events_is_learnt_to_the_last_one,
]))
