#!/usr/bin/env python3
"""dump_test.py -- what `toller dump` writes, `toller load` puts back, under another schema too."""
import gzip, json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, Session, run_tests, write

SCHEMA = "field name text\nfield price number\nkind kind\n"


def toller(session, *words, status=0, text=None):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, *words],
                       capture_output=True, text=True, input=text, timeout=120)
    assert p.returncode == status, (p.returncode, p.stdout, p.stderr)
    return p.stdout if status == 0 else p.stderr


def schema(session, text):
    write(session.path("conf/shop.conf"), text)


def catalogue():
    deep = "[" * 31 + "]" * 31
    documents = {"a %d" % i: '{"name":"thing %d","price":%d.99}' % (i, i) for i in range(2500)}
    documents["z\"\t\u00e9"] = '{"name":"\u00e9\\n","list":%s,"id":"other"}' % deep
    documents["big"] = '{"name":"%s"}' % ("x" * 1000000)
    documents["big2"] = '{"name":"%s"}' % ("y " * 500000)
    return documents


def a_dump_comes_back_under_another_schema():
    with Session() as session:
        schema(session, SCHEMA)
        session.start(collections=session.path("conf"))
        connection = session.connect()
        documents = catalogue()
        for id, text in documents.items():
            assert connection.resp("PUT", "shop", id, text) == "+OK"
        ids, after = [], []
        while True:  # pages of any size have each entity once, in order
            page = json.loads(connection.resp("EXPORT", "shop", "LIMIT", "700", *after))
            ids += [entity["id"] for entity in page["entities"]]
            if page["next"] is None:
                break
            after = ["AFTER", page["next"]]
        assert ids == sorted(documents, key=str.encode), len(ids)
        connection.close()
        toller(session, "dump", "shop", session.path("shop.jsonl.gz"))
        toller(session, "dump", "shop", session.path("shop.jsonl"))
        with open(session.path("shop.jsonl")) as plain, \
                gzip.open(session.path("shop.jsonl.gz"), "rt") as packed:
            text = plain.read()
            assert text == packed.read() == toller(session, "dump", "shop")
        assert text.count("\n") == len(documents)
        assert '{"id":"a 19","doc":{"name":"thing 19","price":19.99}}\n' in text
        schema(session, SCHEMA + "field rank number bias=1\n")
        checked = subprocess.run(session.command({"collections": session.path("conf")}) +
                                 ["--check"], capture_output=True, text=True)  # while it serves
        assert checked.returncode == 1 and "(now field rank is new)" in checked.stderr, checked
        session.stop()
        said = session.refuses(collections=session.path("conf"))
        assert said == checked.stderr, said
        assert "made with another schema (now field rank is new)" in said and "toller dump" in said, said
        session.start(collections=session.path("conf"), data=session.path("new"))
        said = toller(session, "load", "shop", session.path("shop.jsonl.gz"), "--doc", "doc",
                      "--set", "rank=0.1")
        assert said == "%d stored, 0 bad\n" % len(documents), said
        connection = session.connect()
        for id, text in documents.items():
            assert json.loads(connection.resp("GET", "shop", id)) == \
                {**json.loads(text), "rank": 0.1}, id
        assert connection.resp("GET", "shop", "a 19").endswith('"price":19.99,"rank":0.1}')
        connection.close()


def what_is_wrong_is_said():
    with Session() as session:
        schema(session, SCHEMA)
        session.start(collections=session.path("conf"))
        path = session.path("kept")
        with open(path, "w") as file:
            file.write("kept")
        assert "no collection 'shpo'; did you mean 'shop'" in \
            toller(session, "dump", "shpo", path, status=1)
        with open(path) as file:
            assert file.read() == "kept"
        assert "No such file" in toller(session, "dump", "shop", session.path("no/file"), status=1)
        assert "expected COLLECTION" in toller(session, "dump", status=2)
        assert toller(session, "dump", "shop") == ""
        assert "<stdin>" not in toller(session, "load", "shop", "-", "--doc", "doc", status=1,
                                       text='{"id":"a","doc":[]}\n')
        assert "no object under 'doc'" in toller(session, "load", "shop", "-", "--doc", "doc",
                                                 status=1, text='{"id":"a","doc":[]}\n')


def numbers_of_a_table_stay_as_they_are():
    with Session() as session:
        schema(session, SCHEMA)
        session.start(collections=session.path("conf"))
        with open(session.path("a.tsv"), "w") as file:
            file.write("id\tname\tprice\nA\tthing\t19.99\n")
        toller(session, "load", "shop", session.path("a.tsv"), "--set", "tax=0.1")
        connection = session.connect()
        assert connection.ask("GET shop A") == \
            '{"id":"A","name":"thing","price":19.99,"tax":0.1}', connection.ask("GET shop A")
        connection.close()


sys.exit(run_tests("dump", [a_dump_comes_back_under_another_schema, what_is_wrong_is_said,
                            numbers_of_a_table_stay_as_they_are]))
