#!/usr/bin/env bash
# Fuzzes every Fuzz target of the module for a short while each: FUZZ_TIME, 5s unless told, 0 for none.
#   FUZZ_TIME=20s scripts/fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."

time=${FUZZ_TIME:-5s}
if [[ $time == 0 || $time == 0s ]]; then
  echo "fuzzing skipped: FUZZ_TIME is 0"
  exit 0
fi

# Only packages with a target are built: `go test -list` would build them all.
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*_test.go' 2>/dev/null || find . -name '*_test.go' -not -path '*/node_modules/*')
for file in "${files[@]}"; do
  while read -r target; do
    folder=./$(dirname "${file#./}")
    echo "$folder $target, $time"
    # A new input is kept as it was found: making it smaller would take longer than finding it.
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1x -timeout 5m "$folder"
  done < <(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file")
done
