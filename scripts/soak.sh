#!/usr/bin/env bash
# The long forms of tests that make test runs in short: fuzzing for 20 s each, the rule against its second reading over a
# million invented worlds, ten times as many histories of every property test. About an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh "make soak" go mariadb
export MARIADB_DURABLE=0
scripts/step.sh "the rule read twice" go test -v -run 'TheRuleIsReadTwice$' ./calls -timeout 2h -rapid.checks=1000000
scripts/step.sh "the rule read twice from databases" scripts/mariadb.sh go test -v -run TheRuleIsReadTwiceFromTheDatabase ./calls -timeout 2h -rapid.checks=1500
# rapid's flag is known only to packages that use it.
mapfile -t properties < <(grep -rl --include='*_test.go' pgregory.net/rapid . | xargs -n1 dirname | sort -u)
scripts/step.sh "properties" scripts/mariadb.sh go test -timeout 2h "${properties[@]}" -rapid.checks=1000
FUZZ_TIME=${FUZZ_TIME:-20s} scripts/step.sh "go fuzz" scripts/fuzz.sh
