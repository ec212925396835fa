"""worlds.py -- worlds for simulations: a catalogue, strategies, and queries with judgements.

A world is made from a data set of ../shared/data (or $TOLLER_DATA): its schema and scripts,
and files of queries, judgements and types for `toller simulate`.  Where the context says
"flip", every strategy of a world of texts plays another one's part: what was best is not.
Memory is left out of them: it would answer the judged queries by heart, whoever chooses.
"""
import collections, glob, gzip, json, os, random, shutil, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import BUILD, DATA, TOP, write

# name: condition, plan.  In the order of parts: under "flip" each plays the part of the
# one half the list further on.
PARTS = {
    "exact": ("true", "{ match = exact(q.text, 'title') }"),
    "any_word": ("true", "{ match = any(term(q.words, words)) }"),
    "title_any": ("true", "{ match = any(term(q.words, 'title')) }"),
    "all_words": ("#q.words > 1", "{ match = all(term(q.words, words)) }"),
    "typed": ("true", "{ match = any(typed(q)) }"),
    "all_typed": ("true", "{ match = all(typed(q)) }"),
    "fuzzy": ("#q.words <= 8", "{ match = any(fuzzy(q.words, words)), limit = 100 }"),
    "all_fuzzy": ("#q.words <= 8", "{ match = all(fuzzy(q.words, words)), limit = 100 }"),
    "pieces": ("true", "{ match = any(term(q.words, 'pieces')) }"),
}

TEAMS = {
    "teams": ("true", "{ match = any(term(q.words, words)), where = is('type', 'Team') }"),
    "people": ("true", "{ match = any(term(q.words, words)), where = either(is('type', 'Player'), "
               "is('type', 'Coach')) }"),
}

FEATURES = """
local question = { who = 1, what = 1, which = 1, when = 1, where = 1, how = 1, give = 1, list = 1,
                   is = 1, did = 1, does = 1, are = 1, was = 1, ["in"] = 1, show = 1 }

local function has(q, words)
  for _, word in ipairs(q.words) do if words[word] then return true end end
end

return features {
  words    = number(0, 10, function (q) return #q.words end),
  one      = flag(function (q) return #q.words == 1 end),
  two      = flag(function (q) return #q.words == 2 end),
  many     = flag(function (q) return #q.words > 5 end),
  letters  = number(0, 60, function (q) return #q.text end),
  digits   = flag(function (q) return q.text:find("%d") end),
  question = flag(function (q) return question[q.words[1]] end),
  joined   = flag(function (q) return has(q, { of = 1, ["in"] = 1, by = 1, ["and"] = 1, ["for"] = 1 }) end),
  plural   = flag(function (q) return (q.words[#q.words] or ""):find("s$") end),
  brazil   = flag(function (q) return q.context.locale == "br" end),
}
"""

TEXT_SCHEMA = """
field title text weight=2 analyzer=english exact=yes
field text  text analyzer=english
field pieces text grams=inner:3 from=title
"""
TEAM_SCHEMA = """
field title   text weight=2 exact=yes
field text    text from=text,descriptions
field aliases text
field type    tags
field country tags
field pieces  text grams=inner:3 from=title
"""


