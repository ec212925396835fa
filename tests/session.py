"""session.py -- real parts for tests: tollerd, redis-server, connections.

Everything lives in one temporary folder and ends with the test, by process id.
"""
import contextlib, json, os, shutil, signal, socket, subprocess, sys, tempfile, time, traceback

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(TOP, "build")))
DATA = os.environ.get("TOLLER_DATA", os.path.join(TOP, "..", "shared", "data"))


def encode(*words):
    """A RESP array."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def write(path, text):
    """A file, in folders that are made for it; its path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


class Connection:
    """The line form: one line out, one line back."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, line):
        self.socket.sendall(line.encode() + b"\n")

    def receive(self):
        line = self.file.readline()
        if not line:
            raise EOFError("the daemon closed the connection")
        return line.decode().rstrip("\r\n")

    def ask(self, line):
        self.send(line)
        return self.receive()

    def json(self, line):
        reply = self.ask(line)
        if not reply.startswith(("{", "[")):
            raise AssertionError("%s\n  answered %s" % (line, reply))
        return json.loads(reply)

    def pipeline(self, lines, most=1000):
        """Answers to many lines; no more than `most` are on their way at once."""
        answers, waiting = [], 0
        for line in lines:
            if waiting == most:
                answers.append(self.receive())
                waiting -= 1
            self.send(line)
            waiting += 1
        return answers + [self.receive() for _ in range(waiting)]

    def resp(self, *words):
        """The same words as a RESP array: for arguments with any bytes."""
        self.socket.sendall(encode(*words))
        return self.read_resp()

    def read_resp(self):
        line = self.file.readline()
        if not line:
            raise EOFError("the daemon closed the connection")
        kind, rest = line[:1], line[1:].decode().rstrip("\r\n")
        if kind == b"$":
            if rest == "-1":
                return None
            return self.file.read(int(rest) + 2)[:-2].decode()
        if kind in (b"*", b"~"):
            return [self.read_resp() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read_resp(): self.read_resp() for _ in range(int(rest))}
        if kind == b"_":
            return None
        return kind.decode() + rest

    def close(self):
        self.file.close()
        self.socket.close()


class Session:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="toller-test-")
        self.daemon = self.redis = None
        self.options = {}
        self.address = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, options):
        self.options = {"listen": "127.0.0.1:0", "data": self.path("data"), "redis": "none",
                        "scripts": os.path.join(TOP, "scripts"), "workers": "2",
                        "collections": os.path.join(TOP, "conf"),
                        "log": self.path("log"), **options}
        command = [os.path.join(BUILD, "tollerd")]
        for key, value in self.options.items():
            command += ["--set", "%s=%s" % (key, value)]
        return command

    def start(self, **options):
        """Start tollerd with these keys over a few of our own; waits for `ready`."""
        with open(self.path("stderr"), "a") as stderr:
            self.daemon = subprocess.Popen(self.command(options), stdout=subprocess.PIPE,
                                           text=True, cwd=TOP, stderr=stderr)
        line = self.daemon.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError("no ready line: %r\n%s" % (line, self.log()))
        self.address = line.split()[1]
        return self.address

    def refuses(self, user=None, **options):
        """A start that must fail in words; what it said on standard error."""
        ended = subprocess.run(self.command(options), capture_output=True, text=True, cwd=TOP,
                               timeout=60, user=user)
        if ended.returncode != 1 or not ended.stderr.startswith("tollerd: "):
            raise AssertionError("exit status %d, %s" % (ended.returncode, ended.stderr[-4000:]))
        return ended.stderr

    def connect(self):
        return Connection(self.address)

    def cpu_seconds(self):
        """What the daemon has worked until now: other programs' work is not in it."""
        with open("/proc/%d/stat" % self.daemon.pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name), errors="replace") as file:
            return file.read()

    def errors(self):
        return self.read("stderr")[-6000:]

    def log(self):
        return (self.read("log") + self.read("stderr"))[-6000:]

    def stop(self, how=signal.SIGTERM):
        """End the daemon; its exit status."""
        self.daemon.send_signal(how)
        return self.ended()

    def ended(self):
        """Wait for the end of the daemon; its exit status."""
        status = self.daemon.wait(timeout=60)
        self.daemon.stdout.close()
        self.daemon = None
        return status

    def kill(self):
        return self.stop(signal.SIGKILL)

    def restart(self, **options):
        return self.start(**{**{k: v for k, v in self.options.items()}, **options})

    def start_redis(self, *options):
        """A real redis-server on a unix socket; its URL."""
        path = self.path("redis.sock")
        self.redis = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", path, "--save", "",
             "--appendonly", "no", "--dir", self.folder, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            if os.path.exists(path):
                break
            time.sleep(0.01)
        return "unix:" + path

    def redis_ask(self, *words):
        return self.redis_pipeline([words])[0]

    def redis_pipeline(self, commands):
        """All at once; the first line of each answer."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(self.path("redis.sock"))
            connection.sendall(b"".join(encode(*words) for words in commands))
            with connection.makefile("rb") as answers:
                return [answers.readline().decode().strip() for _ in commands]

    def publish(self, *events):
        self.redis_pipeline([("PUBLISH", "toller:feedback", json.dumps(event))
                             for event in events])

    def stop_redis(self):
        self.redis.terminate()
        self.redis.wait(timeout=30)
        self.redis = None

    def wait(self, condition, seconds=20, what="a condition"):
        """Until condition() is true; for what another thread does in its own time."""
        end = time.time() + seconds
        while time.time() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.01)
        raise AssertionError("waited %d s for %s\n%s" % (seconds, what, self.log()))

    def close(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon.stdout.close()
        if self.redis:
            self.redis.kill()
            self.redis.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        """A test that went well ends its daemon in order, and nothing was wrong inside."""
        try:
            if why[0] is None:
                status = self.stop() if self.daemon else 0
                if status or "Sanitizer" in self.errors() or "runtime error" in self.errors():
                    raise AssertionError("exit status %d\n%s" % (status, self.errors()))
        finally:
            self.close()


@contextlib.contextmanager
def full_disk(path, size):
    """A small file system of its own while the block runs; None where that is not allowed."""
    os.makedirs(path)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "none", path],
                             capture_output=True).returncode == 0
    try:
        yield path if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", path], check=True)


def run_tests(part, tests):
    """Run functions named by what they prove; prints the closing line; exit status."""
    words, passed, failed, skipped = sys.argv[1:], 0, 0, 0
    for test in tests:
        name = test.__name__
        if words and not any(word in name for word in words):
            continue
        try:
            reason = test()
        except Exception as error:  # the next test still runs
            failed += 1
            frame = traceback.extract_tb(error.__traceback__)[-1]
            print("failed: %s: %s: %s (%s:%d: %s)" % (
                name, type(error).__name__, error, os.path.basename(frame.filename),
                frame.lineno, frame.line))
        else:
            if reason:
                skipped += 1
                print("skipped: %s: %s" % (name, reason))
            else:
                passed += 1
    print("%s: %d passed, %d failed, %d skipped" % (part, passed, failed, skipped))
    return failed > 0
