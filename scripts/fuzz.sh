#!/usr/bin/env bash
# Fuzzes every Fuzz target of the module for a short while each, two at a time: FUZZ_TIME, 2s by default, 0 for none; make
# soak takes longer.
#   FUZZ_TIME=20s scripts/fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."

export FUZZ_TIME=${FUZZ_TIME:-2s}

# one FOLDER TARGET PROGRAM ends well when nothing was found. Go's fuzzer sometimes reports its own deadline as a failure of
# the target (go.dev/issue/75804, mended in Go 1.27); a real failure names an input or a line of the test.
one() {
  local folder=$1 target=$2 program=$3 found log words
  found=$(go env GOCACHE)/fuzz/callhue/${folder#./} # where go test keeps what fuzzing finds worth trying again
  log=$(mktemp)
  echo "$folder $target, $FUZZ_TIME"
  # A new input is kept as it was found: making it smaller would take longer than finding it. One worker: the other core has
  # the other target.
  if (cd "$folder" && "$program" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$FUZZ_TIME" -test.fuzzminimizetime 1x \
    -test.parallel 1 -test.timeout 5m -test.fuzzcachedir "$found") 2>&1 | tee "$log"; then
    rm -f "$log"
    return 0
  fi
  words=$(sed -n '/^--- FAIL/,$p' "$log" | grep -Ev '^(--- FAIL|FAIL|exit status)' | tr -d ' ')
  rm -f "$log"
  if [[ $words != contextdeadlineexceeded ]]; then return 1; fi
  echo "$target: stopped at its deadline; nothing was found"
}

# build FOLDER TARGET PROGRAM
build() {
  go test -c -vet=off -fuzz "$2" -toolexec "$PWD/scripts/unwatched.sh" -ldflags='-s -w' -o "$3" "$1"
}

# shellcheck disable=SC2086 # three words
case ${1:-} in
--one)
  one $2
  exit
  ;;
--build)
  build $2
  exit
  ;;
esac
if [[ $FUZZ_TIME == 0 || $FUZZ_TIME == 0s ]]; then
  echo "fuzzing skipped: FUZZ_TIME is 0"
  exit 0
fi

programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT

# Only packages with a target are built, each once: `go test -list` would build them all, and `go test -fuzz` links for each target.
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*_test.go' 2>/dev/null || find . -name '*_test.go' -not -path '*/node_modules/*')
for file in "${files[@]}"; do
  [[ -f $file ]] || continue
  folder=./$(dirname "${file#./}")
  program=$programs/${folder//\//_}.test
  while read -r target; do
    echo "$folder $target $program" >>"$programs/targets"
  done < <(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file")
done
echo "$(wc -l <"$programs/targets") targets"
# A linker keeps one core busy, so two work at a time: after the first, which compiles what all the programs share.
sort -u -k1,1 "$programs/targets" >"$programs/folders"
sed -n 1p "$programs/folders" | scripts/each.sh 1 scripts/fuzz.sh --build
sed 1d "$programs/folders" | scripts/each.sh 2 scripts/fuzz.sh --build
scripts/each.sh 2 scripts/fuzz.sh --one <"$programs/targets"
