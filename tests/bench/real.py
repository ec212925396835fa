#!/usr/bin/env python3
"""real.py -- a million and a half real entities over the daemon's socket.

What real.c measures in the core, once more as a client sees it: the entities of entities.py
are loaded, and each strategy is asked one to four words of a random entity, one search after
another on one connection.  A line a strategy: searches a second, and the median and the 99th
percentile of a search, by the client and in the daemon.
"""
import json, os, random, re, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from entities import SETS, lines
from judged import toller
from session import DATA, Session, write

QUERIES = 1000

SCHEMA = """
field title text weight=3
field text text
field popularity number bias=0.01
kind kind
"""

MATCHES = {  # strategy: its match
    "any": "any(q.words)",
    "all": "all(q.words)",
    "phrase": "phrase(q.words)",
    "prefix": "all(unfinished(q.words))",
    "fuzzy": "any(fuzzy(q.words))",
}

STRATEGY = """
local function unfinished(words)
  local out = {}
  for i = 1, #words - 1 do out[i] = term(words[i]) end
  out[#words] = prefix(words[#words])
  return out
end

return strategy {
  applies = function (q) return #q.words > 0 end,
  plan = function (q) return { match = %s, score = bm25() } end,
}
"""

SCRIPTS = {
    "features/words.lua":
        "return features { words = number(0, 32, function (q) return #q.words end) }",
    "ranking/default.lua": "return ranking { weights = { best_rank = 1 } }",
    "rewards.lua": "return rewards { click = 1 }",
    **{"strategies/%s.lua" % name: STRATEGY % match for name, match in MATCHES.items()},
}


def words_of(text):
    return re.findall(r"[^\W_]+", text.lower())


def slip(rng, word):
    if len(word) < 4:
        return word
    i = rng.randrange(1, len(word) - 1)
    return word[:i] + rng.choice((word[i + 1:], word[i] + word[i:],
                                  word[i + 1] + word[i] + word[i + 2:]))


def queries(documents, shape):
    """(words, kind) of random entities; for a phrase they follow each other."""
    rng = random.Random(1)
    while True:
        document = rng.choice(documents)
        words = words_of(document["title"] + " " + document["text"])
        if not words:
            continue
        count = min(rng.randint(1, 4), len(words))
        at = rng.randrange(len(words) - count + 1)
        words = words[at:at + count] if shape == "phrase" else rng.sample(words, count)
        if shape == "fuzzy":
            words = [slip(rng, word) for word in words]
        if shape == "prefix":
            words[-1] = words[-1][:rng.randint(1, len(words[-1]))]
        yield " ".join(words), document["kind"]


def measure(connection, documents, name, strategy, within):
    took, inside = [], []
    for query, kind in queries(documents, strategy):
        if len(took) == QUERIES:
            break
        line = 'SEARCH real "%s" ONLY %s LIMIT 10' % (query, strategy)
        line += ' WHERE "kind = %s"' % kind if within else ""
        start = time.perf_counter()
        reply = connection.json(line)
        took.append((time.perf_counter() - start) * 1e6)
        inside.append(reply["took_us"])
    rate = 1e6 * len(took) / sum(took)
    took.sort()
    inside.sort()
    middle, last = len(took) // 2, len(took) * 99 // 100
    print("%-16s %8.0f 1/s  p50 %6.0f us  p99 %6.0f us  in the daemon %6.0f us %6.0f us" % (
        name, rate, took[middle], took[last], inside[middle], inside[last]), flush=True)


def main():
    if not all(os.path.exists(os.path.join(DATA, name)) for name in SETS):
        print("real: skipped, no %s in %s" % (", ".join(SETS), DATA))
        return
    with Session() as session:
        made = lines(DATA)
        write(session.path("real.jsonl"), "\n".join(made) + "\n")
        write(session.path("conf/real.conf"), SCHEMA)
        for script, text in SCRIPTS.items():
            write(session.path("scripts/real/" + script), text)
        session.start(collections=session.path("conf"), scripts=session.path("scripts"), seed="1",
                      policy="fixed", levels="0 10", budget="10")
        start = time.time()
        toller(session, "load", "real", session.path("real.jsonl"))
        print("%-16s %8.0f 1/s" % ("load, entities", len(made) / (time.time() - start)), flush=True)
        documents = [json.loads(line) for line in made[:20000]]
        connection = session.connect()
        for strategy in MATCHES:
            measure(connection, documents, strategy, strategy, False)
        measure(connection, documents, "any in a kind", "any", True)


if __name__ == "__main__":
    main()