def strategy(parts, name):
    names = list(parts)
    other = names[(names.index(name) + len(names) // 2) % len(names)]
    return """
local words = { 'title', 'text' }

-- the last word may go on
local function typed(q)
  local list = term(q.words, words)
  list[#list] = prefix(q.words[#q.words], words)
  return list
end

local function here(q) return not q.context.flip end

return strategy {
  probe = 5,

  applies = function (q)
    if here(q) then return #q.words > 0 and %s end
    return #q.words > 0 and %s
  end,

  plan = function (q)
    if here(q) then return %s end
    return %s
  end,
}
""" % (parts[name][0], parts[other][0], parts[name][1], parts[other][1])


class World:
    """Files of a world in a folder; `lanes` collections of the same schema and scripts."""

    budget, levels, flips = 12, "0 2 5 10 20 40", True

    def __init__(self, name):
        self.name, self.files = name, os.path.join(DATA, name)

    def there(self):
        return os.path.exists(self.files)

    def scripts(self):
        parts = self.parts()
        return {"features/query.lua": FEATURES,
                "rewards.lua": "return rewards { click = 1, window = minutes(2) }",
                "ranking/default.lua": "return ranking { weights = { best_rank = 0.5, arms = 0.5, "
                                       "text = 1, exact = 1, rrf = 1 } }",
                **{"strategies/%s.lua" % name: strategy(parts, name) for name in parts}}

    def parts(self):
        return PARTS

    def schema(self):
        return TEXT_SCHEMA

    def prepare(self, folder, lanes):
        """conf/, scripts/ and the files of queries in the folder."""
        self.folder = folder
        for lane in lanes:
            write(os.path.join(folder, "conf", lane + ".conf"), self.schema())
            for path, text in self.scripts().items():
                write(os.path.join(folder, "scripts", lane, path), text)
        queries, qrels, types = self.asked(*self.judged())
        write(os.path.join(folder, "queries.tsv"), "".join("%s\t%s\n" % q for q in queries))
        write(os.path.join(folder, "qrels.tsv"), "".join("%s\t%s\t%s\n" % q for q in qrels))
        write(os.path.join(folder, "types.tsv"), "".join("\t".join(map(str, t)) + "\n" for t in types))

    def asked(self, queries, qrels, types):
        """Each query as it is, with a slip, and as far as it is typed: the ways people ask."""
        rng, text, ways = random.Random(7), dict(queries), {}
        for query, words in queries:
            ways[query] = {"": words, "slip": slip(rng, words), "typing": typing(rng, words)}
        share = {"": 2, "slip": 1, "typing": 1}
        kinds = {row[0]: row for row in types}
        return ([(query + way, words) for query, of in ways.items() for way, words in of.items() if words],
                [(query + way, doc, grade) for query, doc, grade in qrels if query in ways
                 for way, words in ways[query].items() if words],
                [(query + way, "%s, %s" % (kinds[query][1], way or "as meant"),
                  share[way] * float((kinds[query][2:] or [1])[0]), *kinds[query][3:])
                 for query, of in ways.items() for way, words in of.items() if words])

    def keys(self):
        """For the daemon: time stands still, and nothing is published but when asked for."""
        return {"collections": os.path.join(self.folder, "conf"),
                "scripts": os.path.join(self.folder, "scripts"), "clock": "1767268800000",
                "publish_ms": "3600000", "budget": str(self.budget), "levels": self.levels,
                "seed": "1", "hits": "10"}

    def load(self, address, lane):
        toller(address, "load", lane, os.path.join(self.files, "corpus.jsonl.gz"))

    def arguments(self):
        return ["--queries", os.path.join(self.folder, "queries.tsv"), "--qrels",
                os.path.join(self.folder, "qrels.tsv"), "--types",
                os.path.join(self.folder, "types.tsv")]

    def rows(self, name):
        path = os.path.join(self.files, name)
        with (gzip.open(path, "rt") if name.endswith(".gz") else open(path)) as file:
            return [line.rstrip("\n").split("\t") for line in file]


class Sports(World):
    """zzquerylog: the 500 most clicked queries of a site of sports, and the clicks."""

    def parts(self):
        return {**PARTS, **TEAMS}

    def schema(self):
        return TEAM_SCHEMA

    def judged(self):
        queries = [tuple(row) for row in self.rows("queries.tsv")]
        text = dict(queries)
        types = []
        for query, locale, clicks in self.rows("query_info.tsv")[1:]:
            words = len(text[query].split())
            types.append((query, "1 word" if words == 1 else "more words",
                          clicks, json.dumps({"locale": locale})))
        return queries, [tuple(row) for row in self.rows("qrels.tsv")], types


class Entities(World):
    """dbpedia-entity: names, keywords, questions and lists, by the prefix of their ids."""

    def judged(self):
        queries = [tuple(row) for row in self.rows("queries.tsv")]
        kinds = {"INEX_LD": "keywords", "INEX_XER": "lists", "QALD2": "questions",
                 "SemSearch_ES": "names", "SemSearch_LS": "lists", "TREC_Entity": "lists"}
        types = [(query, next(kind for prefix, kind in kinds.items() if query.startswith(prefix)))
                 for query, _ in queries]
        return queries, [tuple(row) for row in self.rows("qrels.tsv")], types


class Medical(World):
    """nfcorpus: titles of pages about nutrition, all three parts."""

    def judged(self):
        queries = [tuple(row) for row in self.rows("queries.tsv")]
        qrels = {}
        for name in ("qrels.tsv", "qrels.dev.tsv.gz", "qrels.train.tsv.gz"):
            for query, doc, grade in self.rows(name):
                qrels[query, doc] = grade
        types = []
        for query, text in queries:
            words = len(text.split())
            types.append((query, "1 word" if words == 1 else "2 words" if words == 2 else
                          "3 to 5" if words < 6 else "6 or more"))
        return queries, [key + (grade,) for key, grade in qrels.items()], types


class Music(World):
    """Tracks of the real catalogue, asked for in ways we make up; the strategies shipped."""

    MOST, flips = 3000, False

    def __init__(self):
        super().__init__("music")

    def prepare(self, folder, lanes):
        self.made = None
        super().prepare(folder, lanes)
        for lane in lanes:
            target = os.path.join(folder, "scripts", lane)
            shutil.rmtree(target)
            shutil.copytree(os.path.join(TOP, "scripts", "music"), target)
            os.remove(os.path.join(target, "strategies", "memory.lua"))
            for path in glob.glob(os.path.join(target, "strategies", "*.lua")):
                with open(path) as file:
                    text = file.read()
                write(path, text.replace("return strategy {", "return strategy {\n  probe = 5,\n"))
            write(os.path.join(target, "rewards.lua"),
                  "return rewards { click = 1, window = minutes(2) }")

    def asked(self, *judged):
        return judged  # slips and all are among the kinds

    def schema(self):
        with open(os.path.join(TOP, "conf", "music.conf")) as file:
            return file.read()

    def scripts(self):
        return {"rewards.lua": ""}

    def load(self, address, lane):
        for kind in ("artist", "album", "track"):
            toller(address, "load", lane, os.path.join(self.files, kind + "s.jsonl.gz"),
                   "--set", "kind=" + kind, "--prefix", kind + ":")

    def judged(self):
        rng = random.Random(7)
        with gzip.open(os.path.join(self.files, "tracks.jsonl.gz"), "rt") as file:
            tracks = [track for track in map(json.loads, file)
                      if track.get("artists") and track["name"].isascii() and
                      track.get("playlists", 0) > 0]
        weights = [track["playlists"] + track.get("popularity", 0) / 10 for track in tracks]
        wanted, kinds = collections.defaultdict(set), {}
        for track in rng.choices(tracks, weights, k=self.MOST):
            kind = rng.choice(("title", "title and artist", "slip", "artist and word", "artist"))
            text = ask(rng, kind, track["name"].lower(), track["artists"][0].lower())
            if text and len(text) < 200 and '"' not in text and "\t" not in text:
                kinds.setdefault(text, kind)
                wanted[text].add(track["id"])
        ids = {text: "m%d" % i for i, text in enumerate(wanted)}
        return ([(ids[text], text) for text in ids],
                [(ids[text], "track:" + track, 1) for text in ids for track in sorted(wanted[text])],
                [(ids[text], kinds[text]) for text in ids])


def ask(rng, kind, name, artist):
    if kind == "title":
        return name
    if kind == "artist":
        return artist
    if kind == "artist and word":
        return artist + " " + rng.choice(name.split())
    both = name + " " + artist
    if kind == "slip":
        at = rng.randrange(1, max(2, len(both) - 1))
        both = both[:at] + both[at:at + 2][::-1] + both[at + 2:]
    return both


def slip(rng, text):
    """A wrong, missing, doubled or swapped letter in half of the long words, one at least."""
    words = text.split()
    long = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    for i in rng.sample(long, (len(long) + 1) // 2):
        word, at = words[i], rng.randrange(1, len(words[i]) - 1)
        words[i] = rng.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:],
                               word[:at] + word[at + 1] + word[at] + word[at + 2:],
                               word[:at] + rng.choice("aeionrst") + word[at + 1:]))
    return " ".join(words) if long else None


def typing(rng, text):
    """All but the end of the last word."""
    last = text.split()[-1]
    return text[:len(text) - rng.randrange(1, len(last) - 2)] if len(last) > 3 else None


def toller(address, *words):
    p = subprocess.run([os.path.join(BUILD, "toller"), "-s", address, *words],
                       capture_output=True, text=True)
    if p.returncode > 1 or not p.stdout:
        raise SystemExit("toller %s: %s" % (" ".join(words), p.stderr))
    return p.stdout


WORLDS = {"zzquerylog": Sports, "dbpedia-entity": Entities, "nfcorpus": Medical,
          "music": lambda name: Music()}


def world(name):
    return WORLDS[name](name)
