#!/usr/bin/env python3
"""puts.py -- documents put one at a time, each acknowledged when it is on the disk.

    puts.py [documents there already (200000)] [seconds each (5)]

Of 1, 10 and 100 clients, each with one PUT on its way: puts a second, how long one takes, and
how many shared a commit; beside a file of the same disk in which as many pages as a commit has
are written here and there, synced, and one more is written and synced, as a commit ends.  Half
of the puts are new, half replace."""
import os, random, selectors, socket, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, encode, write

CONF = "field text text\n"
WORDS = 400000
PAGE, FILE_PAGES = 4096, 50000


def text(rng):
    """5 to 60 words, few of them common."""
    return " ".join("w%d" % int(WORDS ** rng.random()) for _ in range(rng.randint(5, 60)))


def put(rng, number):
    return encode("PUT", "bench", str(number), '{"text":"%s"}' % text(rng))


def load(connection, rng, count):
    for first in range(0, count, 5000):
        connection.socket.sendall(b"".join(put(rng, i) for i in range(first, first + 5000)))
        for _ in range(5000):
            assert connection.file.readline() == b"+OK\r\n"


def clients(session, rng, count, seconds, there):
    """Seconds that each put took."""
    host, port = session.address.rsplit(":", 1)
    selector, since, took = selectors.DefaultSelector(), {}, []

    def send(client):
        number = rng.randrange(2 * there)
        line = put(rng, number)
        since[client] = time.perf_counter()
        client.sendall(line)

    for _ in range(count):
        client = socket.create_connection((host, int(port)))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client, selectors.EVENT_READ)
        send(client)
    end = time.perf_counter() + seconds
    while since:
        for key, _ in selector.select():
            client = key.fileobj
            assert client.recv(100) == b"+OK\r\n"
            now = time.perf_counter()
            took.append(now - since.pop(client))
            if now < end:
                send(client)
            else:
                selector.unregister(client)
                client.close()
    return sorted(took)


def disk_alone(path, pages, seconds):
    """Seconds that each commit of so many pages takes, at the least."""
    rng, took = random.Random(2), []
    with open(path, "wb") as file:
        for _ in range(FILE_PAGES):
            file.write(bytes(PAGE))
        os.fdatasync(file.fileno())
        end = time.perf_counter() + seconds
        while not took or time.perf_counter() < end:
            start = time.perf_counter()
            for place in sorted(rng.sample(range(1, FILE_PAGES), pages)):
                os.pwrite(file.fileno(), bytes(PAGE), place * PAGE)
            os.fdatasync(file.fileno())
            os.pwrite(file.fileno(), bytes(PAGE), 0)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
    return sorted(took)


def figure(name, value, unit, peer=None):
    ratio = "  disk alone %10.2f ratio %6.2f" % (peer, peer / value) if peer else ""
    print("%-34s %10.2f %-4s%s" % (name, value, unit, ratio), flush=True)


def main():
    there = int(sys.argv[1]) if len(sys.argv) > 1 else 200000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 5
    rng = random.Random(1)
    with Session() as session:
        write(session.path("conf/bench.conf"), CONF)
        session.start(collections=session.path("conf"), compact_after="0")
        connection = session.connect()
        load(connection, rng, there)
        pid, info = session.daemon.pid, lambda: connection.json("INFO writer")
        connection.json("COMPACT")
        print("puts: %d documents there, %.0f s each" % (there, seconds))
        for count in (1, 10, 100):
            before, wrote = info(), written(pid)
            took = clients(session, rng, count, seconds, there)
            after = info()
            commits = after["commits"] - before["commits"]
            size = (written(pid) - wrote) / commits
            alone = disk_alone(session.path("data/alone"), int(size / PAGE), 2)
            figure("%d clients, puts" % count, len(took) / seconds, "1/s")
            figure("%d clients, puts a commit" % count, len(took) / commits, "")
            figure("%d clients, written a commit" % count, size / 1000, "KB")
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                figure("%d clients, %s" % (count, name), 1e3 * took[int(share * len(took))], "ms",
                       1e3 * alone[int(share * len(alone))])
        connection.close()


def written(pid):
    with open("/proc/%d/io" % pid) as file:
        return int(dict(line.split(": ") for line in file)["wchar"])


main()
