#!/usr/bin/env python3
"""tollerd from outside: server_test.py [WORD ...], with BUILD set.

Both forms of the protocol, order and back-pressure, clients that stop half way,
AUTH, restarts and kills, and the programs and libraries of Redis as clients.
"""
import json, os, shutil, signal, socket, subprocess, sys, tempfile, time

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian keeps python3-redis
try:
    import redis
except ImportError:
    redis = None

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(TOP, "build")))
TOLLERD = os.path.join(BUILD, "tollerd")
DOC = '{"name":"Love Story","kind":"track"}'


class Daemon:
    """One in a temporary folder; `with` ends it by its process id."""

    def __init__(self, folder=None, **keys):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="toller-server-")
        keys = {"listen": "127.0.0.1:0", "data": self.folder + "/data", "workers": "2",
                "collections": TOP + "/conf", "log": self.folder + "/log", **keys}
        command = [TOLLERD]
        for key, value in keys.items():
            command += ["--set", "%s=%s" % (key, value)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=TOP,
                                        stderr=open(self.folder + "/stderr", "a"))
        line = self.process.stdout.readline()
        assert line.startswith("ready "), "%r\n%s" % (line, self.errors())
        self.address = line.split()[1]
        self.port = 0 if self.address.startswith("unix:") else int(self.address.rsplit(":", 1)[1])

    def errors(self):
        with open(self.folder + "/stderr", errors="replace") as file:
            return file.read()[-4000:]

    def end(self, how=signal.SIGTERM):
        if self.process.returncode is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        self.process.stdout.close()
        return status

    def connect(self, timeout=60):
        return Client(self.address, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        status = self.end() if self.process.returncode is None else 0
        text = self.errors()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)
        if why[0] is None:
            assert status == 0, "exit status %s\n%s" % (status, text)
            assert "Sanitizer" not in text and "runtime error" not in text, text


class Client:
    def __init__(self, address, timeout):
        if address.startswith("unix:"):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address[5:])
        else:
            host, port = address.rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)), timeout=timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        line = self.file.readline()
        if not line:
            raise EOFError("closed")
        return line.decode().rstrip("\r\n")

    def ask(self, line):
        self.send(line + "\n")
        return self.line()

    def json(self, line):
        return json.loads(self.ask(line))

    def reply(self):
        line = self.file.readline()
        if not line:
            raise EOFError("closed")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"$":
            return None if rest == "-1" else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"%":
            return {self.reply(): self.reply() for _ in range(int(rest))}
        if kind == b":":
            return int(rest)
        return None if kind == b"_" else kind.decode() + rest

    def resp(self, *words):
        self.send(encode(*words))
        return self.reply()

    def rest(self):
        return self.file.read()

    def closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def encode(*words):
    words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def equal(got, want):
    assert got == want, "got %.300r, not %.300r" % (got, want)


def run(command, text=None, timeout=120):
    return subprocess.run(command, input=text, capture_output=True, timeout=timeout)


# -- the two forms

def lines_and_arrays_answer_alike():
    with Daemon() as d:
        c = d.connect()
        equal(c.ask("PING"), "+PONG")
        equal(c.resp("ping"), "+PONG")
        equal(c.ask("echo 'a b'"), '"a b"')
        equal(c.resp("ECHO", b"a\r\nb\0"), b"a\r\nb\0")
        equal(c.ask("PUT music t:1 " + DOC), "+OK")
        equal(c.resp("PUT", "music", "t:2", DOC), "+OK")
        equal(c.ask("GET music t:1"), DOC)
        equal(c.resp("GET", "music", "t:2"), DOC.encode())
        equal(c.ask("GET music t:3"), "null")
        equal(c.resp("GET", "music", "t:3"), None)
        equal(c.ask("COUNT music"), ":2")
        equal(c.resp("COUNT", "music"), 2)
        equal(c.ask("DEL music t:1 t:2 t:3"), ":2")
        equal(c.resp("COUNT", "music"), 0)
        equal(c.ask("SELECT 0"), "+OK")
        equal(c.resp("NOPE")[:8], "-SYNTAX ")


def a_line_is_answered_with_its_own_ending():
    with Daemon() as d:
        c = d.connect()
        c.send("PING\r\nPING\n")
        equal(c.file.readline(), b"+PONG\r\n")
        equal(c.file.readline(), b"+PONG\n")


