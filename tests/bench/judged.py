#!/usr/bin/env python3
"""judged.py [COLLECTION ...] -- the plain engine on judged collections.

Each collection is a folder of documents, queries and judgements in ../shared/data (or
$TOLLER_DATA).  All get the same schema and the same strategy: any of the words in any
field, less the stop words of scripts/default, by BM25F with the engine's own parameters,
a title counting twice.  Nothing is
tuned to a collection, so what moves these figures is the engine.

One line a collection: nDCG@10; the same of a plain BM25 over title and text as one, in
terms less a final "s" (the data's own READMEs; the gain of both is exponential);
ratio (above 1: we are better); MAP, recall@100, and of how many queries how many were
refused, which count as nothing found.
"""
import json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, DATA, TOP, Session, write

REFERENCES = {  # nDCG@10 of plain BM25
    "cranfield": 0.3030, "cacm": 0.4246, "npl": 0.4176, "time": 0.7015, "nfcorpus": 0.3163,
    "dbpedia-entity": 0.2918, "zzquerylog": 0.4124,
}
DEPTH = 100

SCHEMA = """
field title text weight=2 analyzer=english
field text  text analyzer=english
"""

STRATEGY = """
return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return { match = any(without(q.words, "stop")), score = bm25() }
  end,
}
"""

with open(os.path.join(TOP, "scripts/default/lists/stop.txt")) as file:
    STOP = file.read()

SCRIPTS = {
    "lists/stop.txt": STOP,
    "strategies/any_word.lua": STRATEGY,
    "features/words.lua":
        "return features { words = number(0, 32, function (q) return #q.words end) }",
    "ranking/default.lua": "return ranking { weights = { best_rank = 1 } }",
    "rewards.lua": "return rewards { click = 1 }",
}


def collection_of(name):
    return name.replace("-", "_")


def start(session, names):
    for name in names:
        collection = collection_of(name)
        write(session.path("conf/%s.conf" % collection), SCHEMA)
        for script, text in SCRIPTS.items():
            write(session.path("scripts/%s/%s" % (collection, script)), text)
    session.start(collections=session.path("conf"), scripts=session.path("scripts"), seed="1",
                  policy="fixed", levels="0 %d" % DEPTH, budget=str(DEPTH))


def toller(session, *words, worst=0):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, *words],
                       capture_output=True, text=True)
    if p.returncode > worst or not p.stdout:
        raise SystemExit("toller %s: %s" % (" ".join(words), p.stderr))
    return p.stdout


def measure(session, name):
    collection, folder = collection_of(name), os.path.join(DATA, name)
    toller(session, "load", collection, os.path.join(folder, "corpus.jsonl.gz"))
    return json.loads(toller(
        session, "evaluate", collection, "--json", "--depth", str(DEPTH), "--gain", "exponential",
        "--strategy", "any_word", "--queries", os.path.join(folder, "queries.tsv"),
        "--qrels", os.path.join(folder, "qrels.tsv"), worst=1))  # 1: some were refused


def main():
    asked = sys.argv[1:] or list(REFERENCES)
    unknown = [name for name in asked if name not in REFERENCES]
    if unknown:
        raise SystemExit("no judged collection %s; there are %s" % (
            ", ".join(unknown), ", ".join(REFERENCES)))
    found = [name for name in asked if os.path.exists(os.path.join(DATA, name, "qrels.tsv"))]
    with Session() as session:
        if found:
            start(session, found)
        for name in asked:
            if name not in found:
                print("%-16s skipped, no %s/%s" % (name, DATA, name))
                continue
            got, reference = measure(session, name), REFERENCES[name]
            print("%-16s nDCG@10 %6.4f  plain %6.4f  ratio %5.3f  MAP %6.4f  recall@100 %6.4f"
                  "  refused %d of %d" % (
                      name, got["ndcg_10"], reference, got["ndcg_10"] / reference, got["map"],
                      got["recall_100"], got["refused"], got["queries"]), flush=True)


if __name__ == "__main__":
    main()
