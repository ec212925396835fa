/* date.c -- ISO 8601 subset; days by Howard Hinnant's days_from_civil. */
#include "index/date.h"

int64_t date_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void date_civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

/* Exactly `digits` digits at *at. */
static bool digits(struct slice s, size_t *at, int count, int *out)
{
	int i;

	*out = 0;
	if (*at + count > s.len)
		return false;
	for (i = 0; i < count; i++) {
		char c = s.ptr[*at + i];

		if (c < '0' || c > '9')
			return false;
		*out = *out * 10 + c - '0';
	}
	*at += count;
	return true;
}

static bool skip(struct slice s, size_t *at, char c)
{
	if (*at < s.len && s.ptr[*at] == c) {
		++*at;
		return true;
	}
	return false;
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "10:20", "10:20:30", "10:20:30.123", then "Z" or an offset. */
static bool time_parse(struct slice s, size_t *at, double *seconds)
{
	int hour, minute, second = 0, sign = 0, zone_hour = 0, zone_minute = 0;
	double scale = 0.1;

	if (!digits(s, at, 2, &hour) || !skip(s, at, ':') || !digits(s, at, 2, &minute))
		return false;
	if (skip(s, at, ':') && !digits(s, at, 2, &second))
		return false;
	if (hour > 24 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600.0 + minute * 60.0 + second;
	if (skip(s, at, '.'))
		for (; *at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9'; ++*at) {
			*seconds += (s.ptr[*at] - '0') * scale;
			scale /= 10;
		}
	if (skip(s, at, 'Z'))
		return true;
	if (skip(s, at, '+'))
		sign = 1;
	else if (skip(s, at, '-'))
		sign = -1;
	if (!sign)
		return true;
	if (!digits(s, at, 2, &zone_hour))
		return false;
	skip(s, at, ':');
	if (*at < s.len && !digits(s, at, 2, &zone_minute))
		return false;
	*seconds -= sign * (zone_hour * 3600.0 + zone_minute * 60.0);
	return true;
}

bool date_parse(struct slice text, double *days)
{
	int year, month = 1, day = 1;
	double seconds = 0;
	size_t at = 0;

	if (!digits(text, &at, 4, &year))
		return false;
	if (at < text.len && (!skip(text, &at, '-') || !digits(text, &at, 2, &month)))
		return false;
	if (month < 1 || month > 12)
		return false;
	if (at < text.len && (!skip(text, &at, '-') || !digits(text, &at, 2, &day)))
		return false;
	if (day < 1 || day > month_days(year, month))
		return false;
	if (at < text.len && ((!skip(text, &at, 'T') && !skip(text, &at, ' ')) ||
				     !time_parse(text, &at, &seconds)))
		return false;
	if (at != text.len)
		return false;
	*days = date_days(year, month, day) + seconds / 86400;
	return true;
}

bool date_period(struct slice text, double *first, double *after)
{
	int year, month, day;

	if (!date_parse(text, first))
		return false;
	date_civil((int64_t)*first, &year, &month, &day);
	switch (text.len) {
	case sizeof("2010") - 1: *after = date_days(year + 1, 1, 1); break;
	case sizeof("2010-06") - 1:
		*after = month == 12 ? date_days(year + 1, 1, 1) : date_days(year, month + 1, 1);
		break;
	case sizeof("2010-06-30") - 1: *after = *first + 1; break;
	default: *after = *first;
	}
	return true;
}
