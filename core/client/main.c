/* main.c -- the `toller` program and its options. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"

static const char help[] =
	"usage: toller [-s ADDRESS] [--json] [COMMAND ...]\n"
	"       toller [-s ADDRESS] load COLLECTION FILE... [options]\n"
	"       toller [-s ADDRESS] dump COLLECTION [FILE]\n"
	"       toller [-s ADDRESS] evaluate COLLECTION --queries FILE --qrels FILE\n"
	"              [options]\n"
	"       toller [-s ADDRESS] simulate COLLECTION[:POLICY] ... --queries FILE\n"
	"              --qrels FILE [options]\n"
	"\n"
	"Sends COMMAND to the daemon and prints its reply; without one, a prompt.\n"
	"`toller help` lists the daemon's commands.\n"
	"  -s ADDRESS   host:port or unix:PATH (default $TOLLER or 127.0.0.1:7700)\n"
	"  --json       print replies as they came\n"
	"  --help       this text\n"
	"$TOLLER_PASSWORD is said to the daemon if it is set.\n"
	"\n"
	"load: one document a line, JSON or TSV with a header (*.tsv), also .gz; - is\n"
	"standard input\n"
	"  --id NAME      the member that holds the id (default id)\n"
	"  --prefix TEXT  put before every id\n"
	"  --set K=V      add a member to every document; may be repeated\n"
	"  --window N     documents in flight (default 131072)\n"
	"  --tsv          the files are TSV whatever their names\n"
	"  --doc NAME     the member that is the document, the id beside it: of a dump\n"
	"  --strict       stop at the first bad line\n"
	"\n"
	"dump: all entities as lines {\"id\":...,\"doc\":{...}}, into FILE (also .gz) or\n"
	"standard output; load --doc doc puts them back\n"
	"\n"
	"evaluate: nDCG@10, MAP, recall@100 and MRR@10 of judged queries; all files may\n"
	"be .gz\n"
	"  --queries FILE   id<TAB>text, or JSON lines with \"id\" and \"text\"\n"
	"  --qrels FILE     query, entity, grade; or TREC's query, 0, entity, grade\n"
	"  --strategy A,B   ask only these strategies\n"
	"  --policy NAME    the policy that chooses depths\n"
	"  --depth N        hits a query (default 100)\n"
	"  --seed N         of all chances (default 1)\n"
	"  --prefix TEXT    goes before every judged entity\n"
	"  --gain NAME      of nDCG: linear (default) or exponential\n"
	"  --run FILE       write a TREC run\n"
	"  --by-query       a row for each query, too\n"
	"  --json           one JSON object instead of a table\n"
	"\n"
	"simulate: made-up people search, click and teach; each COLLECTION[:POLICY] meets\n"
	"the same people (client/simulate.h)\n"
	"  --queries, --qrels, --prefix   as above\n"
	"  --types FILE     query<TAB>type[<TAB>weight[<TAB>context]]\n"
	"  --searches N     people (default 5000)\n"
	"  --clicks NAME    cascade (default), dependent or position\n"
	"  --noise X        chance of a click on what is not liked (default 0)\n"
	"  --delay N        people that search before a click is told, mean (default 0)\n"
	"  --flip N         from this search on contexts have \"flip\":true\n"
	"  --arrive NAME@N  a strategy that may be asked only from search N on\n"
	"  --tries N        random allotments for the oracle and the static one (200)\n"
	"  --event NAME     what a click is told as (default click)\n"
	"  --redis ADDRESS  publish clicks there\n"
	"  --first N        number of the first person (default 0)\n"
	"  --batch N        people between two lessons (default 50)\n"
	"  --pace MS        from search to search, where the daemon's clock stands still\n"
	"  --seed N         of all chances (default 1)\n"
	"  --csv FILE, --svg FILE, --title TEXT   reward and regret over time\n"
	"  --json           one JSON object instead of a table\n";

int main(int argc, char **argv)
{
	struct client client = { .address = getenv("TOLLER") };
	struct error err = { 0 };
	int at, status;

	signal(SIGPIPE, SIG_IGN);
	if (!client.address || !*client.address)
		client.address = "127.0.0.1:7700";
	for (at = 1; at < argc && argv[at][0] == '-'; at++) {
		if (!strcmp(argv[at], "-s") && at + 1 < argc) {
			client.address = argv[++at];
		} else if (!strcmp(argv[at], "--json")) {
			client.raw = true;
		} else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			fputs(help, stdout);
			return 0;
		} else {
			fprintf(stderr, "toller: option '%s' %s; see toller --help\n", argv[at],
				strcmp(argv[at], "-s") ? "is unknown" : "needs an address");
			return 2;
		}
	}
	if (at + 2 == argc && !strcmp(argv[at + 1], "--help")) {
		fputs(help, stdout);
		return 0;
	}
	if (client_connect(&client, &err) < 0) {
		fprintf(stderr, "toller: %s\n", err.text);
		status = 2;
	} else if (at == argc) {
		status = prompt_run(&client);
	} else {
		status = client_run(&client, argc - at, argv + at);
	}
	if (client.redis)
		redisFree(client.redis);
	if (client.docs)
		freeReplyObject(client.docs);
	free(client.query);
	return status;
}
