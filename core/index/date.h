/* date.h -- calendar text to days since 1970-01-01.
 *
 * "2008", "2008-11", "2008-11-11" and ISO times ("2008-11-11T10:00:00Z",
 * "... 10:00", "+02:00" offsets); the missing parts are the first ones. */
#ifndef INDEX_DATE_H
#define INDEX_DATE_H

#include "base/slice.h"

/* False if it is not a date. */
bool date_parse(struct slice text, double *days);
/* The time that it names, [first, after): a whole year, month or day.  Of a moment both are
 * the same. */
bool date_period(struct slice text, double *first, double *after);
/* Days of a civil date, proleptic Gregorian; month 1..12, day 1..31. */
int64_t date_days(int year, int month, int day);
/* And back. */
void date_civil(int64_t days, int *year, int *month, int *day);

#endif
