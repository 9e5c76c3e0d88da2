#!/usr/bin/env bash
# Every test there is: Go on SQLite and on MariaDB under the race detector, a short fuzzing, the UI's own tests, and a
# real browser against the real binary, and real SIP calls. Installs what is missing first.
#   FUZZ_TIME=20s make test    # longer fuzzing; 0 for none
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh "make test" go node cc mariadb chromium sip
scripts/npm.sh ui
scripts/npm.sh e2e

scripts/step.sh "go vet" go vet ./...
# What tests write nobody keeps, and a process that is killed does not ask what its files lie on; what Go builds may be large.
export GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}}
TMPDIR=$(mktemp -d "$(scripts/scratch.sh)/callhue-test.XXXXXX")
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# SQLite is C that was turned into Go: the detector makes it four times as slow and knows nothing of its memory, which is not
# Go's. Its driver is watched like all that is ours.
scripts/step.sh "go test on SQLite and MariaDB" scripts/mariadb.sh go test -race -gcflags='modernc.org/...=-race=false' \
  -gcflags='modernc.org/sqlite=-race' -timeout 30m ./...
# The race detector allocates for itself, so what an answer allocates is counted without it.
scripts/step.sh "allocations" go test ./test/bench
# Without it as well: the rule against its second reading, and a mirrored CRM against a plain one, over more invented worlds
# and histories than the race detector has time for.
scripts/step.sh "the rule read twice" go test -v -run 'TheRuleIsReadTwice$' ./calls -rapid.checks=200000
scripts/step.sh "the rule read twice from databases" scripts/mariadb.sh go test -v -run TheRuleIsReadTwiceFromTheDatabase ./calls -rapid.checks=150
scripts/step.sh "a mirror and a plain reading" scripts/mariadb.sh go test -run WhateverHappensItEndsAsThreeWaysSay ./crmsync
scripts/step.sh "go fuzz" scripts/fuzz.sh
scripts/step.sh "ui" npm --prefix ui run --silent check
scripts/step.sh "build" make --no-print-directory build
scripts/step.sh "e2e" npm --prefix e2e run --silent test
