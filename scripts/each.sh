#!/usr/bin/env bash
# Runs a command for each line of its input, several at once. What one prints is shown whole, when it has ended; one that
# fails makes the whole fail, after the others have ended.
#   printf '%s\n' e2e/*.test.mjs | scripts/each.sh 2 node --test
set -uo pipefail

if [[ ${1:-} == --one ]]; then
  shift
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null
  status=$?
  if [[ $status != 0 ]]; then echo "FAILED with exit code $status: ${*: -1}" >>"$log"; fi
  cat "$log"
  rm -f "$log"
  exit $((status != 0))
fi
at_once=$1
shift
xargs -P "$at_once" -I{} "$0" --one "$@" {}
