#!/usr/bin/env bash
# Runs a command beside a private MariaDB and takes the server away afterwards, also after a failure or ctrl-C.
#   scripts/mariadb.sh go test ./store
# The command finds the server in CALLHUE_TEST_MYSQL, a DSN of go-sql-driver without a database name, as a user who
# may create databases. When that variable is set already, the server it names is used and none is started.
# The server has its own data folder and unix socket and no TCP port: it never meets the system's MariaDB.
set -euo pipefail

if [[ $# == 0 ]]; then
  echo "usage: scripts/mariadb.sh COMMAND [ARGUMENT...]" >&2
  exit 2
fi
if [[ -n ${CALLHUE_TEST_MYSQL:-} ]]; then exec "$@"; fi

find=$(dirname "$0")/find.sh
if ! mariadbd=$("$find" mariadb); then
  echo "scripts/mariadb.sh needs MariaDB: install the package mariadb-server and run again" >&2
  exit 1
fi

dir=$(mktemp -d "$("$(dirname "$0")"/scratch.sh)/callhue-mariadb.XXXXXX")

server="" command=""

# stop ends the command and the server by their own ids. The data is thrown away, so the server need not tidy up.
# shellcheck disable=SC2317 # it is the trap that calls it
stop() {
  local status=$?
  trap '' INT TERM HUP
  if [[ -n $command ]]; then end TERM "-$command" "$command"; fi
  if [[ -n $server ]]; then end KILL "$server" "$server"; fi
  rm -rf "$dir"
  exit "$status"
}

# end SIGNAL TARGET PID signals and waits; a process that is gone already is fine.
# shellcheck disable=SC2317
end() {
  kill "-$1" -- "$2" 2>/dev/null || true
  wait "$3" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# fail LINE shows the end of the server's own words, then ours.
fail() {
  tail -n 15 "$dir/log" >&2 2>/dev/null || true
  echo "scripts/mariadb.sh: $1" >&2
  exit 1
}

# As root the server wants to be told whom to become. Whoever that is may not write into our folder for temporary files.
as=()
if [[ $(id -u) == 0 ]]; then
  user=root
  if id mysql >/dev/null 2>&1; then user=mysql; fi
  chown "$user" "$dir"
  as=(--user="$user")
fi

if [[ $("$mariadbd" --version) == *MariaDB* ]]; then
  install=$("$find" mariadb-install) || fail "mariadb-install-db is missing: it comes with the package mariadb-server"
  TMPDIR=$dir "$install" --no-defaults --datadir="$dir/data" "${as[@]}" --auth-root-authentication-method=normal --skip-test-db \
    >"$dir/log" 2>&1 || fail "the data folder could not be made"
else
  TMPDIR=$dir "$mariadbd" --no-defaults --datadir="$dir/data" "${as[@]}" --initialize-insecure \
    >"$dir/log" 2>&1 || fail "the data folder could not be made"
fi

# MARIADB_DURABLE=0 spares the disk: right for tests, wrong for a benchmark and for a test that kills this server.
flush=(--innodb-flush-log-at-trx-commit=1)
if [[ ${MARIADB_DURABLE:-1} == 0 ]]; then flush=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0); fi

# A process group of its own for each: ctrl-C then reaches this script first, which ends both in order.
set -m
TMPDIR=$dir "$mariadbd" --no-defaults --datadir="$dir/data" "${as[@]}" --socket="$dir/sock" --pid-file="$dir/pid" --skip-networking \
  --character-set-server=utf8mb4 --innodb-buffer-pool-size=256M "${flush[@]}" --max-connections=500 \
  >>"$dir/log" 2>&1 </dev/null &
server=$!

for ((tenths = 0; ; tenths++)); do
  if [[ -S $dir/sock ]]; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then fail "MariaDB ended while starting"; fi
  if ((tenths == 600)); then fail "MariaDB was not ready within 60 s"; fi
  sleep 0.1
done

export CALLHUE_TEST_MYSQL="root@unix($dir/sock)/"
"$@" </dev/null &
command=$!
wait "$command" && status=0 || status=$?
command=""
exit "$status"
