#!/usr/bin/env python3
"""entities.py [FOLDER] -- a million and a half real entities as JSON, one a line.

Names and dictionary entries of scale-1m, the synsets of wordnet, the places of
geonames-cities, tracks, artists, albums and playlists of music; FOLDER is ../shared/data
by default.  All have id, kind, title, text and popularity (0 to 100).  The order is drawn
(always the same), as a catalogue's seldom is by kind.
"""
import csv, gzip, json, math, os, random, sys

NAMES = {"p": "place", "s": "surname", "f": "given", "g": "given", "m": "given", "h": "person",
         "st": "station", "o": "organisation", "c": "company", "wk": "work", "pr": "product"}
WORDS = {"n": "noun", "v": "verb", "a": "adjective", "s": "adjective", "r": "adverb"}
SETS = ("scale-1m", "wordnet", "geonames-cities", "music")


def rows(folder, name):
    with gzip.open(os.path.join(folder, name), "rt", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def objects(folder, name):
    with gzip.open(os.path.join(folder, name), "rt") as file:
        yield from map(json.loads, file)


def popularity(count, most):
    return round(100 * math.log1p(count) / math.log1p(most), 1)


def entities(folder):
    """(id, kind, title, text, popularity)"""
    for row in rows(folder, "scale-1m/enamdict.tsv.gz"):
        yield row["id"], NAMES.get(row["kind"].split(",")[0], "name"), row["title"], row["text"], 0
    for row in rows(folder, "scale-1m/edict.tsv.gz"):
        yield row["id"], "entry", row["title"], row["text"], 20 * int(row["pop"])
    for it in objects(folder, "wordnet/synsets.jsonl.gz"):
        yield (it["id"], WORDS[it["pos"]], it["title"], " ".join([*it["lemmas"][1:], it["text"]]),
               popularity(it["freq"], 10000))
    for row in rows(folder, "geonames-cities/cities.tsv.gz"):
        text = " ".join((row["alt_names"], row["country"], row["admin"])).strip()
        yield "c" + row["id"], "city", row["name"], text, popularity(int(row["population"]), 3e7)
    for it in objects(folder, "music/tracks.jsonl.gz"):
        yield (it["id"], "track", it["name"], " ".join([*it["artists"], it.get("album") or ""]),
               it.get("popularity", 0))
    for it in objects(folder, "music/artists.jsonl.gz"):
        yield (it["id"], "artist", it["name"], " ".join(it.get("genres", [])),
               it.get("popularity", 0))
    for it in objects(folder, "music/albums.jsonl.gz"):
        yield "a" + it["id"], "album", it["name"], it["artist"], 0
    for it in objects(folder, "music/playlists.jsonl.gz"):
        yield "l" + it["id"], "playlist", it["name"], it["description"], 0


def lines(folder):
    made = [json.dumps(dict(zip(("id", "kind", "title", "text", "popularity"), entity)),
                       ensure_ascii=False) for entity in entities(folder)]
    random.Random(1).shuffle(made)
    return made


def main():
    folder = sys.argv[1] if sys.argv[1:] else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "../../../shared/data")
    if all(os.path.exists(os.path.join(folder, name)) for name in SETS):
        for line in lines(folder):
            print(line)


if __name__ == "__main__":
    main()
