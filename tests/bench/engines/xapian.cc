/* xapian.cc -- Xapian as an engine: one bag of words, a title's three times. */
#include "engine.h"

#include <string.h>
#include <string>
#include <vector>

#include <xapian.h>

#define TITLE_WEIGHT 3
#define TITLE_PLACES 100 /* a text's positions begin here */
#define EXPANSIONS 64    /* words that a prefix becomes: as many as ours */

struct engine {
	Xapian::WritableDatabase db;
	bool places;
};

static struct engine *xapian_open(const char *folder, const char *conf)
{
	return new engine{ Xapian::WritableDatabase(folder,
				  Xapian::DB_CREATE_OR_OPEN | Xapian::DB_BACKEND_GLASS),
		strstr(conf, "positions=no") == nullptr };
}

static uint32_t xapian_docs(struct engine *e)
{
	return e->db.get_doccount();
}

static void xapian_add(struct engine *e, const struct entry *entry)
{
	Xapian::Document document;

	for (int i = 0; i < entry->count; i++) {
		unsigned weight = i < entry->title ? TITLE_WEIGHT : 1;

		if (e->places)
			document.add_posting(entry->words[i],
				i < entry->title ? i : TITLE_PLACES + i, weight);
		else
			document.add_term(entry->words[i], weight);
	}
	for (int i = 0; i < entry->tag_count; i++)
		document.add_boolean_term(std::string("T") + entry->tags[i]);
	e->db.add_document(document);
}

static void xapian_commit(struct engine *e)
{
	e->db.commit();
}

static Xapian::Query query_of(const struct ask *ask)
{
	std::vector<Xapian::Query> parts;

	switch (ask->how) {
	case ASK_PHRASE:
		return Xapian::Query(Xapian::Query::OP_PHRASE, ask->words,
			ask->words + ask->count, ask->count);
	case ASK_PREFIX:
		for (int i = 0; i < ask->count - 1; i++)
			parts.push_back(Xapian::Query(ask->words[i]));
		parts.push_back(Xapian::Query(Xapian::Query::OP_WILDCARD,
			ask->words[ask->count - 1], EXPANSIONS,
			Xapian::Query::WILDCARD_LIMIT_MOST_FREQUENT, Xapian::Query::OP_OR));
		return Xapian::Query(Xapian::Query::OP_AND, parts.begin(), parts.end());
	default:
		return Xapian::Query(ask->how == ASK_ALL ? Xapian::Query::OP_AND
							 : Xapian::Query::OP_OR,
			ask->words, ask->words + ask->count);
	}
}

static int xapian_search(struct engine *e, const struct ask *ask, int k, uint32_t *docs)
{
	Xapian::Enquire enquire(e->db);
	Xapian::Query query;
	int n = 0;

	if (ask->how == ASK_FUZZY || ask->quality)
		return -1;
	query = query_of(ask);
	if (ask->tag)
		query = Xapian::Query(Xapian::Query::OP_FILTER, query,
			Xapian::Query(std::string("T") + ask->tag));
	enquire.set_query(query);
	enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0));
	Xapian::MSet found = enquire.get_mset(0, k);
	for (Xapian::MSetIterator i = found.begin(); i != found.end(); ++i)
		docs[n++] = *i - 1;
	return n;
}

static void xapian_close(struct engine *e)
{
	delete e;
}

const struct engine_kind engine_xapian = { "xapian", xapian_open, xapian_docs, xapian_add,
	xapian_commit, xapian_search, xapian_close };
