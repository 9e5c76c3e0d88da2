#!/usr/bin/env bash
# As the -toolexec of a build for fuzzing: compiles SQLite without the counters of coverage. No target reaches it, and with
# them it takes longer to compile than all the rest.
#   go test -c -fuzz FuzzParse -toolexec scripts/unwatched.sh ./phone
set -euo pipefail

if [[ " $* " == *" -p modernc.org/"* ]]; then
  words=()
  for word; do
    if [[ $word != -d=libfuzzer ]]; then words+=("$word"); fi
  done
  set -- "${words[@]}"
fi
exec "$@"