def hello_chooses_the_version():
    with Daemon() as d:
        c = d.connect()
        equal(c.resp("HELLO", "4")[:9], "-NOPROTO ")
        equal(dict(zip(*[iter(c.resp("HELLO"))] * 2))[b"proto"], 2)
        hello = c.resp("HELLO", "3", "SETNAME", "me")
        equal((hello[b"server"], hello[b"proto"]), (b"toller", 3))
        equal(c.resp("GET", "music", "none"), None)
        equal(c.resp("CLIENT", "GETNAME"), b"me")
        equal(c.resp("CONFIG", "GET", "seed"), {b"seed": b"0"})
        equal(c.json("CONFIG GET seed"), {"seed": "0"})


def errors_say_what_was_wrong():
    with Daemon() as d:
        c = d.connect()
        for line, says in (
                ("PIGN", "-SYNTAX unknown command 'PIGN'; did you mean 'PING'?"),
                ("GET music", "-SYNTAX wrong number of words; usage: GET coll id"),
                ("GET musci x", "did you mean 'music'"),
                ("PUT music x {", "-SYNTAX a word that begins with {"),
                ("PUT music x [1]", "-"),
                ('PUT music x {"name":{}}', "name"),
                ("PUT music x nothing", "-SYNTAX JSON"),
                ("PUT music '' {}", "-ARG an id has 1 to 255 bytes"),
                ("GET music " + "x" * 256, "-ARG an id has 1 to 255 bytes"),
                ('ECHO "open', "-SYNTAX unbalanced quotes"),
                ("SELECT 1", "-ARG there is one database"),
                ("CLIENT LITS", "did you mean 'LIST'?"),
                ("CONFIG SET workers 2", "-STATE workers cannot change"),
                ("CONFIG SET log_level loud", "-ARG log_level: expected debug"),
                ("CONFIG SET log_level warn log_level", "-SYNTAX usage"),
                ("INFO servr", "did you mean 'server'?"),
                ("AUTH x", "-ERR AUTH")):
            reply = c.ask(line)
            assert reply[0] == "-" and says in reply, "%s: %s" % (line, reply)
        equal(c.ask("PING"), "+PONG")


def an_unreadable_stream_is_told_and_closed():
    with Daemon() as d:
        for data, says in ((b"*1\r\nPING\r\n", "-SYNTAX expected '$'"),
                           (b"*2000\r\n", "-LIMIT a request of 2000 words"),
                           (b"*1\r\n$99999999\r\n" + b"x" * 300000, "-LIMIT a word of 99999999"),
                           (b"POST / HTTP/1.1\r\nPING\r\n", "-SYNTAX unknown command")):
            c = d.connect()
            c.send(data)
            reply = c.line()
            assert says in reply, reply
            equal(c.rest(), b"")


def a_line_too_long_is_refused_alone():
    with Daemon() as d:
        c = d.connect()
        c.send("ECHO " + "x" * 70000 + "\nPING\n")
        assert c.line().startswith("-LIMIT a line of")
        equal(c.line(), "+PONG")


# -- order, size, pressure

def a_pipeline_is_answered_in_order():
    with Daemon() as d:
        c = d.connect()
        n = 3000
        text = b""
        for i in range(n):
            text += encode("PUT", "music", "t:%d" % i, '{"name":"n %d"}' % i)
            text += encode("GET", "music", "t:%d" % i) if i % 100 == 0 else b""
            text += encode("PUT", "music", "t:%d" % i, "bad") if i % 7 == 0 else b""
            text += b"ECHO e%d\n" % i if i % 500 == 0 else b""
        c.send(text)
        for i in range(n):
            equal(c.reply(), "+OK")
            if i % 100 == 0:
                equal(c.reply(), b'{"name":"n %d"}' % i)
            if i % 7 == 0:
                equal(c.reply()[:7], "-SYNTAX")
            if i % 500 == 0:
                equal(c.line(), '"e%d"' % i)
        equal(c.resp("COUNT", "music"), n)


def a_request_may_come_byte_by_byte():
    with Daemon() as d:
        c = d.connect()
        for byte in encode("PUT", "music", "t:1", DOC) + b"GET music t:1\r\n":
            c.send(bytes([byte]))
        equal((c.reply(), c.line()), ("+OK", DOC))


