#!/usr/bin/env python3
"""resources_test.py -- full maps, disks and queues, folders that cannot be written, bad bytes."""
import ctypes, ctypes.util, os, random, shutil, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import TOP, Session, encode, full_disk, run_tests

NOBODY = 65534


def put(connection, i, size=1500):
    rng = random.Random(i)
    text = " ".join("w%d" % rng.randrange(20000) for _ in range(size // 7))
    return connection.resp("PUT", "music", "track:%d" % i,
                           '{"kind":"track","name":"love %d","album":"%s"}' % (i, text))


def fill(connection, most=20000):
    """PUT until three in a row are refused: the numbers of those that fit, and why."""
    there, refused = [], 0
    for i in range(most):
        answer = put(connection, i)
        if answer == "+OK":
            there.append(i)
        refused = 0 if answer == "+OK" else refused + 1
        if refused == 3:
            return there, answer
    raise AssertionError("%d entities fit" % most)


def goes_on(connection, there):
    """What was acknowledged, and nothing else, is counted, got and found."""
    assert connection.ask("COUNT music") == ":%d" % len(there)
    for i in (0, there[len(there) // 2], there[-1]):
        assert '"love %d"' % i in connection.ask("GET music track:%d" % i)
        reply = connection.json('SEARCH music "love %d" POLICY fixed LIMIT 1' % i)
        assert reply["hits"][0]["id"] == "track:%d" % i and reply["decision"], reply
    for i in (there[-1] + 1, there[-1] + 2):
        assert connection.ask("GET music track:%d" % i) == "null"


def a_full_map_refuses_a_put_and_a_larger_one_goes_on():
    with Session() as session:
        session.start(catalogue_map_bytes="4m")
        connection = session.connect()
        there, answer = fill(connection)
        assert answer.startswith("-FULL") and "the map of 4 MiB is full" in answer and \
            "restart with a larger map size" in answer, answer
        assert len(there) > 20, there
        goes_on(connection, there)
        info = connection.json("INFO writer")
        assert info["failed"] >= 3 and info["changes"] == len(there), info
        connection.close()
        session.kill()
        session.restart()
        connection = session.connect()
        goes_on(connection, there)
        connection.close()
        assert session.stop() == 0
        session.restart(catalogue_map_bytes="64m")
        connection = session.connect()
        more = [there[-1] + 1 + i for i in range(50)]
        for i in more:
            assert put(connection, i) == "+OK"
        goes_on(connection, there + more)
        connection.close()


def a_small_map_for_learning_lets_go_of_the_oldest():
    with Session() as session:
        session.start(learning_map_bytes="8m", publish_ms="0", window_ms="100")
        connection = session.connect()
        for i in range(50):
            assert put(connection, i, 100) == "+OK"
        first = connection.json("SEARCH music love")["decision"]
        for i in range(2000):
            reply = connection.json('SEARCH music "love w%d" POLICY fixed LIMIT 50' % i)
            answer = connection.ask("FEEDBACK %s %s like" % (
                reply["decision"], reply["hits"][0]["id"]))
            assert answer == "+OK", answer
        info = connection.json("INFO learning")
        assert info["failures"] == 0 and info["decisions"] == info["events"] + 1 == 2001, info
        assert 500 < info["decisions_forgotten"] < 2000, info
        assert info["used_bytes"] < info["map_bytes"] == 8 << 20, info
        assert connection.ask("DECISION %s" % first).startswith("-NOTFOUND")
        assert connection.json("DECISION %s" % reply["decision"])["hits"]
        session.kill()
        session.restart()
        connection = session.connect()
        assert connection.json("DECISION %s" % reply["decision"])["hits"]


def a_map_too_small_for_the_models_stops_no_search():
    with Session() as session:
        url = session.start_redis()
        scripts = session.path("scripts")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        music = os.path.join(scripts, "music")
        for i in range(50):
            shutil.copy(os.path.join(music, "strategies", "all_fields.lua"),
                        os.path.join(music, "strategies", "fields%d.lua" % i))
        with open(os.path.join(music, "features", "many.lua"), "w") as file:
            file.write("return features {\n%s}\n" % "".join(
                "  f%d = number(0, 99, function (q) return %d end),\n" % (i, i) for i in range(40)))
        session.start(learning_map_bytes="1m", publish_ms="0", window_ms="100", redis=url,
                      scripts=scripts)
        connection = session.connect()
        for i in range(50):
            assert put(connection, i, 100) == "+OK"
        for i in range(5000):
            reply = connection.json("SEARCH music love POLICY uniform")
            answer = connection.ask("FEEDBACK %s track:1 like" % reply["decision"])
            # a decision may be lost with its round, or make room for others
            assert answer == "+OK" or answer.startswith("-NOTFOUND no decision") or (
                answer.startswith("-FULL") and "map of 1 MiB is full" in answer), answer
            if connection.json("INFO learning")["failures"]:
                break
        assert i < 4999, connection.json("INFO learning")
        goes_on(connection, list(range(50)))
        before = connection.json("INFO learning")
        # events from Redis are not lost in silence
        for i in range(5000):
            reply = connection.json("SEARCH music love POLICY uniform")
            session.publish({"decision": reply["decision"], "entity": "track:1", "event": "like"})
            after = connection.json("INFO learning")
            if after["refused"] > before["refused"]:
                break
        assert after["refused"] > before["refused"], after
        # it is said, but not with every round
        log = session.read("log")
        assert log.count("were not saved") == 1 and "map of 1 MiB is full" in log, log[-2000:]
        arms = connection.json("ARMS music")
        connection.close()
        assert session.stop() == 0
        session.restart(learning_map_bytes="64m")
        connection = session.connect()
        after = connection.json("ARMS music")
        for name in arms:
            assert after[name]["reward"] >= arms[name]["reward"], (name, arms[name], after[name])
        reply = connection.json("SEARCH music love LIMIT 10")
        assert connection.ask("FEEDBACK %s track:1 like" % reply["decision"]) == "+OK"
        connection.close()


def a_full_disk_refuses_a_put_and_goes_on_when_there_is_room():
    with Session() as session, full_disk(session.path("disk"), "3m") as disk:
        if not disk:
            return "a small file system cannot be mounted here"
        session.start(data=disk + "/data")
        connection = session.connect()
        ballast = os.path.join(disk, "ballast")
        with open(ballast, "wb") as file:
            file.write(b"x" * (1 << 20))
        there, answer = fill(connection)
        assert answer.startswith("-IO") and "o space left on device" in answer, answer
        goes_on(connection, there)
        os.unlink(ballast)
        for i in range(20):
            there.append(there[-1] + 1)
            assert put(connection, there[-1]) == "+OK"
        goes_on(connection, there)
        connection.close()
        assert session.stop() == 0
        session.restart()
        goes_on(session.connect(), there)
        session.stop()


def a_full_learner_queue_answers_busy_and_searches_go_on_unlogged():
    with Session() as session:
        session.start(learner_queue="4", workers="2")
        connection = session.connect()
        for i in range(50):
            assert put(connection, i, 100) == "+OK"
        page = connection.json("SEARCH music love POLICY fixed")
        connection.json("DECISION " + page["decision"])
        event = "FEEDBACK %s %s like\n" % (page["decision"], page["hits"][0]["id"])
        stop, answers = threading.Event(), []

        def flood():
            other = session.connect()
            while not stop.is_set() or "+OK" not in answers:
                other.socket.sendall(event.encode() * 500)
                answers.extend(other.receive() for _ in range(500))
            other.close()

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            pages = connection.pipeline(["SEARCH music love LIMIT 1 FIELDS name POLICY fixed"] * 2000)
            # what needs the learner is answered, whatever the answer is
            for line in ("DECISION ", "SEARCH music love POLICY fixed FROM "):
                assert connection.ask(line + page["decision"]).startswith(("{", "-BUSY"))
        finally:
            stop.set()
            thread.join()
        busy = [answer for answer in answers if answer != "+OK"]
        assert set(busy) == {"-BUSY the learner has 4 messages waiting; try again"}, set(busy)
        assert len(busy) < len(answers)
        assert connection.json("INFO learning")["events"] == len(answers) - len(busy)
        unlogged = sum(page.startswith('{"decision":null') for page in pages)
        assert all('"hits":[{' in page for page in pages)
        assert 0 < unlogged < 2000, unlogged
        assert connection.json("INFO searching")["music"]["unlogged"] == unlogged
        connection.close()


def a_full_writer_queue_answers_busy_and_what_is_refused_is_not_there():
    with Session() as session:
        session.start(writer_queue="8")
        connection = session.connect()
        words = [encode("PUT", "music", "track:%d" % i, '{"name":"love"}') for i in range(5000)]
        connection.socket.sendall(b"".join(words))
        answers = [connection.read_resp() for _ in words]
        busy = {answer for answer in answers if answer != "+OK"}
        assert busy == {"-BUSY the writer's queue is full; try again"}, busy
        there = [connection.ask("GET music track:%d" % i) != "null" for i in range(5000)]
        assert there == [answer == "+OK" for answer in answers]
        # a DEL of which only the first were taken says how many
        answer = connection.resp("DEL", "music", *("track:%d" % i for i in range(1000)))
        taken = 1000
        if answer.startswith("-"):
            assert answer.startswith("-BUSY ") and " of 1000 were taken: " in answer, answer
            taken = int(answer.split()[1])
        left = [connection.ask("GET music track:%d" % i) != "null" for i in range(1000)]
        assert left == [False] * taken + there[taken:1000]
        connection.close()


class WriteLock:
    """LMDB's lock of writing transactions, taken by another process than the daemon."""

    def __init__(self, folder):
        self.lib, self.env = ctypes.CDLL(ctypes.util.find_library("lmdb")), ctypes.c_void_p()
        self.txn = ctypes.c_void_p()
        self.call("mdb_env_create", ctypes.byref(self.env))
        self.call("mdb_env_open", self.env, folder.encode(), 0, 0o600)
        self.call("mdb_txn_begin", self.env, None, 0, ctypes.byref(self.txn))

    def call(self, name, *args):
        code = getattr(self.lib, name)(*args)
        assert code == 0, (name, code)

    def release(self):
        self.lib.mdb_txn_abort(self.txn)
        self.lib.mdb_env_close(self.env)


def too_many_bytes_waiting_are_refused_as_busy():
    """Large documents from several clients, while nothing can be written."""
    with Session() as session:
        session.start()
        text = '{"text":"%s"}' % ("\\u00e9" * 170000)
        lock = WriteLock(session.path("data/catalogue"))
        refused, stored, wrong = threading.Event(), [], []

        def flood(number):
            connection = session.connect()
            for i in range(150):
                connection.socket.sendall(encode("PUT", "music", "big%d.%d" % (number, i), text))
            for _ in range(150):
                answer = connection.read_resp()
                if answer.startswith("-BUSY too many bytes wait for the writer"):
                    refused.set()
                elif answer == "+OK":
                    stored.append(answer)
                else:
                    wrong.append(answer)
            connection.close()

        threads = [threading.Thread(target=flood, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        # the refused client hears of it behind its own puts, which wait
        watch = session.connect()
        while not (busy := watch.json("INFO traffic")["errors"]):
            time.sleep(0.01)
        lock.release()
        for thread in threads:
            thread.join()
        assert not wrong, wrong[:2]
        assert busy and refused.is_set()
        assert len(stored) >= 200 and watch.ask("COUNT music") == ":%d" % len(stored)


def a_folder_that_cannot_be_written_is_said_at_the_start():
    with Session() as session:
        user = NOBODY if os.getuid() == 0 else None
        os.chmod(session.folder, 0o755)
        os.mkdir(session.path("data"), 0o555)
        said = session.refuses(user=user, log="-")
        assert session.path("data") + "/lock: Permission denied" in said, said
        os.rmdir(session.path("data"))
        # the folder of a daemon of before, now read-only
        session.start()
        connection = session.connect()
        assert put(connection, 1) == "+OK"
        connection.close()
        session.stop()
        for folder, _, files in os.walk(session.path("data")):
            os.chmod(folder, 0o555)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o444)
        said = session.refuses(user=user, log="-")
        assert "Permission denied" in said, said
        for folder, _, files in os.walk(session.path("data")):
            os.chmod(folder, 0o755)
            for name in files:
                os.chmod(os.path.join(folder, name), 0o644)
        os.chmod(session.path("data") + "/catalogue/data.mdb", 0o444)
        if user:
            for folder, _, files in os.walk(session.path("data")):
                for name in ["."] + files:
                    os.chown(os.path.join(folder, name), user, user)
        said = session.refuses(user=user, log="-")
        assert "catalogue" in said and "Permission denied" in said, said
        # a file where the folder should be; a folder that cannot be made
        with open(session.path("file"), "w"):
            pass
        said = session.refuses(data=session.path("file"))
        assert "file/lock: Not a directory" in said, said
        said = session.refuses(data=session.path("none/none"))
        assert "none/none: No such file or directory" in said, said


def bytes_that_are_not_ours_are_said_at_the_start():
    """Damage that can be seen when a file is opened; it must not crash anything."""
    with Session() as session:
        session.start()
        connection = session.connect()
        for i in range(300):
            assert put(connection, i, 300) == "+OK"
        for _ in range(20):
            page = connection.json("SEARCH music love POLICY fixed")
            assert connection.ask("FEEDBACK %s %s like" % (page["decision"], page["hits"][0]["id"])) == "+OK"
        connection.close()
        session.stop()
        shutil.copytree(session.path("data"), session.path("good"))

        def cut(bytes):
            return lambda file, size: file.truncate(bytes if bytes > 0 else size + bytes)

        def damage(part, how):
            shutil.rmtree(session.path("data"))
            shutil.copytree(session.path("good"), session.path("data"))
            path = session.path("data/%s/data.mdb" % part)
            with open(path, "r+b") as file:
                how(file, os.path.getsize(path))

        def overwrite(at, data):
            def how(file, size):
                file.seek(at)
                file.write(data)
            return how

        for part in ("catalogue", "learning"):
            for how in (overwrite(0, b"\xa5" * 8192), overwrite(0, b"\0" * 8192), cut(100),
                        cut(5000), cut(8192), overwrite(8192, b"\xff" * (1 << 20))):
                damage(part, how)
                said = session.refuses()
                assert "data/" + part + ": " in said and "MDB_" in said, said
        # where a part of the bytes is good, what they hold is served, and the rest is an
        # error; what LMDB itself cannot bear is the daemon's end, in words
        for part, how in (("catalogue", cut(-4096)), ("catalogue", cut(-100000)),
                          ("learning", cut(-4096))):
            damage(part, how)
            try:
                session.start()
            except AssertionError: # it was a page that the start needs
                assert session.ended() == 1 and "MDB_" in session.errors(), session.log()
                continue
            connection = session.connect()
            try:
                for i in range(0, 300, 7):
                    for line in ("GET music track:%d" % i, "SEARCH music w%d" % i, "ARMS music",
                                 "DECISION %016x" % (i + 1), "MEMORY music love"):
                        connection.ask(line)
                assert connection.ask("PING") == "+PONG"
            except (EOFError, ConnectionError):
                assert session.ended() == 1 and "is damaged" in session.errors(), session.log()
            else:
                session.stop()
            connection.close()
        # an empty file is a new one: nothing of the other half is lost
        damage("catalogue", lambda file, size: file.truncate(0))
        session.start()
        connection = session.connect()
        assert connection.ask("COUNT music") == ":0"
        assert connection.json("ARMS music")["all_fields"]["reward"] > 0
        connection.close()
        session.stop()


sys.exit(run_tests("resources", [
    a_full_map_refuses_a_put_and_a_larger_one_goes_on,
    a_small_map_for_learning_lets_go_of_the_oldest,
    a_map_too_small_for_the_models_stops_no_search,
    a_full_disk_refuses_a_put_and_goes_on_when_there_is_room,
    a_full_learner_queue_answers_busy_and_searches_go_on_unlogged,
    a_full_writer_queue_answers_busy_and_what_is_refused_is_not_there,
    too_many_bytes_waiting_are_refused_as_busy,
    a_folder_that_cannot_be_written_is_said_at_the_start,
    bytes_that_are_not_ours_are_said_at_the_start,
]))
