/* main.c -- tollerd: reads conf, builds the layers bottom up, starts the threads.
 *
 *     tollerd [-c FILE] [--set key=value ...] [--check] [--help]
 *
 * Prints `ready ADDRESS` once it serves.  SIGTERM, SIGINT and SHUTDOWN end it in
 * order: no new connections, what was begun is answered, the writer commits what
 * it was given.  SIGHUP opens the log file anew, and without one ends it, too. */
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "limits.h"
#include "server/command.h"
#include "server/compactor.h"
#include "server/engine.h"
#include "server/listener.h"
#include "server/watcher.h"
#include "server/worker.h"

#define CONF_PATH            "conf/tollerd.conf"
#define FILES_BESIDE_CLIENTS 512

struct daemon {
	struct server server;
	struct config *config; /* NULL once the server has it */
	struct plugins *plugins;
	struct schema *schemas[COLLECTIONS_MAX];
	int schema_count;
	int lock_fd;
	struct event_base *base;
	struct event *events[4];
	struct engine *engine;
	struct listener *listener;
	struct watcher *watcher;
	struct compactor *compactor;
	bool check;
	char *log_path; /* NULL: standard error */
};

static const char usage[] =
	"tollerd [-c FILE] [--set key=value ...] [--check] [--help]\n"
	"\n"
	"  -c FILE           read FILE instead of conf/tollerd.conf\n"
	"  --set key=value   set a key, whatever the file says\n"
	"  --check           read all that is configured, say what is wrong, and end\n"
	"  --help            this, and the keys\n"
	"\n"
	"keys:\n";

static void print_help(void)
{
	const struct config_key *key;

	fputs(usage, stdout);
	for (key = config_keys; key->name; key++)
		printf("  %-20s %s (default: %s)\n", key->name, key->help,
			*key->initial ? key->initial : "empty");
}

/* The file first, wherever -c stands, then what --set says. 1: --help. */
static int read_arguments(struct daemon *d, int argc, char **argv, struct error *err)
{
	const char *path = access(CONF_PATH, R_OK) == 0 ? CONF_PATH : NULL;
	int i, rc = 0;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return 1;
		if (!strcmp(argv[i], "--check"))
			d->check = true;
		else if ((!strcmp(argv[i], "-c") || !strcmp(argv[i], "--set")) && i + 1 == argc)
			return error_set(err, ERR_SYNTAX, "%s: expected %s after it", argv[i],
				argv[i][1] == 'c' ? "a file" : "key=value");
		else if (!strcmp(argv[i], "-c"))
			path = argv[++i];
		else if (!strcmp(argv[i], "--set"))
			i++;
		else
			return error_set(err, ERR_SYNTAX, "unexpected '%s'; see --help", argv[i]);
	}
	if (path)
		rc = config_load(d->config, path, err);
	for (i = 1; i < argc && rc == 0; i++) {
		if (strcmp(argv[i], "--set") && strcmp(argv[i], "-c"))
			continue;
		i++;
		if (!strcmp(argv[i - 1], "--set"))
			rc = config_assign(d->config, argv[i], err);
	}
	return rc;
}

static int is_schema(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && dot != entry->d_name && !strcmp(dot, ".conf") &&
	       strcmp(entry->d_name, "tollerd.conf");
}

