# Toller: a scriptable search daemon that learns to retrieve.
#
#   make            build/tollerd, the daemon, and build/toller, the client
#   make run        set up, build, load the bundled catalogue if new, serve
#                   (CATALOGUE=dir loads another; LISTEN=host:port, DATA=dir)
#   make test       set up, build, run every test; closes with N passed, N failed
#   make check      the same under AddressSanitizer and UBSan, and layers.sh; make tsan: TSan
#   make fuzz       each fuzz target for SECONDS (20) with clang
#   make bench      a line per figure, beside a peer or floor of the same run
#   make format     clang-format over our C; make clean
#   make install    into PREFIX (/usr/local), below DESTDIR if set: bin/, lib/toller/plugins,
#                   include/toller, and share/toller with conf/ and scripts/ (conf/README.md)
# BUILD= keeps flavours apart, CC=clang is as good as gcc, TESTS=word runs the
# unit tests whose name or file has the word.

BUILD ?= build
CC ?= gcc
OPT ?= -O2 -g
PREFIX ?= /usr/local
TO = $(DESTDIR)$(PREFIX)
QUIET = --no-print-directory -s
SECONDS ?= 20
LISTEN ?= 127.0.0.1:7700
DATA ?= $(BUILD)/data
CATALOGUE ?= conf/music

LIBS = luajit libevent_core libevent_pthreads lmdb hiredis jansson libutf8proc libedit zlib
PACKAGES = gcc make pkg-config libluajit-5.1-dev libevent-dev liblmdb-dev libhiredis-dev \
	libjansson-dev libutf8proc-dev libstemmer-dev libedit-dev zlib1g-dev
TEST_PACKAGES = redis-server redis-tools python3 python3-redis netcat-openbsd

CFLAGS += -std=gnu11 -Wall -Wextra -Wno-unused-parameter $(OPT) $(FLAVOUR) -pthread -Icore \
	-fno-omit-frame-pointer -D_GNU_SOURCE $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS = $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lstemmer -lm -ldl -pthread

CORE = $(patsubst %.c,$(BUILD)/%.o,$(filter-out core/main.c core/client/%,$(wildcard core/*/*.c)))
CLIENT = $(patsubst %.c,$(BUILD)/%.o,$(wildcard core/client/*.c core/base/*.c))
PLUGINS = $(patsubst %.c,$(BUILD)/%.so,$(wildcard plugins/*.c))
UNIT = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/*.c tests/unit/*/*.c))

all: $(BUILD)/tollerd $(BUILD)/toller $(PLUGINS)

$(BUILD)/tollerd: $(BUILD)/core/main.o $(CORE)
$(BUILD)/unit: $(UNIT) $(CORE)
$(BUILD)/toller: $(CLIENT)
$(BUILD)/tollerd $(BUILD)/unit $(BUILD)/toller:
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -rdynamic $(LDLIBS)

$(BUILD)/plugins/%.so: plugins/%.c core/plugin/plugin.h
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -Wall -Wextra -Wno-unused-parameter $(OPT) $(FLAVOUR) -fPIC -shared -Icore/plugin -o $@ $< -lm

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests -MMD -MP -c -o $@ $<

setup: ; @sh tests/setup.sh $(PACKAGES)
setup-test: ; @sh tests/setup.sh $(PACKAGES) $(TEST_PACKAGES)

run: setup
	@test -x $(BUILD)/tollerd || echo building, which takes a minute the first time
	@$(MAKE) $(QUIET) all
	@sh conf/run.sh $(BUILD) $(LISTEN) $(DATA) $(CATALOGUE)

test: setup-test
	@$(MAKE) $(QUIET) all $(BUILD)/unit
	@BUILD=$(BUILD) sh tests/run.sh $(TESTS)

check: setup-test
	@sh tests/layers.sh
	@$(MAKE) $(QUIET) test BUILD=build/asan OPT="-O1 -g" \
		FLAVOUR="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
tsan: setup-test
	@$(MAKE) $(QUIET) test BUILD=build/tsan OPT="-O1 -g" FLAVOUR="-fsanitize=thread"

syntax: setup-test # of what only bench and fuzz build
	@$(CC) $(CFLAGS) -Werror -Itests -Itests/bench -fsyntax-only tests/bench/*.c tests/fuzz/*.c

fuzz: setup-test
	@sh tests/setup.sh clang libclang-rt-dev && sh tests/fuzz/run.sh $(SECONDS)

bench: setup-test
	@$(MAKE) $(QUIET) core-objects
	@BUILD=$(BUILD) sh tests/bench/run.sh

format:
	clang-format -i $(shell git ls-files '*.c' '*.h')

install: all
	install -D -t $(TO)/bin $(BUILD)/tollerd $(BUILD)/toller
	install -D -t $(TO)/lib/toller/plugins $(PLUGINS)
	install -D -m 644 -t $(TO)/include/toller core/plugin/plugin.h
	install -d $(TO)/share/toller && cp -R conf scripts $(TO)/share/toller
	sed -i 's,/usr/local/bin,$(PREFIX)/bin,' $(TO)/share/toller/conf/tollerd.service

clean: ; rm -rf build
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
core-objects: $(CORE)
.PHONY: all setup setup-test run test check tsan syntax core-objects fuzz bench format install clean
