/* learner_queue.c -- what workers hand to the learner, in copies of its own. */
#include <stdlib.h>

#include "base/alloc.h"
#include "feed/learner_parts.h"

void message_free(struct message *m)
{
	buf_clear(&m->record);
	buf_clear(&m->text);
	free(m->split);
	free(m);
}

static int push(struct learner *l, struct message *m, struct error *err)
{
	int rc = queue_push(l->queue, m);

	if (rc == ERR_BUSY)
		error_set(err, rc, "the learner has %zu messages waiting; try again",
			queue_capacity(l->queue));
	else if (rc < 0)
		error_set(err, rc, "shutting down");
	return rc;
}

int learner_log(void *learner, int collection, struct buf *record)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_DECISION;
	m->collection = collection;
	m->record = *record;
	rc = push(learner, m, NULL);
	if (rc < 0)
		free(m);
	else
		*record = (struct buf){ 0 };
	return rc;
}

static struct slice keep(struct buf *text, struct slice s)
{
	size_t at = text->len;

	buf_put_slice(text, s);
	return slice_of((const char *)at, s.len); /* an offset until the buf is final */
}

static void settle(const struct buf *text, struct slice *s)
{
	s->ptr = text->ptr + (size_t)s->ptr;
}

int learner_feedback(struct learner *l, const struct event *e, learner_done *done, void *data,
	struct error *err)
{
	struct message *m;
	int rc = event_check(e, err);

	if (rc < 0)
		return rc;
	m = xcalloc(1, sizeof(*m));
	m->kind = MESSAGE_EVENT;
	m->done = done;
	m->data = data;
	m->event = *e;
	m->event.decision = keep(&m->text, e->decision);
	m->event.entity = keep(&m->text, e->entity);
	m->event.name = keep(&m->text, e->name);
	m->event.id = keep(&m->text, e->id);
	settle(&m->text, &m->event.decision);
	settle(&m->text, &m->event.entity);
	settle(&m->text, &m->event.name);
	settle(&m->text, &m->event.id);
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_pin(struct learner *l, int collection, struct slice strategy, const struct pin *pin,
	learner_done *done, void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_PIN;
	m->collection = collection;
	m->pin = *pin;
	buf_put_slice(&m->text, strategy);
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_split(struct learner *l, int collection, const struct split *split, learner_done *done,
	void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_SPLIT;
	m->collection = collection;
	m->split = xmalloc(sizeof(*split));
	*m->split = *split;
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_erase(struct learner *l, int collection, struct slice user, learner_done *done,
	void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_ERASE;
	m->collection = collection;
	buf_put_slice(&m->text, user);
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_sync(struct learner *l, learner_done *done, void *data, struct error *err)
{
	struct message *m = xcalloc(1, sizeof(*m));
	int rc;

	m->kind = MESSAGE_SYNC;
	m->done = done;
	m->data = data;
	rc = push(l, m, err);
	if (rc < 0)
		free(m);
	return rc;
}
