/* choose.c -- choosing and learning: 16 arms of 6 buckets, 64 features.
 *
 * A line a figure: name, value, unit, the peer's value of the same run, ratio (above 1:
 * we are faster).  The peer does the same sums by OpenBLAS on one thread, in doubles: a
 * triangular solve and two dot products for a score (the price is found by our code in
 * both), a symmetric rank-one update and a scaling for an observation, a Cholesky
 * factor for a fit (ours inverts it too, so that scoring is cheap).  Where libopenblas is
 * absent a plain C version stands for it. */
#include <dlfcn.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "learn/model.h"
#include "learn/policy.h"

#define ARMS            16
#define CONTEXT         (63 - ACTION_FEATURES) /* numbers of the context beside the bias */
#define D               (1 + CONTEXT + ACTION_FEATURES)
#define TAUGHT          3000
#define ROUNDS          4000
#define UPDATES         200000
#define UPDATES_PER_FIT 16

static const double lambda = LAMBDA_DEFAULT, gamma_ = 0.999;

static void fail(const char *why)
{
	fprintf(stderr, "bench: choose: %s\n", why);
	exit(1);
}

/* ---- OpenBLAS by name, or plain loops ---- */

enum { ROWS = 101, LOWER = 122, PLAIN = 111, NONUNIT = 131 }; /* cblas.h */

static void plain_trsv(int order, int uplo, int trans, int diag, int n, const double *l, int ld,
	double *x, int step)
{
	double sum;
	int i, k;

	for (i = 0; i < n; i++) {
		for (sum = x[i], k = 0; k < i; k++)
			sum -= l[i * ld + k] * x[k];
		x[i] = sum / l[i * ld + i];
	}
}

static double plain_dot(int n, const double *x, int step_x, const double *y, int step_y)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += x[i] * y[i];
	return sum;
}

static void plain_syr(int order, int uplo, int n, double a, const double *x, int step, double *v,
	int ld)
{
	int i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j <= i; j++)
			v[i * ld + j] += a * x[i] * x[j];
}

static void plain_scal(int n, double a, double *x, int step)
{
	int i;

	for (i = 0; i < n; i++)
		x[i] *= a;
}

/* Fortran's: columns, so a lower triangle by rows is its upper one. */
static void plain_potrf(const char *uplo, const int *n, double *v, const int *ld, int *info)
{
	double sum;
	int i, j, k;

	for (i = 0; i < *n; i++)
		for (j = 0; j <= i; j++) {
			for (sum = v[i * *ld + j], k = 0; k < j; k++)
				sum -= v[i * *ld + k] * v[j * *ld + k];
			v[i * *ld + j] = i == j ? sqrt(sum) : sum / v[j * *ld + j];
		}
	*info = 0;
}

static struct {
	const char *name;
	void (*trsv)(int, int, int, int, int, const double *, int, double *, int);
	double (*dot)(int, const double *, int, const double *, int);
	void (*syr)(int, int, int, double, const double *, int, double *, int);
	void (*scal)(int, double, double *, int);
	void (*potrf)(const char *, const int *, double *, const int *, int *);
} peer = { "plain C", plain_trsv, plain_dot, plain_syr, plain_scal, plain_potrf };

static void find_peer(void)
{
	void *lib = dlopen("libopenblas.so.0", RTLD_NOW), *found[5];
	static const char *const names[5] = { "cblas_dtrsv", "cblas_ddot", "cblas_dsyr",
		"cblas_dscal", "dpotrf_" };
	void (*threads)(int);
	int i;

	for (i = 0; lib && i < 5; i++)
		if (!(found[i] = dlsym(lib, names[i])))
			lib = NULL;
	if (!lib)
		return;
	*(void **)&threads = dlsym(lib, "openblas_set_num_threads");
	if (threads)
		threads(1);
	peer.name = "openblas";
	memcpy(&peer.trsv, &found[0], sizeof(void *));
	memcpy(&peer.dot, &found[1], sizeof(void *));
	memcpy(&peer.syr, &found[2], sizeof(void *));
	memcpy(&peer.scal, &found[3], sizeof(void *));
	memcpy(&peer.potrf, &found[4], sizeof(void *));
}

