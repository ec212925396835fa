#!/usr/bin/env python3
"""judged.py [COLLECTION ...] -- the plain engine on judged collections.

Each collection is a folder of documents, queries and judgements in ../shared/data (or
$TOLLER_DATA).  All get the same schema and the same strategy, any of the words in any
field by BM25F, with the same parameters: this watches the engine, it is no tuning.
One line a collection: nDCG@10 with the linear gain of trec_eval, the same of a plain
BM25 (title and text as one, terms less a final "s"; the data's own READMEs), ratio
(above 1: we are better), MAP, recall@100 and what was refused.
"""
import gzip, json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, DATA, Session

REFERENCES = {  # nDCG@10 of plain BM25
    "cranfield": 0.3030, "cacm": 0.4246, "npl": 0.4176, "time": 0.7015, "nfcorpus": 0.3163,
    "dbpedia-entity": 0.2918, "zzquerylog": 0.4124,
}
SCHEMA = """
field title text analyzer=english
field text  text analyzer=english
"""

STRATEGY = """
return strategy {
  applies = function (q) return #q.words > 0 end,

  plan = function (q)
    return { match = any(q.words), score = bm25 { title = 1, text = 1, k1 = 0.9, b = 0.4 } }
  end,
}
"""

SCRIPTS = {
    "strategies/any_word.lua": STRATEGY,
    "features/words.lua": "return features { words = number(0, 32, function (q) return #q.words end) }",
    "ranking/default.lua": "return ranking { weights = { best_rank = 1 } }",
    "rewards.lua": "return rewards { click = 1 }",
}
DEPTH = 100


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


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


def toller(session, *words):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", session.address, *words],
                       capture_output=True, text=True)
    if p.returncode > 1 or not p.stdout:
        raise SystemExit("toller %s: %s" % (" ".join(words), p.stderr))
    return p.stdout


def measure(session, name):
    collection, folder = collection_of(name), os.path.join(DATA, name)
    toller(session, "load", collection, os.path.join(folder, "corpus.jsonl.gz"))
    return json.loads(toller(
        session, "evaluate", collection, "--json", "--depth", str(DEPTH), "--strategy", "any_word",
        "--queries", os.path.join(folder, "queries.tsv"),
        "--qrels", os.path.join(folder, "qrels.tsv")))


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
                  "  queries %3d  refused %d" % (
                      name, got["ndcg_10"], reference, got["ndcg_10"] / reference, got["map"],
                      got["recall_100"], got["queries"], got["refused"]), flush=True)


if __name__ == "__main__":
    main()
