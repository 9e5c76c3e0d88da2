#!/usr/bin/env bash
# Runs one named step and says how it went and how long it took.
#   scripts/step.sh "go vet" go vet ./...
set -uo pipefail

name=$1
shift
echo "==> $name"
SECONDS=0
"$@"
status=$?
if [[ $status == 0 ]]; then
  echo "==> $name: ok, $SECONDS s"
else
  echo "==> $name: FAILED with exit code $status after $SECONDS s" >&2
fi
exit "$status"
