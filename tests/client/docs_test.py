#!/usr/bin/env python3
"""What the pages say is true: their examples are played, their lists are complete."""
import glob, json, os, re, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "transcripts")]
from session import BUILD, TOP, Session, run_tests
from run import Player

PROTOCOL = "core/server/PROTOCOL.md"


def read(path):
    with open(os.path.join(TOP, path)) as file:
        return file.read()


def pages():
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                         cwd=TOP, capture_output=True, text=True)
    paths = out.stdout.split() if out.returncode == 0 else [
        os.path.relpath(path, TOP) for path in glob.glob(TOP + "/**/*.md", recursive=True)]
    return [path for path in paths if os.path.exists(os.path.join(TOP, path))]


def blocks(page, language=""):
    """The fenced blocks of a page that are in this language."""
    return re.findall(r"(?ms)^```%s\n(.*?)^```$" % language, page)


def one_line(text):
    return re.sub(r"\s+", " ", text)


def every_link_leads_somewhere():
    lost = []
    for path in pages():
        for link in re.findall(r"\]\(([^)#]+)", read(path)):
            if not re.match("[a-z]+:", link) and not os.path.exists(
                    os.path.join(TOP, os.path.dirname(path), link)):
                lost.append("%s: %s" % (path, link))
    assert not lost, lost


def every_path_that_pages_name_is_there():
    lost, names = [], set()
    for _, _, files in os.walk(TOP):
        names |= set(files)
    for path in pages():
        for name in re.findall(r"`((?:core|conf|tests|scripts|plugins)/[A-Za-z0-9_./]*)`", read(path)):
            if not re.search("[A-Z]{4}", name) and not os.path.exists(os.path.join(TOP, name)):
                lost.append("%s: %s" % (path, name))
        # a file of the page's own folder, or one that is somewhere
        for name in re.findall(r"`([a-z_0-9]+\.(?:c|h|py|sh|lua|t|conf))`", read(path)):
            if name not in names:
                lost.append("%s: %s" % (path, name))
    assert not lost, lost


def every_room_has_its_page():
    folders = {os.path.dirname(path) for path in glob.glob(TOP + "/core/*/*.[ch]")}
    folders |= {os.path.join(TOP, name) for name in ("", "conf", "scripts", "plugins", "tests")}
    folders |= {path for path in glob.glob(TOP + "/tests/*/") if glob.glob(path + "/*")
                and "__pycache__" not in path}
    folders |= {os.path.dirname(path) for path in glob.glob(TOP + "/scripts/*/rewards.lua")}
    missing = [os.path.relpath(path, TOP) for path in sorted(folders)
               if not os.path.exists(os.path.join(path, "README.md"))]
    assert not missing, missing


def every_page_of_tests_names_its_files():
    missing = []
    for path in glob.glob(TOP + "/tests/*/README.md"):
        for name in glob.glob(os.path.dirname(path) + "/*_test.py"):
            if os.path.basename(name) not in open(path).read():
                missing.append(os.path.relpath(name, TOP))
    assert not missing, missing


def the_examples_of_the_protocol_play():
    with tempfile.NamedTemporaryFile("w", suffix=".t") as file:
        file.write("$ redis\n$ start seed=1\n" + "".join(blocks(read(PROTOCOL))))
        file.flush()
        player = Player(file.name)
        try:
            player.play()
        except Exception as error:
            raise AssertionError("line %d of the examples: %s" % (player.line - 2, error))
        finally:
            player.session.close()


