#!/usr/bin/env bash
# Runs a command and adds a line "NAME CPU-SECONDS WALL-SECONDS" to the file that CALLHUE_SPENT names; without that, it only
# runs it. As the -exec of go test it is given no name: the folder's is taken, and RAPID_SEED, if set, goes to the tests that
# draw with rapid, which alone know its flag.
#   scripts/spent.sh "go fuzz" scripts/fuzz.sh
#   go test -exec "$PWD/scripts/spent.sh --package" ./...
set -uo pipefail

name=$1
shift
if [[ $name == --package ]]; then
  root=$(cd "$(dirname "$0")/.." && pwd)
  name=${PWD#"$root"}
  name=${name#/}
  name=go:${name:-.}
  if [[ -n ${RAPID_SEED:-} ]] && grep -qa 'rapid[.]seed' "$1"; then set -- "$@" "-rapid.seed=$RAPID_SEED"; fi
fi
if [[ -z ${CALLHUE_SPENT:-} ]]; then exec "$@"; fi

seconds=$(mktemp)
TIMEFORMAT='%U %S %R'
{ time "$@" 2>&3; } 3>&2 2>"$seconds"
status=$?
awk -v name="${name// /-}" 'END { printf "%s %.1f %.1f\n", name, $1 + $2, $3 }' "$seconds" >>"$CALLHUE_SPENT"
rm -f "$seconds"
exit "$status"
