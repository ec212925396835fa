# server.t -- the commands about the daemon and the connection, and what is wrong with them.
$ start seed=5
> PING
< +PONG
> ping hello
< "hello"
> PING a b
< -SYNTAX wrong number of words; usage: PING [text]
> ECHO "a b"
< "a b"
> ECHO
< -SYNTAX wrong number of words; usage: ECHO text
> PIGN
< -SYNTAX unknown command 'PIGN'; did you mean 'PING'?
> BLAHBLAH
< -SYNTAX unknown command 'BLAHBLAH'; COMMAND LIST lists them
> MULTI
< -SYNTAX MULTI: there are no transactions; send the commands without (redis-py: pipeline(transaction=False))
> SELECT 0
< +OK
> SELECT 1
< -ARG there is one database, 0; collections are named in the commands
> SELECT 0 1
< -SYNTAX wrong number of words; usage: SELECT 0
# HELLO and AUTH; auth with a password is in server_test.py
> HELLO
< {"server":"toller","version":"...","proto":2,"id":<me>,"mode":"standalone","role":"master","modules":[]}
> HELLO 3 SETNAME reader
< {"server":"toller",...,"proto":3,...}
> HELLO 4
< -NOPROTO unsupported protocol version; there are 2 and 3
> HELLO 3 SETNAME
< -SYNTAX usage: HELLO [2|3 [AUTH default password] [SETNAME name]]
> HELLO 3 SETNAME "a b"
< -ARG a client's name has printable ASCII letters and no spaces
> HELLO 3 AUTH default
< -SYNTAX usage: HELLO [2|3 [AUTH default password] [SETNAME name]]
> HELLO 3 AUTH default secret
< -ERR AUTH, but this daemon has no password; its key is `password`
> AUTH secret
< -ERR AUTH, but this daemon has no password; its key is `password`
> AUTH a b c
< -SYNTAX usage: AUTH [default] password
# CLIENT
> CLIENT
< -SYNTAX wrong number of words; usage: CLIENT SETNAME|GETNAME|ID|SETINFO|INFO|LIST
> CLIENT LITS
< -SYNTAX CLIENT: unknown subcommand 'LITS'; did you mean 'LIST'?
> CLIENT KILL 7
< -SYNTAX CLIENT: unknown subcommand 'KILL'; there are SETNAME, GETNAME, ID, SETINFO, INFO, LIST
> CLIENT ID
< :<me>
> CLIENT GETNAME
< "reader"
> CLIENT SETNAME ""
< +OK
> CLIENT GETNAME
< null
> CLIENT SETNAME writer
< +OK
> CLIENT SETNAME {n*128}
< +OK
> CLIENT SETNAME {n*129}
< -LIMIT a client's name of 129 bytes, limit 128
> CLIENT SETINFO LIB-NAME mylib
< +OK
> CLIENT SETINFO LIB-VER 1.2
< +OK
> CLIENT SETINFO LIB-VER "1 2"
< -ARG a library's version has printable ASCII letters and no spaces
> CLIENT SETINFO LIB-FOO x
< -ARG CLIENT SETINFO knows LIB-NAME and LIB-VER
> CLIENT INFO
< {"id":<me>,"addr":"...","name":"nnn...","age_s":...,"worker":...,"commands":...,"lib_name":"mylib","lib_version":"1.2"}
> CLIENT LIST
< [{"id":<me>,...}]
# COMMAND
> COMMAND COUNT
< :<commands>
> COMMAND
< [["search",-3,["readonly"],0,0,0],...,["ping",-1,["fast"],0,0,0],...]
> COMMAND LIST
< ["search",...,"ping",...]
> COMMAND INFO get nope
< [["get",3,["readonly","fast"],0,0,0],null]
> COMMAND INFO
< [["search",-3,["readonly"],0,0,0],...]
> COMMAND DOCS nope get
< {"GET":{"summary":"...","since":"...","group":"toller","usage":"coll id"}}
> COMMAND DOCS config
< {"CONFIG":{...,"subcommands":{"CONFIG|GET":{...},"CONFIG|SET":{...},"CONFIG|HELP":{...}}}}
> COMMAND WHAT
< -SYNTAX COMMAND: unknown subcommand 'WHAT'; there are COUNT, LIST, INFO, DOCS
# CONFIG
> CONFIG GET seed WORK*
< {"workers":"2","seed":"5"}
> CONFIG GET nothing
< {}
> CONFIG GET
< -SYNTAX wrong number of words; usage: CONFIG GET pattern [pattern ...]
> CONFIG HELP
< {"listen":"host:port (port 0: any free one) or unix:PATH (default 127.0.0.1:7700)",...,"log_level":"debug, info, warn or error (default info, live)",...}
> CONFIG SET log_level warn
< +OK
> CONFIG GET log_level
< {"log_level":"warn"}
> CONFIG SET log_level loud
< -ARG log_level: expected debug, info, warn or error, found 'loud'
> CONFIG SET log_levle warn
< -NOTFOUND no key 'log_levle'; did you mean 'log_level'?
> CONFIG SET zzzzzzzz warn
< -NOTFOUND no key 'zzzzzzzz'; CONFIG GET * lists them
> CONFIG SET seed 6
< -STATE seed cannot change while serving; set it and restart
> CONFIG SET log_level info password
< -SYNTAX usage: CONFIG SET key value [key value ...]
# all pairs or none
> CONFIG SET log_level info seed 6
< -STATE seed cannot change while serving; set it and restart
> CONFIG GET log_level
< {"log_level":"warn"}
> CONFIG SET password {p*1025}
< -LIMIT password: a value of 1025 bytes, limit 1024
> CONFIG SET password "a\x00b"
< -ARG password: a zero byte in its value
# INFO
> INFO
< {"server":{"version":"...","pid":...,"address":"...","workers":2,"uptime_s":...},"clients":{"connected":1,"limit":10000,"accepted":1,"refused":0},"traffic":{"commands":...,"errors":...,"bytes_in":...,"bytes_out":...},"catalogue":{"map_bytes":17179869184,"file_bytes":...,"used_bytes":...,"compactions":0,"tables":{"meta":4096,"ids":0,"docs":0,"terms":0,"postings":0,"positions":0,"columns":0,"quality":0,"free":0},"collections":{"music":0}},"writer":{"commits":0,"changes":0,"failed":0,"queued":0,"last_commit_us":0},"plugins":{},"commands":{"PING":3,...},"searching":{"music":{"generation":1,"policy":"priced","drift":null,"searches":0,"failed":0,"unlogged":0,"mean_us":0}},"learning":{"map_bytes":4294967296,"used_bytes":...,"decisions":0,"events":0,"repeated":0,"refused":0,"refused_last":null,"windows_closed":0,"decisions_forgotten":0,"pairs_forgotten":0,"likes_forgotten":0,"commits":...,"failures":0,"waiting":0...},"redis":{"wanted":false,"connected":false,"messages":0,"connects":0,"failures":0,"error":null}}
> INFO server
< {"version":...}
> INFO servr
< -NOTFOUND no section 'servr'; did you mean 'server'?
> INFO zzzzzzz
< -NOTFOUND no section 'zzzzzzz'; there are server, clients,...
> INFO redis server
< -SYNTAX usage: INFO [section]
# words and lines
> ECHO "\x41\n\t\"\\"
< "A\n\t\"\\"
> ECHO 'it\'s'
< "it's"
> ECHO "open
< -SYNTAX unbalanced quotes: a " is not closed
> ECHO "a"b
< -SYNTAX a closing " must be followed by a space, found 'b'
> ECHO [1
< -SYNTAX a word that begins with [ goes on to its matching bracket, and there is none; quote it if it is not JSON
> ECHO {"a": [1, "}"]}
< "{\"a\": [1, \"}\"]}"
> ECHO {x*70000}
< -LIMIT a line of 70005 bytes, limit 65536; send large words as a RESP array
> PING {x*66000}
< -LIMIT a line of 66005 bytes, limit 65536; send large words as a RESP array
# the end
> QUIT
< +OK
$ closed
$ connect
> POST / HTTP/1.1
< -SYNTAX unknown command 'POST'...
$ closed
$ connect
> SHUTDOWN
< +OK
$ closed
$ ended
