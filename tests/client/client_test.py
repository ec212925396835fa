#!/usr/bin/env python3
"""The toller program against a small fake server: client_test.py [TOLLER]."""
import gzip, json, os, socket, subprocess, sys, tempfile, threading

TOLLER = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else
                         os.path.join(os.environ.get("BUILD", "build"), "toller"))
stored, busy_left, passed, failed = {}, [0], 0, 0
HITS = {"decision": "d1", "took_us": 42, "hits": [
    {"id": "track:a", "score": 1.5, "from": {"lexical": 3, "memory": 1},
     "doc": {"name": "Love Story\u001b[31m", "kind": "track", "artists": ["Taylor Swift"]}}]}


def bulk(value):
    text = json.dumps(value, ensure_ascii=False).encode()
    return b"$%d\r\n%s\r\n" % (len(text), text)


def answer(words):
    name = words[0].upper()
    if name == "PUT":
        if busy_left[0] > 0:
            busy_left[0] -= 1
            return b"-BUSY the writer is behind\r\n"
        if words[2] == "refused":
            return b"-ARG not this one\r\n"
        stored[words[2]] = json.loads(words[3])
        return b"+OK\r\n"
    if name == "SEARCH":
        return bulk(HITS)
    if name == "ARMS" and words[1] == "wide":
        row = {"c%d" % i: i for i in range(12)}
        return bulk({"a": {**row, "loaded_ms": 1764000000123}, "b": {**row, "c3": 5, "loaded_ms": 7}})
    if name == "ARMS" and words[1] == "judged":
        ips = {"value": 0.5, "low": 0.125, "high": 0.625}
        return bulk({"a": {"decisions": 3, "estimates": {"ips": ips, "dr": ips}, "warning": "few"},
                     "b": {"decisions": 4, "estimates": {"ips": ips}, "warning": None}})
    if name == "ARMS":
        return bulk({"lexical": {"draws": 7, "reward": 1.25, "plus_minus": 0.4375},
                     "memory": {"draws": 2, "reward": 0, "plus_minus": None}})
    if name == "EVALUATE":
        return b"+judged %s\r\n" % words[2].encode()
    if name == "COUNT":
        return b":%d\r\n" % len(stored)
    if name == "ECHO":
        return b"$%d\r\n%s\r\n" % (len(words[1].encode()), words[1].encode())
    if name == "GET":
        return bulk({"a": "x y", "b": [1, 2]})
    if name == "INFO":
        return bulk({"server": {"pid": 7, "address": "here, there"}, "empty": [],
                     "arms": {"lexical": {"draws": 7, "plan": {"any": [1]}}}, "ids": [1.5, "b"]})
    return b"-SYNTAX unknown command\r\n"


def serve(sock):
    with sock, sock.makefile("rb") as lines:
        while True:
            head = lines.readline()
            if not head:
                return
            words = []
            for _ in range(int(head[1:])):
                size = int(lines.readline()[1:])
                words.append(lines.read(size + 2)[:size].decode())
            sock.sendall(answer(words))


def accept(listener):
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


def check(what, condition, got=None):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print("FAILED", what, got)


