#!/usr/bin/env python3
"""flood.py -- COMPACT amid a flood of changes, and searches meanwhile.

    flood.py [documents (300000)] [compactions (3)]

Three clients put (7 in 10) and delete documents at random, 2,000 on their way each, as fast as
they are acknowledged; another searches, one after the other.  Of searches while the catalogue
is compacted, beside those of the same flood when it is not: how long they take; and of each
compaction how long the writer was held at its end."""
import json, multiprocessing, os, random, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, encode, write

CONF = "field text text\nfield popularity number bias=log1p\n"
WORDS, TEXTS, AHEAD, CLIENTS = 40000, 20000, 2000, 3


def words(rng, count):
    """Few of them common."""
    return " ".join("w%d" % int(WORDS ** rng.random()) for _ in range(count))


def put(texts, rng, number):
    return encode("PUT", "bench", str(number), texts[rng.randrange(TEXTS)])


def ask(connection, requests):
    """Sent together; what is acknowledged, without what was refused (BUSY)."""
    connection.socket.sendall(b"".join(requests))
    return sum(not connection.file.readline().startswith(b"-") for _ in requests)


def change(session, texts, docs, seed, over, changed):
    rng, connection = random.Random(seed), session.connect()
    while not over.is_set():
        done = ask(connection, [put(texts, rng, rng.randrange(docs)) if rng.random() < 0.7 else
                                encode("DEL", "bench", rng.randrange(docs)) for _ in range(AHEAD)])
        with changed.get_lock():
            changed.value += done


def search(session, over, searches):
    rng, connection, took = random.Random(99), session.connect(), []
    while not over.is_set():
        start = time.perf_counter()
        connection.json('SEARCH bench "%s" NOLOG POLICY fixed' % words(rng, rng.randint(1, 3)))
        took.append((start, time.perf_counter() - start))
    searches.put(took)


def figure(name, value, unit, peer=None):
    ratio = "  without %12.2f ratio %6.2f" % (peer, peer / value) if peer else ""
    print("%-34s %10.2f %-4s%s" % (name, value, unit, ratio), flush=True)


def compact(connection, times):
    """When each began and ended, what it answered.  perf_counter is one clock for all."""
    connection.socket.settimeout(600)
    spans = []
    for _ in range(times):
        time.sleep(5)
        start = time.perf_counter()
        reply = connection.ask("COMPACT")
        spans.append((start, time.perf_counter(), reply))
    time.sleep(5)
    return spans


def main():
    docs = int(sys.argv[1]) if len(sys.argv) > 1 else 300000
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    rng = random.Random(1)
    texts = ['{"text":"%s","popularity":%d}' % (words(rng, rng.randint(5, 25)), rng.randrange(100))
             for _ in range(TEXTS)]
    with Session() as session:
        write(session.path("conf/bench.conf"), CONF)
        session.start(collections=session.path("conf"), compact_after="0")
        connection = session.connect()
        for first in range(0, docs, 5000):
            ask(connection, [put(texts, rng, i) for i in range(first, first + 5000)])
        over, searches = multiprocessing.Event(), multiprocessing.Queue()
        changed = multiprocessing.Value("q", 0)
        others = [multiprocessing.Process(target=change, args=(session, texts, docs, seed, over, changed))
                  for seed in range(CLIENTS)]
        others.append(multiprocessing.Process(target=search, args=(session, over, searches)))
        for process in others:
            process.start()
        begun, spans = time.perf_counter(), compact(connection, times)
        seconds = time.perf_counter() - begun
        over.set()
        took = searches.get()
        for process in others:
            process.join()
        connection.close()
    print("flood: %d documents, %d compactions" % (docs, times))
    figure("changes", changed.value / seconds, "1/s")
    for start, end, reply in spans:
        figure("a compaction", end - start, "s")
        if reply.startswith("-BUSY"):
            print("  was given up: changes came faster than they could be copied")
            continue
        reply = json.loads(reply)
        figure("  changes meanwhile", reply["changed"], "")
        figure("  the writer held", reply["held_ms"], "ms")
    within = lambda at, spent: any(at < end and at + spent > start for start, end, _ in spans)
    during = sorted(spent for at, spent in took if within(at, spent))
    without = sorted(spent for at, spent in took if not within(at, spent))
    for share, name in ((0.5, "p50"), (0.99, "p99"), (1, "slowest")):
        value, peer = (1e3 * all[min(len(all) - 1, int(share * len(all)))] for all in (during, without))
        figure("searches while compacting, " + name, value, "ms", peer)


main()
