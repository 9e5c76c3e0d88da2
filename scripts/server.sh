#!/usr/bin/env bash
# What scripts/mariadb.sh and scripts/postgres.sh have in common, for them to source: a private server beside one command.
# The server has its own data folder $dir and unix socket and no TCP port: it never meets the system's one. It is ended, and
# its folder removed, by the id of its own process, also after a failure or ctrl-C.
# Their caller sets label (for messages) and ending (the signal that ends the server; the data is thrown away, so it need
# not tidy up).
set -euo pipefail

server="" command="" dir=""

# begin PREFIX makes $dir.
begin() {
  dir=$(mktemp -d "$("$(dirname "$0")"/scratch.sh)/$1.XXXXXX")
  trap stop EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# stop ends the command and the server.
# shellcheck disable=SC2317 # it is the trap that calls it
stop() {
  local status=$?
  trap '' INT TERM HUP
  if [[ -n $command ]]; then end TERM "-$command" "$command"; fi
  if [[ -n $server ]]; then end "${ending:?}" "$server" "$server"; fi
  rm -rf "$dir"
  exit "$status"
}

# end SIGNAL TARGET PID signals and waits; a process that is gone already is fine.
# shellcheck disable=SC2317
end() {
  kill "-$1" -- "$2" 2>/dev/null || true
  wait "$3" 2>/dev/null || true
}

# fail LINE prints the end of the server's own log, then the line.
fail() {
  tail -n 15 "$dir/log" >&2 2>/dev/null || true
  echo "$0: $1" >&2
  exit 1
}

# serve COMMAND... starts the server. Everything that is started from now on has a process group of its own: ctrl-C then
# reaches this script first, which ends both in order.
serve() {
  set -m
  "$@" >>"$dir/log" 2>&1 </dev/null &
  server=$!
}

# await TEST waits for the server to let clients in: the function TEST succeeds then.
await() {
  local tenths
  for ((tenths = 0; ; tenths++)); do
    if "$1"; then return; fi
    if ! kill -0 "$server" 2>/dev/null; then fail "${label:?} ended while starting"; fi
    if ((tenths == 600)); then fail "$label was not ready within 60 s"; fi
    sleep 0.1
  done
}

# beside COMMAND... runs the command and exits with its status.
beside() {
  local status
  "$@" </dev/null &
  command=$!
  wait "$command" && status=0 || status=$?
  command=""
  exit "$status"
}
