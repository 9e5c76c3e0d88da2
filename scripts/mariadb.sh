#!/usr/bin/env bash
# Runs a command beside a private MariaDB and takes the server away afterwards (scripts/server.sh).
#   scripts/mariadb.sh go test ./store
# The command finds the server in CALLHUE_TEST_MYSQL, a DSN of go-sql-driver without a database name, as a user who
# may create databases. When that variable is set already, the server it names is used and none is started.
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

# shellcheck disable=SC2034 # server.sh reads both
label=MariaDB ending=KILL
# shellcheck source=scripts/server.sh
source "$(dirname "$0")/server.sh"
begin callhue-mariadb

# As root the server has to be given a user to become. That user may not write into our folder for temporary files.
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

# shellcheck disable=SC2317 # await calls it
ready() { [[ -S $dir/sock ]]; }

serve env TMPDIR="$dir" "$mariadbd" --no-defaults --datadir="$dir/data" "${as[@]}" --socket="$dir/sock" --pid-file="$dir/pid" \
  --skip-networking --character-set-server=utf8mb4 --innodb-buffer-pool-size=256M "${flush[@]}" --max-connections=500
await ready
export CALLHUE_TEST_MYSQL="root@unix($dir/sock)/"
beside "$@"
