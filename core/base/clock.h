/* clock.h -- time as a parameter, so that tests own it.
 *
 * now_ms returns wall time in milliseconds since 1970 (UTC). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*now_ms)(void *data);
	void *data;
};

extern const struct clock clock_real;

static inline int64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c->data);
}

/* Monotonic, for durations only. */
int64_t clock_mono_us(void);
int64_t clock_mono_ns(void);

#endif
