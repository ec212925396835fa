#!/usr/bin/env python3
"""run.py [WORD ...] -- behaviour as sessions: plays the *.t files of this folder.

    $ start key=value ...     a daemon with an empty data folder
    $ restart | kill          SIGTERM or SIGKILL, then the same daemon again
    $ connect                 a new connection
    $ closed                  the daemon has closed the connection
    $ ended                   it has ended by itself, and well
    $ redis                   a redis-server; later starts use it
    $ publish CHANNEL TEXT    to Redis
    $ write PATH ... $ end    a file under the session's own scripts folder
    $ remove PATH             likewise
    $ schema NAME ... $ end   a collection beside music, for later starts
    $ until LINE ~ PATTERN    ask until the answer matches
    > LINE                    a request; {x*N} in it is N times x
    < PATTERN                 its answer: `...` is anything, <x> is remembered at first
                              sight and must be the same later, # in it nothing special
"""
import glob, os, re, shutil, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, TOP


def matcher(pattern, known):
    """A regular expression for the pattern; unknown <x> become groups."""
    out, fresh = "", []
    for part in re.split(r"(\.\.\.|<[a-z_0-9]+>)", pattern):
        if part == "...":
            out += ".*?"
        elif re.fullmatch(r"<[a-z_0-9]+>", part):
            name = part[1:-1]
            if name in known:
                out += re.escape(known[name])
            elif name in fresh:
                out += "(?P=%s)" % name
            else:
                fresh.append(name)
                out += "(?P<%s>[^\",}\\] ]+)" % name
        else:
            out += re.escape(part)
    return re.compile(out + r"\Z", re.S)


def fill(text, known):
    text = re.sub(r"\{(.)\*(\d+)\}", lambda m: m.group(1) * int(m.group(2)), text)
    return re.sub(r"<([a-z_0-9]+)>", lambda m: known.get(m.group(1), m.group(0)), text)


class Player:
    def __init__(self, path):
        self.path, self.known, self.session = path, {}, Session()
        self.connection, self.redis, self.line = None, "none", 0
        self.scripts = self.session.path("scripts")
        shutil.copytree(os.path.join(TOP, "scripts"), self.scripts)
        self.schemas = self.session.path("conf")
        os.mkdir(self.schemas)
        shutil.copy(os.path.join(TOP, "conf", "music.conf"), self.schemas)

    def connect(self):
        if self.connection:
            self.connection.close()
        self.connection = self.session.connect()

    def write(self, path, lines):
        body = []
        for self.line, line in lines:
            if line == "$ end":
                break
            body.append(line)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w") as file:
            file.write("\n".join(body) + "\n")
        os.rename(path + ".new", path)

    def command(self, text, lines):
        verb, _, rest = text.partition(" ")
        if verb == "start":
            options = dict(word.split("=", 1) for word in rest.split())
            if self.session.daemon:
                self.session.stop()
                shutil.rmtree(self.session.path("data"))
            self.session.start(**{"redis": self.redis, "scripts": self.scripts,
                                  "collections": self.schemas, **options})
            self.connect()
        elif verb in ("restart", "kill"):
            status = self.session.kill() if verb == "kill" else self.session.stop()
            assert verb == "kill" or status == 0, "exit status %d" % status
            self.session.restart()
            self.connect()
        elif verb == "redis":
            self.redis = self.session.start_redis()
        elif verb == "publish":
            channel, _, body = rest.partition(" ")
            self.session.redis_ask("PUBLISH", channel, fill(body, self.known))
        elif verb == "connect":
            self.connect()
        elif verb == "closed":
            rest = self.connection.file.read()
            assert rest == b"", rest
        elif verb == "ended":
            status = self.session.ended()
            assert status == 0, "exit status %d" % status
        elif verb == "write":
            self.write(os.path.join(self.scripts, rest), lines)
        elif verb == "schema":
            self.write(os.path.join(self.schemas, rest + ".conf"), lines)
        elif verb == "remove":
            os.unlink(os.path.join(self.scripts, rest))
        elif verb == "until":
            request, _, pattern = rest.partition(" ~ ")
            last = [None]

            def answered():
                last[0] = self.connection.ask(fill(request, self.known))
                return matcher(pattern, self.known).match(last[0])

            try:
                self.session.wait(answered)
            except AssertionError:
                raise AssertionError("%s never answered %s but %s" % (request, pattern, last[0]))
        else:
            raise AssertionError("unknown: $ %s" % text)

    def expect(self, pattern):
        answer = self.connection.receive()
        found = matcher(pattern, self.known).match(answer)
        if not found:
            raise AssertionError("expected %s\n  answered %s" % (fill(pattern, self.known), answer))
        self.known.update(found.groupdict())

    def play(self):
        with open(self.path) as file:
            lines = iter(list(enumerate(file.read().split("\n"), 1)))
        for self.line, line in lines:
            if line.startswith("$ "):
                self.command(line[2:], lines)
            elif line.startswith("> "):
                self.connection.send(fill(line[2:], self.known))
            elif line.startswith("< "):
                self.expect(line[2:])
            elif line.strip() and not line.startswith("#"):
                raise AssertionError("expected $, >, < or #: %s" % line)
        self.session.__exit__(None)


def main():
    passed = failed = 0
    here = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(here, "*.t"))):
        if len(sys.argv) > 1 and not any(word in path for word in sys.argv[1:]):
            continue
        player = Player(path)
        try:
            player.play()
            passed += 1
        except Exception as error:
            failed += 1
            print("failed: %s:%d: %s: %s" % (os.path.relpath(path, TOP), player.line,
                                             type(error).__name__, error))
        finally:
            player.session.close()
    print("transcripts: %d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