/* One bucket as the peer keeps it. */
struct ridge {
	double v[D * D], b[D], l[D * D], theta[D];
};

static void ridge_update(struct ridge *m, const double *phi, double reward)
{
	int i;

	peer.scal(D * D, gamma_, m->v, 1);
	peer.scal(D, gamma_, m->b, 1);
	peer.syr(ROWS, LOWER, D, 1, phi, 1, m->v, D);
	for (i = 0; i < D; i++) {
		m->v[i * D + i] += (1 - gamma_) * lambda;
		m->b[i] += reward * phi[i];
	}
}

static void ridge_fit(struct ridge *m)
{
	int n = D, info, i, k;
	double sum;

	memcpy(m->l, m->v, sizeof(m->l));
	peer.potrf("U", &n, m->l, &n, &info);
	if (info)
		fail("a matrix that is not positive definite");
	memcpy(m->theta, m->b, sizeof(m->theta));
	peer.trsv(ROWS, LOWER, PLAIN, NONUNIT, D, m->l, D, m->theta, 1);
	for (i = D - 1; i >= 0; i--) {
		for (sum = m->theta[i], k = i + 1; k < D; k++)
			sum -= m->l[k * D + i] * m->theta[k];
		m->theta[i] = sum / m->l[i * D + i];
	}
}

static void ridge_score(const struct ridge *m, const double *phi, double *mean, double *width)
{
	double y[D];

	memcpy(y, phi, sizeof(y));
	*mean = peer.dot(D, m->theta, 1, phi, 1);
	peer.trsv(ROWS, LOWER, PLAIN, NONUNIT, D, m->l, D, y, 1);
	*width = sqrt(peer.dot(D, y, 1, y, 1));
}

/* ---- a collection that has learnt for a while ---- */

struct scene {
	struct feature_set *features;
	struct model *model;
	struct snapshot *snapshot;
	struct levels levels;
	struct policy_options options;
	struct policy_arm arms[ARMS];
	char names[ARMS][16];
	float phi[FEATURES_MAX];
	struct policy_request request;
	struct rng rng;
	struct ridge *ridges; /* ARMS * buckets */
	struct ladder *ladder;
	struct arena *arena;
};

static void draw_phi(struct scene *s, bool sparse)
{
	int i, a;

	s->phi[0] = 1;
	for (i = 1; i <= CONTEXT; i++)
		s->phi[i] = sparse && rng_below(&s->rng, 4) ? 0 : (float)rng_double(&s->rng);
	for (a = 0; a < ARMS; a++)
		for (i = 0; i < ACTION_FEATURES; i++)
			s->arms[a].action[i] = (float)rng_double(&s->rng);
}

static void whole(const struct scene *s, int a, double phi[D])
{
	int i;

	for (i = 0; i < D; i++)
		phi[i] = i <= CONTEXT ? (double)s->phi[i]
				      : (double)s->arms[a].action[i - CONTEXT - 1];
}

/* A decision in which every arm draws all its buckets; one arm in three has the wanted. */
static void teach(struct scene *s, uint64_t id)
{
	struct decision_arm arms[ARMS];
	struct decision d = { .id = id,
		.at_ms = 1,
		.features = s->request.features,
		.width = s->request.width,
		.phi = s->phi,
		.levels = s->levels,
		.arms = ARMS,
		.arm = arms };
	struct decision_candidate wanted = { entity_hash(SLICE_LIT("wanted")),
		(uint16_t)(s->levels.depth[id % 6] + 1) };
	struct outcome_event event = { SLICE_LIT("purchase"), 1, 1 };
	struct outcome o;
	struct error err;
	double phi[D];
	int a, j;

	memset(arms, 0, sizeof(arms));
	outcome_init(&o, &d);
	for (a = 0; a < ARMS; a++) {
		arms[a].name = slice_str(s->names[a]);
		arms[a].level = (uint8_t)levels_buckets(&s->levels);
		memcpy(arms[a].action, s->arms[a].action, sizeof(arms[a].action));
		arms[a].candidates = &wanted;
		arms[a].drawn = rng_below(&s->rng, 3) == 0;
		whole(s, a, phi);
		for (j = 0; j < arms[a].level; j++)
			ridge_update(&s->ridges[a * 6 + j], phi,
				arms[a].drawn && (uint64_t)j == id % 6);
	}
	model_count(s->model, &d);
	if (model_apply(s->model, &d, &o, s->ladder, s->arena, SLICE_LIT("wanted"), &event, NULL,
		    &err) < 0)
		fail(err.text);
	arena_reset(s->arena);
	model_close(s->model, &d, &o);
}

