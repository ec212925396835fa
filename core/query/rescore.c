/* rescore.c -- a plan's score of documents that somebody else found: the ranker's
 * way to compare candidates of many strategies by one formula. */
#include "query/search.h"

#include "query/score.h"

int search_score(const struct search_env *env, const struct plan *plan, const uint32_t *docs,
	size_t count, float *scores, struct error *err)
{
	struct matcher matcher;
	struct scorer scorer;
	struct iter *root;
	double words;
	size_t i;
	int rc;

	rc = matcher_open(&matcher, env->view, env->arena, plan->match, err);
	if (rc < 0)
		return rc;
	scorer_open(&scorer, env, plan, &matcher);
	root = matcher.root;
	for (i = 0; i < count; i++) {
		scores[i] = 0;
		if (plan->match && (!root || iter_seek(root, docs[i]) != docs[i]))
			continue;
		words = 0;
		if (plan->match)
			words = scorer.unit * scorer_words(&scorer, root, docs[i],
						      view_lengths(env->view, docs[i]));
		scores[i] = words + scorer_rest(&scorer, docs[i]);
	}
	rc = matcher_error(&matcher, err);
	scorer_close(&scorer);
	matcher_close(&matcher);
	return rc;
}
