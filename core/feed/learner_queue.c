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

static struct message *message_new(enum message_kind kind, int collection, learner_done *done,
	void *data)
{
	struct message *m = xcalloc(1, sizeof(*m));

	m->kind = kind;
	m->collection = collection;
	m->done = done;
	m->data = data;
	return m;
}

static int hand_over(struct learner *l, struct message *m, struct error *err)
{
	int rc = push(l, m, err);

	if (rc < 0)
		message_free(m);
	return rc;
}

int learner_log(void *learner, int collection, struct buf *record)
{
	struct message *m = message_new(MESSAGE_DECISION, collection, NULL, NULL);
	int rc;

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
	m = message_new(MESSAGE_EVENT, 0, done, data);
	m->event = *e;
	m->event.decision = keep(&m->text, e->decision);
	m->event.entity = keep(&m->text, e->entity);
	m->event.name = keep(&m->text, e->name);
	m->event.id = keep(&m->text, e->id);
	settle(&m->text, &m->event.decision);
	settle(&m->text, &m->event.entity);
	settle(&m->text, &m->event.name);
	settle(&m->text, &m->event.id);
	return hand_over(l, m, err);
}

int learner_pin(struct learner *l, int collection, struct slice strategy, const struct pin *pin,
	learner_done *done, void *data, struct error *err)
{
	struct message *m = message_new(MESSAGE_PIN, collection, done, data);

	m->pin = *pin;
	buf_put_slice(&m->text, strategy);
	return hand_over(l, m, err);
}

int learner_split(struct learner *l, int collection, const struct split *split, learner_done *done,
	void *data, struct error *err)
{
	struct message *m = message_new(MESSAGE_SPLIT, collection, done, data);

	m->split = xmalloc(sizeof(*split));
	*m->split = *split;
	return hand_over(l, m, err);
}

int learner_erase(struct learner *l, int collection, struct slice user, learner_done *done,
	void *data, struct error *err)
{
	struct message *m = message_new(MESSAGE_ERASE, collection, done, data);

	buf_put_slice(&m->text, user);
	return hand_over(l, m, err);
}

int learner_sync(struct learner *l, learner_done *done, void *data, struct error *err)
{
	struct message *m = message_new(MESSAGE_SYNC, 0, done, data);

	return hand_over(l, m, err);
}
