#!/usr/bin/env python3
"""serve.py -- the daemon over its socket: PING beside redis-server, and searches.

Starts tollerd and a redis-server on loopback, loads the real music catalogue where it
is, and prints a line a figure: name, value, unit, the peer's value, ratio (above 1: we
are faster).  Searches are names of the catalogue, whole and in part, three in ten with
a typing error, one after another on one connection.
"""
import gzip, json, os, random, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, DATA, Session

QUERIES = 2000


def benchmark(port, pipeline):
    out = subprocess.run(["redis-benchmark", "-p", str(port), "-t", "ping_mbulk", "-n", "200000",
                          "-c", "50", "-P", str(pipeline), "--csv"],
                         capture_output=True, text=True).stdout
    return float(out.strip().split("\n")[-1].split(",")[1].strip('"'))


def ping(session):
    port = 7000 + os.getpid() % 20000
    redis = subprocess.Popen(["redis-server", "--port", str(port), "--save", ""],
                             stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    ours = int(session.address.rsplit(":", 1)[1])
    for pipeline in (1, 16):
        best = [max(benchmark(p, pipeline) for _ in range(3)) for p in (ours, port)]
        print("%-28s %10.0f %-8s redis %9.0f  ratio %6.2f" % (
            "PING, pipeline %d" % pipeline, best[0], "1/s", best[1], best[0] / best[1]))
    redis.terminate()
    redis.wait()


def load(session):
    """Loads the catalogue; the entities a second."""
    start, count = time.time(), 0
    for kind in ("artist", "album", "track"):
        out = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, "load", "music",
                              os.path.join(DATA, "music", kind + "s.jsonl.gz"),
                              "--set", "kind=" + kind, "--prefix", kind + ":"],
                             capture_output=True, text=True)
        if out.returncode:
            raise SystemExit(out.stderr)
    count = int(session.connect().ask("COUNT music").lstrip(":"))
    return count / (time.time() - start), count


def slip(rng, word):
    """One typing error: a letter lost, doubled, swapped or wrong."""
    if len(word) < 4:
        return word
    i = rng.randrange(1, len(word) - 1)
    return rng.choice((word[:i] + word[i + 1:], word[:i] + word[i] + word[i:],
                       word[:i] + word[i + 1] + word[i] + word[i + 2:],
                       word[:i] + rng.choice("aeiorst") + word[i + 1:]))


def queries():
    rng, tracks = random.Random(1), []
    with gzip.open(os.path.join(DATA, "music", "tracks.jsonl.gz"), "rt") as file:
        for i, line in enumerate(file):
            if i % 20 == 0:
                tracks.append(json.loads(line))
    for _ in range(QUERIES):
        track = rng.choice(tracks)
        name = track["name"].split(" - ")[0].split(" (")[0]
        artist = (track["artists"] or [""])[0]
        query = rng.choice((name, artist, artist.split(" ")[0] + " " + name, name + " " + artist))
        words = query.replace('"', "").replace("\\", "").split()[:8]
        if words and rng.random() < 0.3:
            i = rng.randrange(len(words))
            words[i] = slip(rng, words[i])
        yield " ".join(words) or "love"


def search(session, count):
    connection, took, inside = session.connect(), [], []
    for query in queries():
        start = time.perf_counter()
        reply = connection.json('SEARCH music "%s" FIELDS name' % query)
        took.append((time.perf_counter() - start) * 1e6)
        inside.append(reply["took_us"])
    for name, values in (("SEARCH, by the client", took), ("SEARCH, in the daemon", inside)):
        values.sort()
        for share in (50, 99):
            value = values[len(values) * share // 100]
            print("%-28s %10.0f %-8s goal  %9.0f  ratio %6.2f" % (
                "%s, p%d" % (name, share), value, "us", 2000, 2000 / value))


def main():
    with Session() as session:
        session.start(seed="1", compact_after="0")
        ping(session)
        if not os.path.exists(os.path.join(DATA, "music")):
            print("searches: skipped, no %s/music" % DATA)
            return
        rate, count = load(session)
        session.connect().json("COMPACT") # as the daemon soon would, amid the searches
        print("%-28s %10.0f %-8s goal  %9.0f  ratio %6.2f" % (
            "load, entities", rate, "1/s", 20000, rate / 20000))
        start = time.time()
        session.stop()
        session.restart()
        print("%-28s %10.3f %-8s goal  %9.0f" % ("restart to serving", time.time() - start, "s", 1))
        search(session, count)
        with open("/proc/%d/status" % session.daemon.pid) as status:
            peak = [line for line in status if line.startswith("VmHWM")][0].split()[1]
        print("%-28s %10.0f %-8s goal  %9.0f" % ("peak resident memory", int(peak) / 1024, "MiB", 1024))


main()
