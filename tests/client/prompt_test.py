#!/usr/bin/env python3
"""The toller program as people use it, against the daemon: prompt, HELP, conf/run.sh."""
import json, os, pty, re, select, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, TOP, Session, run_tests

TOLLER = os.path.join(BUILD, "toller")
TRACKS = [("track:1", "Love Story", 80), ("track:2", "Lover", 90), ("track:3", "Café Love", 30)]


def toller(session, *words, text="", **env):
    p = subprocess.run([TOLLER, "-s", session.address, *words], input=text, timeout=60,
                       capture_output=True, text=True, env={**os.environ, **env})
    return p.returncode, p.stdout, p.stderr


def start(session, **options):
    session.start(seed="1", **options)
    connection = session.connect()
    if "password" in options:
        connection.ask("AUTH " + options["password"])
    for id, name, popularity in TRACKS:
        connection.resp("PUT", "music", id, json.dumps(
            {"kind": "track", "name": name, "artists": ["Taylor Swift"], "popularity": popularity}))
    return connection


class Prompt:
    """toller in a terminal of its own."""

    def __init__(self, session):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="dumb", HOME=session.folder, LC_ALL="C.UTF-8")
            os.chdir(session.folder)
            os.execv(TOLLER, [TOLLER, "-s", session.address])
        self.text = ""
        self.until("toller> ")

    def until(self, pattern, seconds=30):
        """What came up to the pattern, which it takes."""
        end = time.time() + seconds
        while not re.search(pattern, self.text):
            if not select.select([self.fd], [], [], max(0, end - time.time()))[0]:
                raise AssertionError("no %r in %r" % (pattern, self.text))
            self.text += os.read(self.fd, 65536).decode(errors="replace")
        at = re.search(pattern, self.text).end()
        seen, self.text = self.text[:at], self.text[at:]
        return seen

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        self.type("\x15quit\n")
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return status


def help_lists_every_command_with_its_syntax():
    with Session() as session:
        names = start(session).json("COMMAND LIST")
        status, out, _ = toller(session, "help")
        lines = [line for line in out.split("\n") if line and line[0] != " "]
        assert status == 0, out
        missing = [name for name in names
                   if not any(line.split()[0] == name.upper() for line in lines)]
        assert len(names) > 20 and not missing, missing
        assert "SEARCH coll query [LIMIT n]" in out and "SCRIPTS ROLLBACK [coll]" in out, out
        assert max(map(len, out.split("\n"))) < 100, out


def help_of_one_command_or_subcommand():
    with Session() as session:
        start(session)
        assert toller(session, "help", "count")[1].split("\n")[0] == "COUNT coll"
        out = toller(session, "HELP", "scripts", "use")[1]
        assert out.split("\n")[0] == "SCRIPTS USE coll n", out
        status, _, err = toller(session, "help", "nonsense")
        assert status == 1 and "nonsense" in err, err


def a_query_needs_no_quotes():
    with Session() as session:
        start(session)
        _, out, _ = toller(session, "--json", "understand", "music", "cafe", "love")
        assert json.loads(out)["query"] == "cafe love", out
        _, out, err = toller(session, "--json", "search", "music", "love", "story", "limit", "1")
        assert [hit["id"] for hit in json.loads(out)["hits"]] == ["track:1"], (out, err)
        decision = json.loads(out)["decision"]
        assert json.loads(toller(session, "--json", "decision", decision)[1])["query"] == "love story"
        out = json.loads(toller(session, "--json", "memory", "music", "love", "story")[1])
        assert out["key"] == "q:love story", out
        # where the first word is an option's, too
        for words in ("where is love", "love over the rainbow", "sort of love", "love from here to there"):
            status, out, err = toller(session, "search", "music", *words.split())
            assert status == 0 and "Love Story" in out, (words, out, err)
        out = toller(session, "--json", "search", "music", "love", "sort", "popularity", "desc",
                     "only", "all_fields", "facets", "kind")[1]
        assert json.loads(out)["matched"]["count"] == 2, out


def a_misspelt_option_is_not_taken_for_the_query():
    with Session() as session:
        start(session)
        status, _, err = toller(session, "search", "music", "love", "LIMTI", "1")
        assert status == 1 and "did you mean 'LIMIT'" in err, err


