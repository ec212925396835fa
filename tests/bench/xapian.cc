/* xapian.cc -- Xapian behind xapian.h. */
#include "xapian.h"

#include <xapian.h>

struct peer {
	Xapian::WritableDatabase db;
};

struct peer *peer_open(const char *folder)
{
	return new peer{ Xapian::WritableDatabase(folder,
		Xapian::DB_CREATE_OR_OPEN | Xapian::DB_BACKEND_GLASS) };
}

void peer_add(struct peer *p, const char *const *words, int count)
{
	Xapian::Document document;

	for (int i = 0; i < count; i++)
		document.add_term(words[i]);
	p->db.add_document(document);
}

void peer_commit(struct peer *p)
{
	p->db.commit();
}

uint32_t peer_docs(struct peer *p)
{
	return p->db.get_doccount();
}

static int best(struct peer *p, const Xapian::Query &query, int k, uint32_t *docs)
{
	Xapian::Enquire enquire(p->db);
	int n = 0;

	enquire.set_query(query);
	enquire.set_weighting_scheme(Xapian::BM25Weight(1.2, 0, 1, 0.75, 0));
	Xapian::MSet found = enquire.get_mset(0, k);
	for (Xapian::MSetIterator i = found.begin(); i != found.end(); ++i)
		docs[n++] = *i - 1;
	return n;
}

int peer_search(struct peer *p, const char *const *words, int count, bool all, int k, uint32_t *docs)
{
	return best(p, Xapian::Query(all ? Xapian::Query::OP_AND : Xapian::Query::OP_OR, words,
			       words + count),
		k, docs);
}

int peer_search_where(struct peer *p, const char *const *words, int count, const char *where,
	int k, uint32_t *docs)
{
	return best(p, Xapian::Query(Xapian::Query::OP_FILTER,
			       Xapian::Query(Xapian::Query::OP_OR, words, words + count),
			       Xapian::Query(where)),
		k, docs);
}

void peer_close(struct peer *p)
{
	delete p;
}