static int load_schemas(struct daemon *d, struct error *err)
{
	const char *folder = d->config->collections;
	struct dirent **entries = NULL;
	char path[4096];
	int i, n, rc = 0;

	n = scandir(folder, &entries, is_schema, alphasort);
	if (n < 0)
		return error_set(err, ERR_IO, "collections %s: %s", folder, strerror(errno));
	if (n > COLLECTIONS_MAX)
		rc = error_set(err, ERR_LIMIT, "%s: %d collections, limit %d", folder, n,
			COLLECTIONS_MAX);
	if (n == 0)
		rc = error_set(err, ERR_NOT_FOUND, "%s: no COLLECTION.conf in it", folder);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (rc == 0)
			rc = schema_load(&d->schemas[d->schema_count], path, err);
		if (rc == 0)
			d->schema_count++;
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* One daemon a data folder: the lock is gone with the process, however it ends. */
static int lock_data(struct daemon *d, struct error *err)
{
	const char *folder = d->config->data;
	char path[4096], text[32];
	ssize_t n;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set(err, ERR_IO, "data %s: %s", folder, strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", folder);
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock_fd < 0)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (flock(d->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		n = read(d->lock_fd, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		return error_set(err, ERR_STATE,
			"another tollerd (process %s) uses the data folder %s",
			*text ? text : "unknown", folder);
	}
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(d->lock_fd, 0) < 0 || write(d->lock_fd, text, n) != n)
		return error_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

static int check_catalogue(struct daemon *d, struct error *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/catalogue", d->config->data);
	return catalogue_check(path, d->config->catalogue_map_bytes, d->schemas, d->schema_count,
		err);
}

static int open_catalogue(struct daemon *d, struct error *err)
{
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/catalogue", d->config->data);
	rc = catalogue_open(&d->server.catalogue, path, d->config->catalogue_map_bytes, false,
		d->schemas, d->schema_count, err);
	if (rc < 0)
		return rc;
	return writer_open(&d->server.writer, d->server.catalogue, d->config->writer_queue, err);
}

static void raise_file_limit(void)
{
	struct rlimit limit;
	rlim_t want = CLIENTS_MAX + FILES_BESIDE_CLIENTS;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < want)
		log_warn("main", "only %llu open files are allowed: fewer than %d clients",
			(unsigned long long)limit.rlim_cur, CLIENTS_MAX);
}

static int start_workers(struct daemon *d, struct error *err)
{
	struct server *s = &d->server;
	int64_t count = d->config->workers;
	int rc;

	if (count == 0)
		count = sysconf(_SC_NPROCESSORS_ONLN);
	if (count < 1)
		count = 1;
	if (count > WORKERS_MAX)
		count = WORKERS_MAX;
	while (s->worker_count < count) {
		rc = worker_start(&s->workers[s->worker_count], s, s->worker_count, err);
		if (rc < 0)
			return rc;
		s->worker_count++;
	}
	return 0;
}

static void on_stop(evutil_socket_t fd, short what, void *data)
{
	struct daemon *d = data;

	if (what & EV_SIGNAL)
		log_info("main", "%s", strsignal((int)fd));
	event_base_loopbreak(d->base);
}

static void on_hangup(evutil_socket_t fd, short what, void *data)
{
	struct daemon *d = data;
	struct error err = { 0 };

	if (!d->log_path)
		on_stop(fd, what, data);
	else if (log_reopen(d->log_path, &err) < 0)
		log_error("main", "%s", err.text);
	else
		log_info("main", "the log goes on here");
}

static int open_control(struct daemon *d, struct error *err)
{
	int i;

	d->base = event_base_new();
	if (!d->base)
		return error_set(err, ERR_IO, "cannot make an event base");
	d->events[0] = evsignal_new(d->base, SIGTERM, on_stop, d);
	d->events[1] = evsignal_new(d->base, SIGINT, on_stop, d);
	d->events[2] = evsignal_new(d->base, SIGHUP, on_hangup, d);
	d->events[3] = event_new(d->base, d->server.stop_fd, EV_READ, on_stop, d);
	for (i = 0; i < 4; i++)
		if (!d->events[i] || event_add(d->events[i], NULL) < 0)
			return error_set(err, ERR_IO, "cannot make events");
	return 0;
}

/* An address that only this machine reaches. */
static bool is_private(const char *address)
{
	return !strncmp(address, "unix:", 5) || !strncmp(address, "127.", 4) ||
	       !strncmp(address, "[::1]", 5);
}

static int serve(struct daemon *d, struct error *err)
{
	struct server *s = &d->server;
	struct cell_reader at = { 0 };
	const struct config *config;
	int rc;

	rc = open_control(d, err);
	if (rc < 0)
		return rc;
	raise_file_limit();
	config = cell_read(s->config, &at, NULL);
	rc = engine_open(&d->engine, s, config, d->schemas, d->schema_count, err);
	if (rc == 0)
		rc = start_workers(d, err);
	if (rc == 0)
		rc = watcher_open(&d->watcher, d->base, d->engine, config->scripts, s->clock, err);
	if (rc == 0)
		rc = compactor_open(&d->compactor, d->base, s, config->compact_after, err);
	if (rc == 0)
		rc = listener_open(&d->listener, d->base, s, config->listen, err);
	if (rc == 0 && !config->password[0] && !is_private(s->address))
		log_warn("main", "%s has no password: who can reach it can change and end it",
			s->address);
	cell_reader_clear(&at);
	if (rc < 0)
		return rc;
	log_info("main", "tollerd %s serves %d collection%s at %s with %d worker%s", TOLLER_VERSION,
		d->schema_count, d->schema_count == 1 ? "" : "s", s->address, s->worker_count,
		s->worker_count == 1 ? "" : "s");
	printf("ready %s\n", s->address);
	fflush(stdout);
	event_base_dispatch(d->base);
	log_info("main", "ending");
	return 0;
}

static void end(struct daemon *d)
{
	struct server *s = &d->server;
	int i;

	listener_close(d->listener);
	chores_stop(s->chores);
	engine_stop(d->engine);
	for (i = 0; i < s->worker_count; i++)
		worker_drain(s->workers[i]);
	for (i = 0; i < s->worker_count; i++)
		worker_join(s->workers[i]);
	for (i = 0; i < s->worker_count; i++)
		worker_free(s->workers[i]);
	compactor_close(d->compactor);
	watcher_close(d->watcher);
	engine_close(d->engine);
	writer_close(s->writer);
	catalogue_close(s->catalogue);
	for (i = 0; i < 4; i++)
		if (d->events[i])
			event_free(d->events[i]);
	if (d->base)
		event_base_free(d->base);
	for (i = 0; i < d->schema_count; i++)
		schema_free(d->schemas[i]);
	server_clear(s);
	plugins_close(d->plugins);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
	free(d->log_path);
}

static int run(struct daemon *d, int argc, char **argv, struct error *err)
{
	struct config *config = d->config;
	int rc;

	rc = read_arguments(d, argc, argv, err);
	if (rc < 0)
		return rc;
	if (rc == 1) {
		print_help();
		return 0;
	}
	rc = log_open(config->log, log_level_parse(config->log_level), err);
	if (rc < 0)
		return rc;
	if (strcmp(config->log, "-"))
		d->log_path = realpath(config->log, NULL);
	rc = plugins_open(&d->plugins, config->plugins, err);
	if (rc < 0)
		return rc;
	rc = load_schemas(d, err);
	if (rc < 0)
		return rc;
	if (d->check) {
		rc = engine_check(config, d->schemas, d->schema_count, err);
		if (rc == 0)
			rc = check_catalogue(d, err);
		if (rc == 0)
			printf("fine: %d collection%s\n", d->schema_count,
				d->schema_count == 1 ? "" : "s");
		return rc;
	}
	rc = lock_data(d, err);
	if (rc < 0)
		return rc;
	command_init();
	rc = server_init(&d->server, config, err);
	if (rc < 0)
		return rc;
	d->server.plugins = d->plugins;
	rc = open_catalogue(d, err);
	if (rc < 0)
		return rc;
	return serve(d, err);
}

int main(int argc, char **argv)
{
	struct daemon d = { .lock_fd = -1, .config = config_new() };
	struct error err = { 0 };
	int rc;

	signal(SIGPIPE, SIG_IGN);
	rc = run(&d, argc, argv, &err);
	if (rc < 0) {
		fprintf(stderr, "tollerd: %s\n", err.text);
		if (d.log_path) /* else it would be said twice */
			log_error("main", "%s", err.text);
	}
	if (!d.server.config)
		config_free(d.config);
	end(&d);
	return rc < 0;
}
