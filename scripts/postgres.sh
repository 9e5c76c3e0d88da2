#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL and takes the server away afterwards, also after a failure or ctrl-C.
#   scripts/postgres.sh go test ./lookup/external
# The command finds the server in CALLHUE_TEST_POSTGRES, the folder of its unix socket; the user postgres may do everything
# there and needs no password. When that variable is set already, the server it names is used and none is started.
# The server has its own data folder and unix socket and no TCP port: it never meets the system's PostgreSQL.
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

# The path of a socket may have a hundred bytes: no deep folder.
dir=$(mktemp -d "$("$(dirname "$0")"/scratch.sh)/callhue-pg.XXXXXX")

server="" command=""

# stop ends the command and the server by their own ids. The data is thrown away, so the server need not tidy up.
# shellcheck disable=SC2317 # it is the trap that calls it
stop() {
  local status=$?
  trap '' INT TERM HUP
  if [[ -n $command ]]; then end TERM "-$command" "$command"; fi
  if [[ -n $server ]]; then end QUIT "$server" "$server"; fi
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
  echo "scripts/postgres.sh: $1" >&2
  exit 1
}

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

# A process group of its own for each: ctrl-C then reaches this script first, which ends both in order.
set -m
"${as[@]}" "$postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=200 \
  >>"$dir/log" 2>&1 </dev/null &
server=$!

for ((tenths = 0; ; tenths++)); do
  # The last line of the pid file tells when clients are let in.
  if [[ -S $dir/.s.PGSQL.5432 ]] && grep -q '^ready' "$dir/data/postmaster.pid" 2>/dev/null; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then fail "PostgreSQL ended while starting"; fi
  if ((tenths == 600)); then fail "PostgreSQL was not ready within 60 s"; fi
  sleep 0.1
done

export CALLHUE_TEST_POSTGRES=$dir
"$@" </dev/null &
command=$!
wait "$command" && status=0 || status=$?
command=""
exit "$status"