def large_values_come_and_go():
    with Daemon() as d:
        c = d.connect()
        large = b"x" * (16 << 20)
        equal(c.resp("ECHO", large), large)
        equal(c.resp("ECHO", large + b"y")[:7], "-LIMIT ")
        c = d.connect()
        doc = json.dumps({"name": "big", "text": "y" * 1000000}, separators=(",", ":"))
        equal(c.resp("PUT", "music", "big", doc), "+OK")
        equal(c.resp("GET", "music", "big"), doc.encode())
        equal(c.resp("PUT", "music", "big", " " * (1 << 20) + "{}")[:7], "-LIMIT ")


def a_slow_reader_loses_nothing_and_others_go_on():
    with Daemon(workers="1") as d:
        c = d.connect()
        word, n, sent = b"z" * 1000000, 400, 0
        request = encode("ECHO", word)
        c.socket.setblocking(False)
        quiet = time.time()
        while sent < n * len(request) and time.time() - quiet < 1:
            at = sent % len(request)
            try:
                sent += c.socket.send(request[at:])
                quiet = time.time()
            except BlockingIOError:
                time.sleep(0.01)
        assert sent < n * len(request), "it took everything without being read"
        other = d.connect()
        equal(other.ask("PING"), "+PONG")
        c.socket.settimeout(60)
        whole = sent // len(request)
        for _ in range(whole):
            equal(c.reply(), word)
        if sent % len(request):
            c.send(request[sent % len(request):])
            equal(c.reply(), word)
        equal(c.ask("PING"), "+PONG")


def one_client_does_not_hold_up_the_others():
    with Daemon(workers="1") as d:
        c, other = d.connect(), d.connect()
        c.send(b"COMMAND DOCS\n" * 3000)
        equal(other.ask("PING"), "+PONG")
        for _ in range(3000):
            c.line()


def a_closed_sending_side_still_gets_all_replies():
    with Daemon() as d:
        c = d.connect()
        c.send("PING\n" + "PUT music t:1 %s\n" % DOC * 50 + "COUNT music\nGET music t:1\nPING")
        c.socket.shutdown(socket.SHUT_WR)
        equal(c.rest().decode(), "+PONG\n" + "+OK\n" * 50 + ":1\n" + DOC + "\n")
        if shutil.which("nc"):
            out = run(["nc", "-N", "127.0.0.1", str(d.port)], b"PING\nCOUNT music\nQUIT\n")
            equal(out.stdout, b"+PONG\n:1\n+OK\n")


def a_client_may_vanish_at_any_moment():
    with Daemon() as d:
        for i in range(60):
            c = d.connect()
            c.send(encode("PUT", "music", "t:%d" % i, DOC) * 20 + b"*3\r\n$3\r\nPU")
            if i % 2:
                c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            c.file.close()
            c.socket.close()
        c = d.connect()
        end = time.time() + 30
        while c.json("INFO clients")["connected"] > 1 and time.time() < end:
            time.sleep(0.01)
        equal(c.json("INFO clients")["connected"], 1)


def many_clients_at_once():
    with Daemon() as d:
        clients = [d.connect() for _ in range(300)]
        for i, c in enumerate(clients):
            c.send(encode("PUT", "music", "t:%d" % i, DOC))
        for c in clients:
            equal(c.reply(), "+OK")
        equal(clients[0].ask("COUNT music"), ":300")
        equal(len(clients[0].json("CLIENT LIST")), 300)
        workers = {c["worker"] for c in clients[0].json("CLIENT LIST")}
        equal(workers, {0, 1})


# -- the daemon

def auth_comes_first():
    with Daemon(password="se cret") as d:
        c = d.connect()
        equal(c.ask("PING")[:8], "-NOAUTH ")
        equal(c.ask("NOPE")[:8], "-SYNTAX ")
        equal(c.ask("HELLO")[:8], "-NOAUTH ")
        equal(c.ask("AUTH secret")[:11], "-WRONGPASS ")
        equal(c.ask("AUTH ''")[:11], "-WRONGPASS ")
        equal(c.resp("ECHO", b"x" * 5000)[:7], "-LIMIT ")
        c = d.connect()
        equal(c.ask("AUTH 'se cret'"), "+OK")
        equal(c.resp("ECHO", b"x" * 5000), b"x" * 5000)
        equal(c.json("CONFIG GET password"), {"password": "(hidden)"})
        other = d.connect()
        equal(other.json("HELLO 3 AUTH default 'se cret'")["proto"], 3)
        equal(c.ask("CONFIG SET password ''"), "+OK")
        equal(d.connect().ask("PING"), "+PONG")
        equal(c.ask("CONFIG SET password new"), "+OK")
        equal(d.connect().ask("PING")[:8], "-NOAUTH ")
        equal(c.ask("PING"), "+PONG")