def the_program_of_the_protocol_runs():
    if subprocess.run(["/usr/bin/python3", "-c", "import redis"], capture_output=True).returncode:
        return "python3-redis is absent"
    with Session() as session:
        session.start(seed="1")
        connection = session.connect()
        connection.ask('PUT music track:1 {"kind":"track","name":"Love Story"}')
        text, = blocks(read(PROTOCOL), "python")
        done = subprocess.run(["/usr/bin/python3", "-c", text.replace("7700", session.address.split(":")[1])],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout == "track:1 Love Story\n", done
        assert connection.json("INFO learning")["events"] == 1


def the_protocol_names_every_command_as_the_daemon_does():
    page = one_line(read(PROTOCOL))
    with Session() as session:
        session.start()
        docs, wanted = session.connect().json("COMMAND DOCS"), []
    for name, doc in docs.items():
        if not doc.get("subcommands"):
            wanted.append(("%s %s" % (name, doc["usage"])).strip())
        for below, sub in doc.get("subcommands", {}).items():
            wanted.append(("%s %s" % (below.replace("|", " "), sub["usage"])).strip())
    missing = [usage for usage in wanted if "`%s`" % usage not in page]
    assert len(wanted) > 35 and not missing, missing


def the_protocol_names_every_option_of_a_search():
    with Session() as session:
        session.start()
        usage = session.connect().json("COMMAND DOCS SEARCH")["SEARCH"]["usage"]
    page = read(PROTOCOL)
    missing = [name for name in re.findall(r"\[([A-Z]+)", usage) if "| `%s" % name not in page]
    assert "[LIMIT n]" in usage and not missing, missing


def the_manual_of_schemas_names_every_key():
    keys, = re.findall(r" keys\[\] = \{(.*?)NULL", read("core/index/schema.c"), re.S)
    keys, manual = re.findall(r'"(\w+)"', keys), read("core/index/schema.h").split("*/")[0]
    assert len(keys) > 8 and "grams" in keys, keys
    missing = [key for key in keys if not re.search(r"\b%s(=|,|;| \()" % key, manual)]
    assert not missing, missing


SCRIPTS = "scripts/README.md"


def words_of_scripts():
    """What C gives to scripts, from where it does."""
    words = set()
    for path in glob.glob(TOP + "/core/script/*.c"):
        with open(path) as file:
            text = file.read()
        words |= set(re.findall(r'(?:set_word\(L, schema|lua_register\(L), "(\w+)"', text))
        for table in re.findall(r"marked\[\] = \{(.*?)\}", text, re.S):
            words |= set(re.findall(r'"(\w+)"', table))
    return words


def the_page_for_scripts_names_every_word():
    page, words = read(SCRIPTS), words_of_scripts()
    assert len(words) > 35 and {"fuzzy", "either", "recency", "cycle", "slot"} <= words, words
    missing = [word for word in words if not re.search(r"\b%s ?[({]" % word, page)]
    assert not missing, missing
    asked, = re.findall(r"words\[\] = \{(.*?)NULL", read("core/script/ask.c"), re.S)
    missing = [word for word in re.findall(r'"(\w+)"', asked) if "q." + word not in page]
    assert not missing, missing
    weights, = re.findall(r"rank_names\[\] = \{(.*?)NULL", read("core/funnel/rank.c"), re.S)
    missing = [word for word in re.findall(r'"(\w+)"', weights) if "`%s`" % word not in page]
    assert not missing, missing


def the_page_for_scripts_invents_no_word():
    lua = {"function", "and", "return", "ipairs", "is_new", "new", "below", "to"}
    used = set(re.findall(r"\b([a-z_0-9]+)(?:\(| \{)", read(SCRIPTS)))
    assert not used - words_of_scripts() - lua, used - words_of_scripts() - lua


def strategy_of_the_page():
    """Its path below the scripts folder, and its text."""
    text, = blocks(read(SCRIPTS), "lua")
    return re.match(r"-- scripts/(\S+)\n", text).group(1), text


def the_strategy_of_the_page_loads_and_serves():
    path, text = strategy_of_the_page()
    with Session() as session:
        scripts = session.path("scripts")
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        session.start(seed="1", scripts=scripts)
        connection = session.connect()
        for id, kind, date in (("artist:t", "artist", ""), ("album:1", "album", "2008"),
                               ("album:2", "album", "2024"), ("track:1", "track", "2025")):
            name = "Taylor Swift" if kind == "artist" else id
            connection.ask("PUT music %s %s" % (id, json.dumps(
                {"kind": kind, "name": name, "artist_ids": ["t"], "release_date": date or None})))
        with open(os.path.join(scripts, path), "w") as file:
            file.write(text)
        session.wait(lambda: connection.json("SCRIPTS LIST")["generation"] == 2)
        page = connection.json('SEARCH music "new taylor swift" ONLY newest POLICY fixed')
        assert [hit["id"] for hit in page["hits"]] == ["album:2", "album:1"], page
        assert "newest" in connection.json("ARMS music")


def the_tour_of_the_readme_works():
    """Each command of it, in order, on the bundled catalogue; answers are of their shape."""
    has_redis = not subprocess.run(["/usr/bin/python3", "-c", "import redis"],
                                   capture_output=True).returncode
    steps = re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks(read("README.md"), "console")))
    assert len(steps) > 10, steps
    with Session() as session:
        scripts, redis = session.path("scripts"), session.start_redis()
        shutil.copytree(os.path.join(TOP, "scripts"), scripts)
        session.start(seed="1", scripts=scripts, redis=redis)
        connection = session.connect()
        env = {**os.environ, "TOLLER": session.address}
        for kind in ("artist", "album", "track"):
            subprocess.run([os.path.join(BUILD, "toller"), "load", "music", "conf/music/%ss.jsonl" % kind,
                            "--set", "kind=" + kind, "--prefix", kind + ":"], cwd=TOP, env=env,
                           check=True, capture_output=True)
        session.wait(lambda: connection.json("INFO redis")["connected"], what="redis")
        for command, answer in steps:
            if command.startswith("python3") and not has_redis:
                continue
            if "scripts list" in command:
                path, text = strategy_of_the_page()
                with open(os.path.join(scripts, path), "w") as file:
                    file.write(text)
                session.wait(lambda: connection.json("SCRIPTS LIST")["generation"] == 2)
            real = command.replace("build/toller", BUILD + "/toller").replace("python3", "/usr/bin/python3")
            real = real.replace("7700", session.address.split(":")[1])
            real = real.replace("redis-cli PUBLISH", "redis-cli -s %s PUBLISH" % redis[5:])
            done = subprocess.run(["sh", "-c", real], cwd=TOP, env=env, capture_output=True,
                                  text=True, timeout=60)
            assert done.returncode == 0 and done.stdout and not done.stderr, (command, done)
            # numbers vary with chance: the first line's words do not
            first, got = answer.split("\n")[0], done.stdout.split("\n")[0]
            words = re.findall(r"[a-z_]{3,}", first.split('"hits"')[0])
            assert all(word in got for word in words), (command, first, got)
        session.wait(lambda: connection.json("INFO learning")["events"] == 2, what="both events")
        assert connection.json("INFO learning")["refused"] == 0


sys.exit(run_tests("docs", [
    every_link_leads_somewhere,
    every_path_that_pages_name_is_there,
    every_room_has_its_page,
    every_page_of_tests_names_its_files,
    the_examples_of_the_protocol_play,
    the_program_of_the_protocol_runs,
    the_protocol_names_every_command_as_the_daemon_does,
    the_protocol_names_every_option_of_a_search,
    the_manual_of_schemas_names_every_key,
    the_page_for_scripts_names_every_word,
    the_page_for_scripts_invents_no_word,
    the_strategy_of_the_page_loads_and_serves,
    the_tour_of_the_readme_works,
]))
