#!/usr/bin/env python3
"""clients_test.py -- very many clients, slow ones, silent ones, and ones that talk nonsense."""
import json, os, random, resource, socket, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, encode, run_tests

MANY = 1000


def put_some(connection, count=50):
    for i in range(count):
        answer = connection.ask('PUT music track:%d {"kind":"track","name":"Love %d"}' % (i, i))
        assert answer == "+OK", answer


def memory(session):
    """Resident bytes of the daemon."""
    with open("/proc/%d/statm" % session.daemon.pid) as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def a_thousand_clients_are_served_at_once():
    with Session() as session:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < MANY + 100:
            return "only %d open files are allowed here" % hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + 100), hard))
        session.start(workers="2")
        first = session.connect()
        put_some(first)
        clients = [session.connect() for _ in range(MANY)]
        for turn in range(3):
            for i, client in enumerate(clients):
                client.send(("PING", "SEARCH music love LIMIT 2 FIELDS name",
                             'PUT music mine:%d {"name":"mine"}' % i,
                             "GET music track:%d" % (i % 50))[(i + turn) % 4])
            for i, client in enumerate(clients):
                answer = client.receive()
                says = ("+PONG", '{"decision":"', "+OK", '{"kind":"track"')[(i + turn) % 4]
                assert answer.startswith(says), (i, turn, answer)
        assert first.json("INFO clients")["connected"] == MANY + 1
        for client in clients[:MANY // 2]:
            client.close()
        for client in clients[MANY // 2:]:  # without a word
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
        session.wait(lambda: first.json("INFO clients")["connected"] == 1, what="all to be gone")
        first.close()


def more_clients_than_files_are_refused_until_some_go():
    """The daemon may open few files: it rests and goes on, and those inside are served."""
    with Session() as session:
        session.start(workers="1")
        connection = session.connect()
        resource.prlimit(session.daemon.pid, resource.RLIMIT_NOFILE, (60, 60))
        others = [socket.create_connection(session.address.rsplit(":", 1)) for _ in range(80)]
        session.wait(lambda: "cannot accept: Too many open files" in session.read("log"),
                     what="a refusal")
        assert connection.ask("PING") == "+PONG"
        for other in others:
            other.close()
        session.wait(lambda: connection.json("INFO clients")["connected"] <= 2, what="room")
        late = session.connect()
        assert late.ask("PING") == "+PONG"
        late.close()
        connection.close()


def rests(session):
    start = session.cpu_seconds()
    time.sleep(0.2)
    return session.cpu_seconds() - start < 0.05


def cost_of_searches(session, connection):
    """Of twenty, in seconds of the daemon's CPU time."""
    start = session.cpu_seconds()
    for _ in range(20):
        assert connection.json("SEARCH music love LIMIT 2 POLICY fixed")["hits"]
    return session.cpu_seconds() - start


def a_client_that_never_reads_costs_a_bounded_amount_and_nobody_else():
    with Session() as session:
        session.start(workers="1")
        connection = session.connect()
        put_some(connection)
        usual = cost_of_searches(session, connection)
        before = memory(session)
        deaf = session.connect()
        deaf.socket.setblocking(False)
        request = b"SEARCH music love LIMIT 50 EXPLAIN NOLOG\n" * 1000
        sent, quiet = 0, time.time()
        while time.time() - quiet < 1 and sent < 100 << 20:
            try:
                sent += deaf.socket.send(request)
                quiet = time.time()
            except BlockingIOError:
                assert connection.ask("PING") == "+PONG"
        assert sent < 100 << 20, "it was never told to wait"
        session.wait(lambda: rests(session), 120, "what was sent to be answered, or left")
        cost = cost_of_searches(session, connection)
        assert cost < 1 + 3 * usual, (cost, usual)
        # PENDING_BYTES_MAX, buffers that double, and what one request adds
        assert memory(session) - before < 400 << 20, memory(session) - before
        deaf.close()
        session.wait(lambda: connection.json("INFO clients")["connected"] == 1, what="its end")
        connection.close()


def the_end_does_not_wait_for_ever_for_a_client_that_never_reads():
    with Session() as session:
        session.start(workers="1")
        deaf = session.connect()
        word = b"x" * (8 << 20)
        for _ in range(3):
            deaf.socket.sendall(encode("ECHO", word))
        start = time.time()
        assert session.stop() == 0
        assert time.time() - start < 20
        assert "did not take its replies; closed" in session.read("log"), session.log()
        deaf.close()


def very_many_writes_on_their_way_hold_back_nobody_else():
    """As many as wait for their commit at most (PENDING_REPLIES_MAX), and more behind them."""
    with Session() as session:
        session.start(workers="1")
        many, connection = session.connect(), session.connect()
        writer = threading.Thread(target=lambda: many.socket.sendall(
            encode("DEL", "music", "nothing") * 100000 + encode("ECHO", "end")))
        writer.start()
        assert connection.ask("PING") == "+PONG"
        for _ in range(100000):
            assert many.read_resp() == ":0"
        assert many.read_resp() == "end"
        writer.join()
        many.close()
        connection.close()


def one_client_too_many_is_refused_in_words():
    """CLIENTS_MAX of limits.h."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 11000:
        return "only %d open files are allowed here" % hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    with Session() as session:
        session.start()
        host, port = session.address.rsplit(":", 1)
        clients = [socket.create_connection((host, int(port))) for _ in range(10000)]
        with socket.create_connection((host, int(port))) as late:
            late.settimeout(30)
            said = late.makefile("rb").readline()
        assert said == b"-LIMIT 10000 clients are connected, limit 10000\r\n", said
        for client in clients[1:]:
            client.close()
        clients[0].sendall(b"INFO clients\n")
        info = json.loads(clients[0].makefile("rb").readline())
        assert info["refused"] == 1 and info["accepted"] == 10000, info
        clients[0].close()


def bytes_that_come_one_at_a_time_hold_up_nobody():
    with Session() as session:
        session.start(workers="1")
        connection = session.connect()
        put_some(connection)
        lines = [b"SEARCH music love LIMIT 1 FIELDS name\n", b'ECHO "a b"\n',
                 encode("GET", "music", "track:7"), encode("PUT", "music", "slow", '{"name":"s"}')]
        slow = [(session.connect(), lines[i % 4]) for i in range(100)]
        for at in range(max(map(len, lines))):
            for client, line in slow:
                client.socket.sendall(line[at:at + 1])
            if at % 20 == 0:
                assert connection.ask("PING") == "+PONG"
        for i, (client, line) in enumerate(slow):
            answer = client.receive() if line[:1] != b"*" else client.read_resp()
            assert answer.startswith(('{"decision":"', '"a b"', '{"kind":"track"', "+OK")[i % 4])
            client.close()
        # one that says half and then nothing is there for as long as it likes
        half = session.connect()
        half.socket.sendall(b"*2\r\n$4\r\nECHO\r\n$10\r\nabc")
        assert connection.ask("PING") == "+PONG"
        assert session.stop() == 0
        assert half.file.read() == b""
        connection.close()


def garbage(rng, kind):
    size = 1 << 20
    if kind == "bytes":
        return rng.randbytes(size)
    if kind == "no_newline":
        return rng.randbytes(size).replace(b"\n", b"x")
    if kind == "zeroes":
        return bytes(size)
    if kind == "newlines":
        return b"\r\n" * (size // 2)
    if kind == "stars":
        return b"*" * size
    if kind == "empty_arrays":
        return b"*0\r\n*-1\r\n" * (size // 9)
    words = [b"SEARCH", b"music", b"PUT", b"{", b"}", b'"', b"'", b"\\", b"LIMIT", b"-1", b"\n", b" ",
             b"*3\r\n", b"$5\r\n", b"\r\n", b"FEEDBACK", b"WHERE", b"love", b"(", b"[", b"\0", b"\xff"]
    return b"".join(rng.choice(words) + b" " * rng.randrange(2) for _ in range(size // 3))


def a_mebibyte_of_garbage_is_answered_with_errors():
    rng = random.Random(9)
    with Session() as session:
        session.start()
        connection = session.connect()
        put_some(connection)
        for kind in ("bytes", "no_newline", "zeroes", "newlines", "stars", "empty_arrays", "words"):
            client = session.connect()
            client.socket.settimeout(30)
            answers = b""
            try:
                client.socket.setblocking(False)
                data, at = garbage(rng, kind), 0
                while at < len(data):  # reading what comes, or nobody could go on
                    try:
                        at += client.socket.send(data[at:at + 65536])
                    except BlockingIOError:
                        pass
                    try:
                        part = client.socket.recv(1 << 20)
                        if not part:
                            break
                        answers += part
                    except BlockingIOError:
                        pass
                client.socket.setblocking(True)
                client.socket.shutdown(socket.SHUT_WR)
                while part := client.socket.recv(1 << 20):
                    answers += part
            except (ConnectionError, BrokenPipeError):
                pass  # told and closed
            client.close()
            errors = [a for a in answers.split(b"\n") if a[:1] == b"-"]
            if kind in ("newlines", "empty_arrays"):
                assert answers == b"", answers[:100]  # nothing was asked
            else:
                assert errors and all(b" " in a for a in errors), (kind, answers[:100])
            assert connection.ask("PING") == "+PONG"
        assert connection.ask("COUNT music") == ":50"
        connection.close()


sys.exit(run_tests("clients", [
    a_thousand_clients_are_served_at_once,
    more_clients_than_files_are_refused_until_some_go,
    a_client_that_never_reads_costs_a_bounded_amount_and_nobody_else,
    the_end_does_not_wait_for_ever_for_a_client_that_never_reads,
    very_many_writes_on_their_way_hold_back_nobody_else,
    one_client_too_many_is_refused_in_words,
    bytes_that_come_one_at_a_time_hold_up_nobody,
    a_mebibyte_of_garbage_is_answered_with_errors,
]))