def a_restart_keeps_everything():
    folder = tempfile.mkdtemp(prefix="toller-server-")
    try:
        with Daemon(folder) as d:
            c = d.connect()
            for i in range(10):
                equal(c.ask("PUT music t:%d %s" % (i, DOC)), "+OK")
        with Daemon(folder) as d:
            c = d.connect()
            equal(c.ask("COUNT music"), ":10")
            equal(c.ask("GET music t:7"), DOC)
    finally:
        shutil.rmtree(folder)


def a_kill_keeps_what_was_acknowledged():
    folder = tempfile.mkdtemp(prefix="toller-server-")
    try:
        total = 0
        for turn in range(4):
            d = Daemon(folder)
            c = d.connect()
            equal(int(c.ask("COUNT music")[1:]) >= total, True)
            c.send(b"".join(encode("PUT", "music", "t:%d:%d" % (turn, i), DOC)
                            for i in range(3000)))
            acknowledged = 0
            for _ in range(200 + 700 * turn):
                equal(c.reply(), "+OK")
                acknowledged += 1
            d.end(signal.SIGKILL)
            try:
                while c.reply() == "+OK":
                    acknowledged += 1
            except (EOFError, ConnectionError, ValueError, IndexError):
                pass
            d = Daemon(folder)
            c = d.connect()
            for i in range(acknowledged):
                equal(c.resp("GET", "music", "t:%d:%d" % (turn, i)), DOC.encode())
            total = int(c.ask("COUNT music")[1:])
            equal(d.end(), 0)
    finally:
        shutil.rmtree(folder)


def ending_answers_what_was_begun():
    with Daemon() as d:
        idle, c = d.connect(), d.connect()
        c.send(b"".join(encode("PUT", "music", "t:%d" % i, DOC) for i in range(2000)))
        equal(c.reply(), "+OK")
        d.process.send_signal(signal.SIGTERM)
        replies = 1 + c.rest().count(b"+OK\r\n")
        equal(idle.rest(), b"")
        equal(d.process.wait(timeout=30), 0)
        assert replies >= 1
        with Daemon(d.folder) as again:
            assert int(again.connect().ask("COUNT music")[1:]) >= replies


def a_hangup_opens_the_log_anew():
    with Daemon() as d:
        log = d.folder + "/log"
        os.rename(log, log + ".1")
        d.process.send_signal(signal.SIGHUP)
        until = time.time() + 30
        while not os.path.exists(log) or "the log goes on here" not in open(log).read():
            assert time.time() < until, "no new log"
            time.sleep(0.01)
        equal(d.connect().ask("PING"), "+PONG")
        equal(d.end(), 0)
        assert "ending" in open(log).read() and "ending" not in open(log + ".1").read()
    with Daemon(log="-") as d:
        equal(d.end(signal.SIGHUP), 0)


def shutdown_ends_it():
    with Daemon() as d:
        c = d.connect()
        equal(c.ask("SHUTDOWN"), "+OK")
        equal(c.rest(), b"")
        equal(d.process.wait(timeout=30), 0)


def two_daemons_do_not_share_a_folder():
    with Daemon() as d:
        out = run([TOLLERD, "--set", "data=%s/data" % d.folder, "--set", "listen=127.0.0.1:0",
                   "--set", "collections=%s/conf" % TOP])
        equal(out.returncode, 1)
        assert b"another tollerd (process %d) uses" % d.process.pid in out.stderr, out.stderr


def other_addresses_serve_too():
    with Daemon(listen="localhost:0") as d:
        equal(d.connect().ask("PING"), "+PONG")
    if os.path.exists("/proc/net/if_inet6") and "00000000000000000000000000000001" in \
            open("/proc/net/if_inet6").read():
        with Daemon(listen="[::1]:0") as d:
            assert d.address.startswith("[::1]:"), d.address
            with socket.create_connection(("::1", int(d.address.rsplit(":", 1)[1]))) as c:
                c.sendall(b"CLIENT INFO\n")
                assert b'"addr":"[::1]:' in c.makefile("rb").readline()