def run(*words, text=""):
    p = subprocess.run([TOLLER, "-s", address, *words], input=text, timeout=30,
                       capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


folder = tempfile.TemporaryDirectory()
listener = socket.create_server(("127.0.0.1", 0))
address = "127.0.0.1:%d" % listener.getsockname()[1]
threading.Thread(target=accept, args=(listener,), daemon=True).start()
path = lambda name: os.path.join(folder.name, name)

got = run("SEARCH", "music", "tayler love")
check("hits are a table", got[0] == 0 and "lexical 3, memory 1" in got[1] and
      "track, Taylor Swift" in got[1] and "decision d1" in got[1], got)
check("no control bytes", "\x1b" not in got[1], got)
got = run("--json", "SEARCH", "music", "x")
check("--json is raw", json.loads(got[1]) == HITS, got)
got = run("ARMS", "music")
check("arms are a table, with what is plus or minus beside it", got[1] ==
      "name     draws  reward\nlexical  7      1.25 ±0.44\nmemory   2      0\n", got)
got = run("ARMS", "wide")
check("of a wide table what is the same in all rows is a line; a time is a date", got[1] ==
      "name  c3  loaded_ms\na     3   2025-11-24T16:00:00Z\nb     5   7\n"
      "in all: c0 0, c1 1, c2 2, c4 4, c5 5, c6 6, c7 7, c8 8, c9 9, c10 10, c11 11\n", got)
got = run("ARMS", "judged")
check("intervals are cells of their row", got[1] ==
      "name  decisions  ips        dr         warning\n"
      "a     3          0.5 ±0.25  0.5 ±0.25  few\n"
      "b     4          0.5 ±0.25             \n", got)
got = run("GET", "music", "x")
check("a document is indented JSON", json.loads(got[1]) == {"a": "x y", "b": [1, 2]}, got)
got = run("INFO")
check("what has parts is an outline", got[1] == """server: pid 7, address "here, there"
empty: none
arms:
name     draws
lexical  7
ids: 1.5, b
(--json shows all of it)
""", got)
got = run("evaluate", "music", "priced")
check("a policy is the daemon's to evaluate", got[:2] == (0, "judged priced\n"), got)
got = run("evaluate", "music", "--qrels", "x")
check("files are ours", got[0] == 2 and "--queries" in got[2], got)
got = run("load", "--help")
check("a part's help is the program's", got[0] == 0 and "--prefix TEXT" in got[1], got)
got = run("NONSENSE")
check("an error is status 1", got[0] == 1 and "SYNTAX" in got[2], got)
got = run(text="ECHO \"a \\\"b\\\" c\"\nECHO 'it\\'s'\nECHO \"open\nquit\nECHO no\n")
check("lines from a pipe", got[1] == 'a "b" c\nit\'s\n' and "quote" in got[2], got)

with open(path("a.jsonl"), "w") as f:
    f.write('{"id":"one","name":"Eins"}\n{"id":"bad"\n\n{"name":"no id"}\n{"id":7}\r\n[1]')
got = run("load", "music", "-", text='{"id":"one"}\n' + "nonsense\n" * 60)
check("of many bad lines the first are told", got[0] == 1 and got[2].count("-:") == 50 and
      "only counted" in got[2] and "1 stored, 60 bad" in got[1], got)
stored.clear()
got = run("load", "music", path("a.jsonl"), "--set", "kind=track", "--prefix", "track:")
check("bad lines are named and skipped", got[0] == 1 and "a.jsonl:2:" in got[2] and
      "a.jsonl:4:" in got[2] and "a.jsonl:6:" in got[2] and "2 stored, 3 bad" in got[1], got)
check("set and prefix", stored == {"track:one": {"id": "one", "name": "Eins", "kind": "track"},
                                   "track:7": {"id": 7, "kind": "track"}}, stored)
stored.clear()
got = run("load", "music", "-", "--set", "kind=track", "--set", "n=1", "--set", "kind=[\"a\"]",
          text=' { "id" : "gr\\u00fc\\n\\"n\\"" , "kind" : "was", "more":[] } \t\n'
          '{"id":"x","kinds":1.50}  \n{"id":"n","n":{}}\n')
check("what is set wins, the rest of a line is as it was", got[0] == 0 and stored == {
    'gr\u00fc\n"n"': {"id": 'gr\u00fc\n"n"', "kind": ["a"], "more": [], "n": 1},
    "x": {"id": "x", "kinds": 1.5, "kind": ["a"], "n": 1},
    "n": {"id": "n", "n": 1, "kind": ["a"]}}, (got, stored))
stored.clear()
got = run("load", "music", "-", "--set", "id=z", "--set", "n=1", text='{"id":"y"}\n{"id":3,"n":2}')
check("an id that is set is not the key", got[0] == 0 and stored == {
    "y": {"id": "z", "n": 1}, "3": {"id": "z", "n": 1}}, (got, stored))
stored.clear()
got = run("load", "music", "--strict", path("a.jsonl"))
check("strict stops", got[0] == 1 and list(stored) == ["one"], (got, stored))
stored.clear()
busy_left[0] = 50
with gzip.open(path("b.tsv.gz"), "wt") as f:
    f.write("sku\tname\tprice\n" + "".join("%05d\tthing %d\t%d.5\n" % (i, i, i) for i in range(3000)))
got = run("load", "shop", path("b.tsv.gz"), "--id", "sku", "--window", "64")
check("gzip TSV, busy is sent again", got[0] == 0 and len(stored) == 3000 and
      "50 sent again" in got[1], got)
check("cells have types", stored.get("00012") == {"sku": "00012", "name": "thing 12", "price": 12.5},
      stored.get("00012"))
stored.clear()
got = run("load", "music", "-", text='{"id":"refused"}\n{"id":"x"}')
check("standard input, refusal named", got[0] == 1 and "-:1: ARG" in got[2] and "x" in stored, got)
with open(path("wrong.conf"), "w") as f:
    f.write("not = json\n" * 1000)
got = run("load", "music", path("wrong.conf"))
check("a wrong file is given up", got[0] == 1 and got[2].count("\n") < 20 and
      "given up" in got[2], got)
got = run("load", "music", "-", text='{"id":"refused"}\n' * 1000)
check("nothing but refusals is given up", got[0] == 1 and got[2].count("\n") < 20, got)
with open(path("wrong.conf"), "a") as f:
    f.write('{"id":"good"}\n')
with open(path("good.jsonl"), "w") as f:
    f.write('{"id":"good"}\n')
got = run("load", "music", path("good.jsonl"), path("wrong.conf"))
check("after a good line bad ones are skipped", "2 stored, 1000 bad" in got[1], got[1])
got = run("load", "music", folder.name)
check("a folder", got[0] == 1 and "Is a directory" in got[2], got)
got = run("load", "music", path("none.jsonl"))
check("a missing file", got[0] == 1 and "No such file" in got[2], got)
with open(path("b.tsv.gz"), "rb") as f, open(path("cut.tsv.gz"), "wb") as g:
    g.write(f.read()[:4000])
got = run("load", "shop", path("cut.tsv.gz"), "--id", "sku")
check("a cut gzip file is told", got[0] == 1 and "damaged or cut" in got[2], got)
for words, why in (([], "expected COLLECTION FILE"), (["f", "--what", "x"], "--what is unknown"),
                   (["f", "--id"], "--id needs a value"),
                   (["f", "--set", "x"], "--set 'x', expected NAME=VALUE"),
                   (["f", "--window", "0"], "'0', expected a whole number from 1 to 262144")):
    got = run("load", "music", *words)
    check("load usage", got[0] == 2 and why in got[2], got)
got = run(text="evaluate music linucb\n")
check("the prompt leaves the daemon's EVALUATE to it", got[1] == "judged linucb\n", got)
address = "127.0.0.1:1"
got = run("PING")
check("no server", got[0] == 2 and "is tollerd running?" in got[2], got)
check("help", "usage: toller" in run("--help")[1])
print("client: %d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
