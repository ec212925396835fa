/* limits.h -- every limit of the daemon, each with its reason. */
#ifndef LIMITS_H
#define LIMITS_H

/* Protocol: enough for any query line; documents go as bulk strings. */
#define LINE_BYTES_MAX      (64 << 10)
#define BULK_BYTES_MAX      (16 << 20)
#define ARGS_MAX            1024
#define PENDING_BYTES_MAX   (64 << 20) /* replies a slow reader may leave unread */
#define PENDING_REPLIES_MAX 262144     /* commands in flight on one connection: a load's */
#define CLIENTS_MAX         10000

/* Documents and schema. */
#define JSON_DEPTH_MAX      32
#define DOC_BYTES_MAX       (1 << 20)
#define EXPORT_BYTES        (1 << 20) /* of a page of EXPORT; the next one goes on */
#define ID_BYTES_MAX        255       /* fits LMDB's key with its prefix */
#define COLLECTIONS_MAX     64
#define COLLECTION_NAME_MAX 32
#define FIELDS_MAX          32
#define FIELD_NAME_MAX      32
#define TEXT_FIELDS_MAX     8   /* a posting's field mask is one byte */
#define TERM_BYTES_MAX      200 /* longer tokens are cut; key is at most 511 */
#define FIELD_TOKENS_MAX    65535
#define TAGS_MAX            256 /* values of one tags field of one document */

/* Queries. */
#define QUERY_BYTES_MAX     4096
#define QUERY_TERMS_MAX     32 /* words of a query; the rest is left out */
#define INTERPRETATIONS_MAX 8
#define SLOTS_MAX           8
#define HITS_MAX            1000 /* LIMIT */
#define OFFSET_MAX          10000
#define PLAN_NODES_MAX      256
#define EXPANSIONS_MAX      64 /* words one prefix or fuzzy term becomes */
#define SORT_KEYS_MAX       4
#define HIGHLIGHT_BYTES_MAX (64 << 10) /* of a value that are looked through */
#define MARK_BYTES_MAX      64         /* of what stands before or behind a marked word */
#define FACETS_MAX          16
#define FACET_LIMIT_MAX     1000      /* values shown of one facet */
#define FACET_VALUES_MAX    65536     /* different values in one facet's table */
#define KEPT_BYTES_MAX      (8 << 20) /* a worker's sets of filters: 40 of 1.5 million docs */

/* Choosing and learning. */
#define ARMS_MAX             64   /* strategies of one collection */
#define RANKINGS_MAX         16   /* rankings of one collection, to be compared two by two */
#define RANKING_FEATURES_MAX 128  /* what all of them weigh: logged of every hit */
#define LEVELS_MAX           8    /* depth levels, the zero among them */
#define DEPTH_MAX            1000 /* candidates one strategy may be asked for */
#define PROBE_MAX            50   /* it looks before it chooses; more is retrieving */
#define FEATURES_MAX         64   /* context features; phi adds the arm's own */
#define ACTION_FEATURES      16
#define PHI_MAX              (FEATURES_MAX + ACTION_FEATURES)
#define EVENT_ID_MAX         64
#define EVENTS_NAMES_MAX     32
#define HISTORY_SLOTS        (1 << 17) /* keys of a collection that strategies are compared under */
#define PROFILE_USER_MAX     200 /* bytes of a user's name; of longer ones nothing is learnt */
#define PROFILE_VALUES_MAX   64  /* tags and kinds that a user may be known to like */
#define MEMORY_KEY_MAX       200
#define MEMORY_ENTITIES_MAX  256  /* entities kept under one memory key */
#define MEMORY_FADED         0.01 /* reward and impressions below which a pair is forgotten */

/* Scripts. */
#define SCRIPT_BYTES_MAX  (256 << 10)
#define SCRIPTS_FILES_MAX 512
#define GENERATIONS_KEPT  8

/* Plugins: a folder of them is an operator's choice, not a catalogue. */
#define PLUGINS_MAX 64

#endif