def a_unix_socket_serves_and_is_removed():
    with Daemon() as other:
        path = other.folder + "/socket"
        dead = socket.socket(socket.AF_UNIX)
        dead.bind(path)
        dead.close()
        with Daemon(listen="unix:" + path) as d:
            equal(d.address, "unix:" + path)
            equal(d.connect().ask("PING"), "+PONG")
            out = run([TOLLERD, "--set", "data=%s/third" % d.folder, "--set",
                       "listen=unix:" + path, "--set", "collections=%s/conf" % TOP, "--set",
                       "scripts=%s/scripts" % TOP])
            equal(out.returncode, 1)
            assert b"another daemon serves there" in out.stderr, out.stderr
        assert not os.path.exists(path)


def bad_starts_say_why():
    with Daemon() as d:
        free = "data=%s/other" % d.folder
        bad, worse = d.folder + "/bad.conf", d.folder + "/worse.conf"
        with open(bad, "w") as file:
            file.write("# a comment\nepsilon = 2   # far too much\n")
        with open(worse, "w") as file:
            file.write("seed 4")
        for arguments, says in (
                (["--set", "workers=x"], b"workers: expected a whole number"),
                (["--set", "worker=1"], b"did you mean 'workers'"),
                (["--what"], b"unexpected '--what'"),
                (["-c", "/nowhere"], b"/nowhere: No such file"),
                (["--set", "collections=/nowhere"], b"collections /nowhere"),
                (["--set", "budget=1,5"], b"budget: expected a number from 1 to 100000, found '1,5'"),
                (["--set", "catalogue_map_bytes=4t"], b"or such as 64k, 512m, 4g"),
                (["--set", "data="], b"data: expected folder of the catalogue"),
                (["--set", "workers"], b"expected key=value, found 'workers'"),
                (["--set", "mode=offline"], b"mode: expected online, apprentice"),
                (["--set"], b"--set: expected key=value after it"),
                (["-c"], b"-c: expected a file after it"),
                (["nonsense"], b"unexpected 'nonsense'; see --help"),
                (["-c", bad], b"bad.conf:2: epsilon: expected a number from 0 to 1, found '2'"),
                (["-c", worse], b"worse.conf:1: expected key = value, found 'seed 4'"),
                (["-c", d.folder], b"Is a directory"),
                (["--set", free, "--set", "levels=5 10"], b"levels: expected 2 to 8 rising depths"),
                (["--set", free, "--set", "levels=0 5 5"], b"levels: expected 2 to 8 rising depths"),
                (["--set", free, "--set", "policy=pricde"], b"policy: no policy 'pricde'; did you mean 'priced'?"),
                (["--check", "--set", "scripts=/nowhere"], b"scripts of music: "),
                (["--set", free, "--set", "redis=host:0"], b"redis: expected redis://[:password@]host[:port][/db] or unix:PATH, found \"host:0\""),
                (["--set", free, "--set", "redis=unix:"], b'redis: "unix:" names no socket'),
                (["--set", free, "--set", "redis=redis://secret@host"], b"redis: expected redis://:"),
                (["--set", free, "--set", "redis=host", "--set", "channel=" + "x" * 200],
                 b"redis: a channel name of over 127 bytes"),
                (["--set", "log=/nowhere/log"], b"/nowhere/log"),
                (["--set", free, "--set", "listen=unix:" + "x" * 200], b"empty or too long"),
                (["--set", free, "--set", "listen=unix:/nowhere/socket"], b"/nowhere/socket: "),
                (["--set", free, "--set", "listen=no.such.host.invalid:1"], b"no.such.host.invalid:1: "),
                (["--set", free, "--set", "listen=nonsense"], b"expected host:port"),
                (["--set", free, "--set", "listen=" + d.address], b"Address already in use")):
            out = subprocess.run([TOLLERD] + arguments, capture_output=True, timeout=60, cwd=TOP)
            equal(out.returncode, 1)
            assert says in out.stderr, out.stderr
        out = subprocess.run([TOLLERD, "--check"], capture_output=True, timeout=60, cwd=TOP)
        equal((out.returncode, out.stdout), (0, b"fine: 1 collection\n"))
        out = subprocess.run([TOLLERD, "--help"], capture_output=True, timeout=60, cwd=TOP)
        assert b"catalogue_map_bytes" in out.stdout


def info_counts():
    with Daemon() as d:
        c = d.connect()
        c.ask("PUT music t:1 " + DOC)
        c.ask("NOPE")
        info = c.json("INFO")
        equal(info["catalogue"]["collections"]["music"], 1)
        equal((info["commands"]["PUT"], info["traffic"]["errors"]), (1, 1))
        equal(info["writer"]["changes"], 1)
        equal(c.json("INFO server"), c.json("INFO")["server"])
        names = c.json("COMMAND LIST")
        equal(len(names), int(c.ask("COMMAND COUNT")[1:]))
        equal(set(c.json("COMMAND DOCS")), {n.upper() for n in names})


