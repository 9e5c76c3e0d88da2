#!/usr/bin/env bash
# Every test there is: Go on SQLite and on MariaDB under the race detector, a short fuzzing, the UI's own tests, and a
# real browser against the real binary, and real SIP calls. Installs what is missing first. At the end stands what each part
# has spent beside its budget.
#   FUZZ_TIME=20s make test    # longer fuzzing; 0 for none
#   RAPID_SEED=0 make test     # other invented histories than the last time; make soak draws others each time
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh "make test" go node cc mariadb postgres chromium sip
scripts/npm.sh ui
scripts/npm.sh e2e

# What tests write nobody keeps, and a process that is killed does not ask what its files lie on; what Go builds may be large.
export GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}}
TMPDIR=$(mktemp -d "$(scripts/scratch.sh)/callhue-test.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
export CALLHUE_SPENT=$TMPDIR/spent MARIADB_DURABLE=0
# The same invented worlds and histories each time: what is red is the fault of the change.
export RAPID_SEED=${RAPID_SEED:-20261129}
# The same flags for every build: what one step has compiled, the next one finds.
export GOFLAGS="-trimpath -buildvcs=false${GOFLAGS:+ $GOFLAGS}"

# step NAME COMMAND... is a step with its line in the budget.
step() { scripts/step.sh "$1" scripts/spent.sh "$@"; }

# SQLite is C that was turned into Go: the detector makes it four times as slow and knows nothing of its memory, which is not
# Go's. Its driver is watched like all that is ours. go vet is left to make lint. One package more than there are
# cores at a time: some wait for a database or for a clock.
scripts/step.sh "go test on SQLite and MariaDB" scripts/postgres.sh scripts/mariadb.sh go test -vet=off -exec "$PWD/scripts/spent.sh --package" -race \
  -gcflags='modernc.org/...=-race=false' -gcflags='modernc.org/sqlite=-race' -timeout 30m -p $(($(nproc) + 1)) ./...
# The race detector allocates for itself, so what an answer allocates is counted without it.
step "allocations" go test -vet=off ./test/bench
# Without it as well: the rule against its second reading, and a mirrored CRM against a plain one, over more invented worlds
# and histories than the race detector has time for.
step "the rule read twice" go test -vet=off -v -run 'TheRuleIsReadTwice$' ./calls -rapid.checks="${RULE_WORLDS:-200000}" -rapid.seed="$RAPID_SEED"
step "the rule read twice from databases" scripts/mariadb.sh go test -vet=off -v -run TheRuleIsReadTwiceFromTheDatabase ./calls \
  -rapid.checks="${RULE_DATABASES:-150}" -rapid.seed="$RAPID_SEED"
step "a mirror and a plain reading" scripts/mariadb.sh go test -vet=off -v -run AnyHistoryEndsAsTheModelPredicts ./crmsync \
  -rapid.seed="$RAPID_SEED"
step "go fuzz" scripts/fuzz.sh
# The TypeScript compiler is left to make lint.
step "ui" npm --prefix ui run --silent test
step "build" make --no-print-directory build
scripts/step.sh "e2e" scripts/e2e.sh
scripts/step.sh "budget" scripts/budget.sh "$CALLHUE_SPENT"