def explain_and_decision_tell_of_strategies():
    with Session() as session:
        start(session)
        status, out, _ = toller(session, "search", "music", "love", "EXPLAIN")
        assert status == 0 and re.search(r"(?m)^all_fields +true +\d+ +2 ", out), out
        decision = re.search("decision ([0-9a-f]{16})", out).group(1)
        assert toller(session, "feedback", decision, "track:1", "like")[1] == "OK\n"
        _, out, _ = toller(session, "decision", decision)
        assert "strategies:" in out and re.search(r"(?m)^1 +track:1 +like +1 ", out), out
        _, out, _ = toller(session, "config", "get", "hits", "mode")
        assert out == "mode  online\nhits  10\n", out


def the_password_comes_from_the_environment():
    with Session() as session:
        start(session, password="secret word")
        assert toller(session, "ping")[0] == 1
        assert toller(session, "ping", TOLLER_PASSWORD="secret word")[1] == "PONG\n"
        status, _, err = toller(session, "ping", TOLLER_PASSWORD="wrong")
        assert status == 2 and "TOLLER_PASSWORD" in err, err
        status, _, err = toller(session, "help")
        assert status == 1 and "AUTH" in err, err


def tab_completes_commands_collections_options_and_files():
    with Session() as session:
        start(session)
        open(session.path("things.jsonl"), "w").close()
        prompt = Prompt(session)
        prompt.type("sea\t")
        prompt.until("SEARCH ")
        prompt.type("mu\t")
        prompt.until("music ")
        prompt.type("love lim\t")
        prompt.until("LIMIT ")
        prompt.type("1\n")
        prompt.until(r"1 hit of")
        prompt.type("scr\tro\tmu\t")
        prompt.until("ROLLBACK +music ")
        prompt.type("\x15load music thi\t")
        prompt.until("things.jsonl")
        assert prompt.close() == 0


def the_prompt_takes_json_and_letters_beyond_ascii():
    with Session() as session:
        connection = start(session)
        prompt = Prompt(session)
        prompt.type('put music track:9 {"name":"Zürich \\"x\\" y", "kind":"track"}\n')
        prompt.until("OK")
        assert connection.json("GET music track:9")["name"] == 'Zürich "x" y'
        prompt.type("put music track:9 {\"name\":\n")
        prompt.until("bracket")
        prompt.type("understand music café love\n")
        prompt.until('query "café love"')
        assert prompt.close() == 0


def the_prompt_outlives_the_daemon():
    with Session() as session:
        start(session)
        prompt = Prompt(session)
        prompt.type("count music\n")
        prompt.until("3\r\n")
        session.stop()
        prompt.type("count music\n")
        prompt.until("(?s)closed.*toller> ")
        prompt.type("count music\n")
        prompt.until("(?s)is tollerd running.*toller> ")
        session.restart(listen=session.address)
        prompt.type("count music\n")
        prompt.until("3\r\n")
        assert prompt.close() == 0


def run_sh_serves_the_catalogue_and_what_it_suggests_works():
    with Session() as session:
        p = subprocess.Popen(["sh", "conf/run.sh", BUILD, "127.0.0.1:0", session.path("data"),
                              "conf/music"], cwd=TOP, stdout=subprocess.PIPE, text=True,
                             stderr=open(session.path("log"), "w"))
        try:
            lines = []
            while not lines or not lines[-1].startswith("Edit"):
                line = p.stdout.readline()
                assert line, session.log()
                lines.append(line)
            text = "".join(lines)
            assert re.search("Serving [0-9]{4} entities", text), text
            commands = [line for line in lines if line.startswith("  ")]
            assert len(commands) == 4, text
            for command in commands:
                done = subprocess.run(["sh", "-c", command], cwd=TOP, input="HELP\n", text=True,
                                      capture_output=True, timeout=60)
                assert done.returncode == 0 and not done.stderr and len(done.stdout) > 100, (
                    command, done)
        finally:
            p.terminate()
            p.stdout.close()
            assert p.wait(timeout=60) == 0


sys.exit(run_tests("prompt", [
    help_lists_every_command_with_its_syntax,
    help_of_one_command_or_subcommand,
    a_query_needs_no_quotes,
    a_misspelt_option_is_not_taken_for_the_query,
    explain_and_decision_tell_of_strategies,
    the_password_comes_from_the_environment,
    tab_completes_commands_collections_options_and_files,
    the_prompt_takes_json_and_letters_beyond_ascii,
    the_prompt_outlives_the_daemon,
    run_sh_serves_the_catalogue_and_what_it_suggests_works,
]))