# -- the clients of Redis

def redis_cli_works():
    if not shutil.which("redis-cli"):
        return "no redis-cli"
    with Daemon() as d:
        cli = ["redis-cli", "-p", str(d.port)]
        equal(run(cli + ["PUT", "music", "t:1", DOC]).stdout, b"OK\n")
        equal(run(cli + ["GET", "music", "t:1"]).stdout, DOC.encode() + b"\n")
        equal(run(cli + ["-3", "CONFIG", "GET", "seed"]).stdout, b"seed 0\n")
        equal(run(cli + ["GET", "music", "t:9"]).stdout, b"\n")
        assert b"did you mean" in run(cli + ["PIGN"]).stdout
        text = b"".join(encode("PUT", "music", "p:%d" % i, DOC) for i in range(20000))
        out = run(cli + ["--pipe"], text)
        assert b"errors: 0, replies: 20000" in out.stdout, (out.stdout, out.stderr)
        equal(run(cli, b"COUNT music\nPING\n").stdout, b"20001\nPONG\n")


def redis_benchmark_works():
    if not shutil.which("redis-benchmark"):
        return "no redis-benchmark"
    with Daemon() as d:
        out = run(["redis-benchmark", "-p", str(d.port), "-t", "ping", "-P", "16", "-n", "50000",
                   "-q"]).stdout.decode()
        equal(out.count("requests per second"), 2)


def python_redis_works():
    if not redis:
        return "no python3-redis"
    with Daemon(password="pw") as d:
        r = redis.Redis(port=d.port, password="pw", client_name="tester")
        assert r.ping()
        equal(r.client_getname() in ("tester", b"tester"), True)
        equal(r.execute_command("PUT", "music", "t:1", DOC), b"OK")
        equal(r.execute_command("GET", "music", "t:1"), DOC.encode())
        equal(r.config_get("log_level"), {"log_level": "info"})
        assert r.config_set("log_level", "warn")
        assert any(c["name"] == "tester" for c in r.client_list())
        pipe = r.pipeline(transaction=False)
        for i in range(500):
            pipe.execute_command("PUT", "music", "t:%d" % i, DOC)
        pipe.execute_command("COUNT", "music")
        equal(pipe.execute()[-1], 500)
        try:
            r.execute_command("NOPE")
            raise AssertionError("no error")
        except redis.ResponseError as error:
            assert "unknown command" in str(error)
        try:
            redis.Redis(port=d.port, password="no").ping()
            raise AssertionError("no error")
        except (redis.AuthenticationError, redis.ResponseError):
            pass


TESTS = [lines_and_arrays_answer_alike, a_line_is_answered_with_its_own_ending,
         hello_chooses_the_version, errors_say_what_was_wrong,
         an_unreadable_stream_is_told_and_closed, a_line_too_long_is_refused_alone,
         a_pipeline_is_answered_in_order, a_request_may_come_byte_by_byte,
         large_values_come_and_go, a_slow_reader_loses_nothing_and_others_go_on,
         one_client_does_not_hold_up_the_others, a_closed_sending_side_still_gets_all_replies,
         a_client_may_vanish_at_any_moment, many_clients_at_once, auth_comes_first,
         a_restart_keeps_everything, a_kill_keeps_what_was_acknowledged,
         ending_answers_what_was_begun, shutdown_ends_it, a_hangup_opens_the_log_anew,
         two_daemons_do_not_share_a_folder,
         other_addresses_serve_too, a_unix_socket_serves_and_is_removed, bad_starts_say_why, info_counts,
         redis_cli_works, redis_benchmark_works, python_redis_works]


def main():
    words, passed, failed, skipped = sys.argv[1:], 0, 0, 0
    if not os.path.exists(TOLLERD):
        print("server: 0 passed, 1 failed, 0 skipped (no %s)" % TOLLERD)
        return 1
    for test in TESTS:
        if words and not any(word in test.__name__ for word in words):
            continue
        try:
            reason = test()
        except Exception as error:  # the next test still runs
            failed += 1
            print("failed: %s: %s: %s" % (test.__name__, type(error).__name__, error))
        else:
            skipped += bool(reason)
            passed += not reason
            if reason:
                print("skipped: %s: %s" % (test.__name__, reason))
    print("server: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