static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct model_options options = MODEL_OPTIONS_DEFAULT;
	struct feature_spec specs[CONTEXT];
	char names[CONTEXT][16];
	struct error err;
	int i, a, t;

	for (i = 0; i < CONTEXT; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		specs[i] =
			(struct feature_spec){ .name = names[i], .kind = FEATURE_NUMBER, .hi = 1 };
	}
	if (feature_set_new(&s->features, specs, CONTEXT, &err) < 0 ||
		model_new(&s->model, &options, s->features, &err) < 0)
		fail(err.text);
	s->levels = options.levels;
	policy_options_default(&s->options, &s->levels);
	s->ridges = calloc(ARMS * 6, sizeof(*s->ridges));
	for (a = 0; a < ARMS * 6; a++)
		for (i = 0; i < D; i++)
			s->ridges[a].v[i * D + i] = lambda;
	s->request = (struct policy_request){ .levels = &s->levels,
		.options = &s->options,
		.phi = s->phi,
		.width = feature_set_width(s->features),
		.features = feature_set_hash(s->features),
		.arms = s->arms,
		.count = ARMS,
		.budget = 100 };
	rng_init(&s->rng, 1);
	s->ladder = ladder_default();
	s->arena = arena_new();
	for (a = 0; a < ARMS; a++)
		snprintf(s->names[a], sizeof(s->names[a]), "arm%02d", a);
	for (t = 0; t < TAUGHT; t++) {
		draw_phi(s, false);
		teach(s, (uint64_t)t);
	}
	for (a = 0; a < ARMS * 6; a++)
		ridge_fit(&s->ridges[a]);
	s->snapshot = model_publish(s->model);
	for (a = 0; a < ARMS; a++) {
		s->arms[a].learnt =
			learnt_find(snapshot_object(s->snapshot), slice_str(s->names[a]));
		s->arms[a].limit = DEPTH_MAX;
		s->arms[a].max = 1;
	}
	return s;
}

/* ---- what is measured ---- */

static double sink;

/* The thread's own: others have the machine, too. */
static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double ours_choose(struct scene *s, const struct policy *policy, bool sparse)
{
	static struct choice c;
	double start, sum = 0;
	int t;

	for (t = 0; t < ROUNDS; t++) {
		draw_phi(s, sparse);
		start = now_us();
		policy_choose(policy, snapshot_object(s->snapshot), &s->request, &s->rng, &c);
		sum += now_us() - start;
		sink += c.price;
	}
	return sum / ROUNDS;
}

/* All 96 scores, and as a check the same beliefs as ours. */
static double peer_scores(struct scene *s, bool sparse)
{
	static double mean[ARMS * 6], width[ARMS * 6], phi[ARMS][D];
	static struct choice c;
	double start, sum = 0, apart = 0;
	int t, a, j;

	for (t = 0; t < ROUNDS; t++) {
		draw_phi(s, sparse);
		start = now_us();
		for (a = 0; a < ARMS; a++) {
			whole(s, a, phi[a]);
			for (j = 0; j < 6; j++)
				ridge_score(&s->ridges[a * 6 + j], phi[a], &mean[a * 6 + j],
					&width[a * 6 + j]);
		}
		sum += now_us() - start;
		policy_spread(&policy_fixed, snapshot_object(s->snapshot), &s->request, &c);
		for (a = 0; a < ARMS; a++)
			for (j = 0; j < 6; j++)
				apart = fmax(apart,
					fabs((double)c.arm[a].spread[j] - width[a * 6 + j]));
	}
	if (!(apart < 1e-4))
		fail("the peer believes something else");
	return sum / ROUNDS;
}

