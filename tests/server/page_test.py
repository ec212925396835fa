#!/usr/bin/env python3
"""page_test.py -- further pages of a decision."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from session import Session, run_tests


def further_pages_have_the_luck_of_the_first():
    """Memory ranks by chance; the pages of one decision are one ranking."""
    with Session() as session:
        session.start(seed="3", publish_ms="0", clock="1767268800000", memory_half_life_days="0.001")
        connection = session.connect()
        for i in range(40):
            assert connection.ask('PUT music track:%d {"name":"Song %d"}' % (i, i)) == "+OK"
        page = connection.json("SEARCH music song ONLY all_fields POLICY fixed LIMIT 40")
        for hit in page["hits"]:
            assert connection.ask("FEEDBACK %s %s like" % (page["decision"], hit["id"])) == "+OK"
        page = connection.json("SEARCH music song ONLY memory POLICY fixed LIMIT 40")
        assert len(page["hits"]) == 40, page
        assert connection.ask("CONFIG SET clock 1767268860000") == "+OK"  # much has faded since
        halves = [connection.json("SEARCH music song FROM %s LIMIT 20 OFFSET %d"
                                  % (page["decision"], offset))["hits"] for offset in (0, 20)]
        assert [hit["id"] for half in halves for hit in half] == [hit["id"] for hit in page["hits"]]


sys.exit(run_tests("pages", [further_pages_have_the_luck_of_the_first]))
