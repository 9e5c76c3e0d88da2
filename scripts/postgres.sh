#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL and takes the server away afterwards (scripts/server.sh).
#   scripts/postgres.sh go test ./lookup/external
# The command finds the server in CALLHUE_TEST_POSTGRES, the folder of its unix socket; the user postgres may do everything
# there and needs no password. When that variable is set already, the server it names is used and none is started.
set -euo pipefail

if [[ $# == 0 ]]; then
  echo "usage: scripts/postgres.sh COMMAND [ARGUMENT...]" >&2
  exit 2
fi
if [[ -n ${CALLHUE_TEST_POSTGRES:-} ]]; then exec "$@"; fi

find=$(dirname "$0")/find.sh
if ! postgres=$("$find" postgres) || ! initdb=$("$find" postgres-initdb); then
  echo "scripts/postgres.sh needs PostgreSQL: install the package postgresql and run again" >&2
  exit 1
fi

# shellcheck disable=SC2034 # server.sh reads both
label=PostgreSQL ending=QUIT
# shellcheck source=scripts/server.sh
source "$(dirname "$0")/server.sh"
begin callhue-pg # the path of a socket may have a hundred bytes: no deep folder

# As root the server refuses to run: it becomes a user of its own, the package's or nobody.
as=()
if [[ $(id -u) == 0 ]]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  chown "$user" "$dir"
  as=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups)
fi

"${as[@]}" "$initdb" -D "$dir/data" -U postgres -A trust --no-sync -E UTF8 --locale=C >"$dir/log" 2>&1 ||
  fail "the data folder could not be made"

# The last line of the pid file says when clients are let in.
# shellcheck disable=SC2317 # await calls it
ready() { [[ -S $dir/.s.PGSQL.5432 ]] && grep -q '^ready' "$dir/data/postmaster.pid" 2>/dev/null; }

serve "${as[@]}" "$postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=200
await ready
export CALLHUE_TEST_POSTGRES=$dir
beside "$@"