static double ours_scores(struct scene *s, bool sparse)
{
	const struct learnt *l = snapshot_object(s->snapshot);
	struct linear_point context, point;
	double start, sum = 0, mean, width;
	int t, a, j, i;

	for (t = 0; t < ROUNDS; t++) {
		draw_phi(s, sparse);
		start = now_us();
		linear_point_set(&context, s->phi, s->request.width);
		for (a = 0; a < ARMS; a++) {
			point = context;
			for (i = 0; i < ACTION_FEATURES; i++)
				linear_point_add(&point, s->arms[a].action[i]);
			for (j = 0; j < 6; j++) {
				linear_score(learnt_fit(l, a, j), &point, &mean, &width);
				sink += mean + width;
			}
		}
		sum += now_us() - start;
	}
	return sum / ROUNDS;
}

/* Observations spread over all buckets; `fit_every` 0: never solved. */
static double ours_update(struct scene *s, int fit_every)
{
	static struct linear *buckets[ARMS * 6];
	float phi[64][D];
	double start;
	int t, i, b = 0;

	for (i = 0; i < ARMS * 6; i++)
		buckets[i] = linear_new(D, lambda, NULL);
	for (t = 0; t < 64; t++)
		for (i = 0; i < D; i++)
			phi[t][i] = (float)rng_double(&s->rng);
	start = now_us();
	for (t = 0; t < UPDATES; t++) {
		linear_update(buckets[b], phi[t % 64], t & 1, gamma_);
		if (fit_every && t % fit_every == fit_every - 1)
			linear_fit_drop(linear_fit(buckets[b]));
		if (t % UPDATES_PER_FIT == UPDATES_PER_FIT - 1)
			b = (b + 1) % (ARMS * 6);
	}
	start = now_us() - start;
	for (i = 0; i < ARMS * 6; i++)
		linear_free(buckets[i]);
	return start / UPDATES;
}

static double peer_update(struct scene *s, int fit_every)
{
	double phi[64][D], start;
	int t, i, b = 0;

	for (t = 0; t < 64; t++)
		for (i = 0; i < D; i++)
			phi[t][i] = rng_double(&s->rng);
	start = now_us();
	for (t = 0; t < UPDATES / 4; t++) {
		ridge_update(&s->ridges[b], phi[t % 64], t & 1);
		if (fit_every && t % fit_every == fit_every - 1)
			ridge_fit(&s->ridges[b]);
		if (t % UPDATES_PER_FIT == UPDATES_PER_FIT - 1)
			b = (b + 1) % (ARMS * 6);
	}
	return (now_us() - start) / (UPDATES / 4);
}

static void line(const char *name, double ours, double theirs)
{
	printf("%-28s %10.2f %-8s %s %8.2f  ratio %6.2f\n", name, ours, "us", peer.name, theirs,
		theirs / ours);
}

int main(void)
{
	static const char *const others[] = { "squarecb", "linucb", "lints", "epsilon" };
	struct scene *s;
	double scores, ours, allocated = 0;
	size_t before, i;

	find_peer();
	s = scene_new();
	scores = peer_scores(s, false);
	ours_choose(s, &policy_priced, false);
	line("96 scores", ours_scores(s, false), scores);
	before = mallinfo2().uordblks;
	ours = ours_choose(s, &policy_priced, false);
	allocated = (double)(mallinfo2().uordblks - before);
	line("choose, priced", ours, scores + ours - ours_scores(s, false));
	ours = ours_choose(s, &policy_priced, true);
	scores = peer_scores(s, true);
	line("choose, 3 of 4 features 0", ours, scores + ours - ours_scores(s, true));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		printf("choose, %-20s %10.2f us\n", others[i],
			ours_choose(s, policy_find(slice_str(others[i])), false));
	printf("choose, bytes allocated      %10.0f\n", allocated);
	line("update a bucket", ours_update(s, 0), peer_update(s, 0));
	line("update, a fit every 16", ours_update(s, UPDATES_PER_FIT),
		peer_update(s, UPDATES_PER_FIT));
	return sink == 0.125; /* nobody may drop the sums */
}
