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

# fuzz TARGET FOLDER ends well when nothing was found. Go's fuzzer sometimes reports its own deadline as a failure of
# the target (go.dev/issue/75804, mended in Go 1.27); a real failure names an input or a line of the test.
fuzz() {
  local log
  log=$(mktemp)
  # A new input is kept as it was found: making it smaller would take longer than finding it.
  if go test -run '^$' -fuzz "^$1\$" -fuzztime "$time" -fuzzminimizetime 1x -timeout 5m "$2" 2>&1 | tee "$log"; then
    rm -f "$log"
    return 0
  fi
  local words
  words=$(sed -n '/^--- FAIL/,$p' "$log" | grep -Ev '^(--- FAIL|FAIL|exit status)' | tr -d ' ')
  rm -f "$log"
  if [[ $words != contextdeadlineexceeded ]]; then return 1; fi
  echo "$1: stopped at its deadline; nothing was found"
}

# Only packages with a target are built: `go test -list` would build them all.
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*_test.go' 2>/dev/null || find . -name '*_test.go' -not -path '*/node_modules/*')
for file in "${files[@]}"; do
  while read -r target; do
    folder=./$(dirname "${file#./}")
    echo "$folder $target, $time"
    fuzz "$target" "$folder"
  done < <(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file")
done
