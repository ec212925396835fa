/* given.c -- depths that the request gives (DEPTH), in place of a policy.
 *
 * Nothing is left to chance, so every probability is 1 or 0, and is logged as that. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "funnel/search.h"

/* "strategy=depth"; the depth's level. */
static int read_given(const struct search *s, struct slice text, struct slice *name, int *level,
	struct error *err)
{
	const struct levels *levels = &s->funnel->shared->options->levels;
	const char *sign = memchr(text.ptr, '=', text.len);
	struct buf known = { 0 };
	char digits[8] = "", *end;
	size_t len;
	int l, rc;

	if (!sign)
		return error_set(err, ERR_SYNTAX, "DEPTH: expected strategy=depth, found '%.*s'",
			SLICE_ARG(text));
	*name = slice_of(text.ptr, (size_t)(sign - text.ptr));
	len = text.len - name->len - 1;
	if (len && len < sizeof(digits) && sign[1] >= '0' && sign[1] <= '9') {
		memcpy(digits, sign + 1, len);
		for (l = 0; l < levels->count; l++)
			if (levels->depth[l] == strtoul(digits, &end, 10) && !*end) {
				*level = l;
				return 0;
			}
	}
	for (l = 0; l < levels->count; l++)
		buf_printf(&known, "%s%u", l ? ", " : "", levels->depth[l]);
	rc = error_set(err, ERR_ARG, "DEPTH: %.*s: expected one of the levels, %.*s",
		SLICE_ARG(text), (int)known.len, known.ptr);
	buf_clear(&known);
	return rc;
}

int choose_given(struct search *s, struct error *err)
{
	const struct search_request *r = s->request;
	struct split_part part = { { { "given", "" } }, 1 };
	struct choice_arm *chosen;
	struct slice name;
	int i, a, level = 0, rc;

	rc = r->ranking.len ? name_rankings(s, &part, err) : 0;
	if (rc < 0)
		return rc;
	serve_part(s, &part);
	s->choice->count = s->arm_count;
	s->choice->together = 1;
	for (a = 0; a < s->arm_count; a++) {
		chosen = &s->choice->arm[a];
		chosen->cap = (uint8_t)levels_cap(&s->funnel->shared->options->levels,
			s->policy_arms[a].limit);
		chosen->dist[0] = chosen->p = 1;
	}
	for (i = 0; i < r->depth_count; i++) {
		rc = read_given(s, r->depths[i], &name, &level, err);
		if (rc == 0)
			rc = need_strategy(s, name, "DEPTH", err);
		if (rc < 0)
			return rc;
		for (a = 0; a < s->arm_count; a++) {
			chosen = &s->choice->arm[a];
			if (!slice_is(name, s->arms[a].strategy->name))
				continue;
			chosen->dist[chosen->level] = 0;
			chosen->level = (uint8_t)(level < chosen->cap ? level : chosen->cap);
			chosen->dist[chosen->level] = 1;
			chosen->depth = (uint16_t)levels_depth(&s->funnel->shared->options->levels,
				chosen->level, s->policy_arms[a].limit);
		}
	}
	for (a = 0; a < s->arm_count; a++)
		s->choice->expected += s->choice->arm[a].depth;
	return 0;
}
