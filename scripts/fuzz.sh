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

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
found=$(go env GOCACHE)/fuzz # where go test keeps what fuzzing finds worth trying again

# fuzz TARGET FOLDER PROGRAM ends well when nothing was found. Go's fuzzer sometimes reports its own deadline as a failure of
# the target (go.dev/issue/75804, mended in Go 1.27); a real failure names an input or a line of the test.
fuzz() {
  local log=$programs/log words
  # A new input is kept as it was found: making it smaller would take longer than finding it.
  if (cd "$2" && "$3" -test.run '^$' -test.fuzz "^$1\$" -test.fuzztime "$time" -test.fuzzminimizetime 1x -test.timeout 5m \
    -test.fuzzcachedir "$found/callhue/${2#./}") 2>&1 | tee "$log"; then
    return 0
  fi
  words=$(sed -n '/^--- FAIL/,$p' "$log" | grep -Ev '^(--- FAIL|FAIL|exit status)' | tr -d ' ')
  if [[ $words != contextdeadlineexceeded ]]; then return 1; fi
  echo "$1: stopped at its deadline; nothing was found"
}

# Only packages with a target are built, each once: `go test -list` would build them all, and `go test -fuzz` links for each target.
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*_test.go' 2>/dev/null || find . -name '*_test.go' -not -path '*/node_modules/*')
for file in "${files[@]}"; do
  folder=./$(dirname "${file#./}")
  program=$programs/${folder//\//_}.test
  while read -r target; do
    [[ -x $program ]] || go test -c -fuzz "$target" -o "$program" "$folder"
    echo "$folder $target, $time"
    fuzz "$target" "$folder" "$program"
  done < <(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file")
done
