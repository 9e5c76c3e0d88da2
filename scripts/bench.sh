#!/usr/bin/env bash
# The benchmark of test/bench/, with a private MariaDB beside it. Words after the script's name go to the program:
#   script./test/bench.sh -rounds 9 -cpuprofile cpu.prof
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh "make bench" go mariadb
echo "machine: $(nproc 2>/dev/null || sysctl -n hw.ncpu) cores, $(uname -srm), $(go version)"
echo "commit:  $(git describe --always --dirty 2>/dev/null || echo unknown)"
scripts/mariadb.sh go run ./test/bench "$@"

# Search among so many companies, in process, on both databases: median and p95 of each kind of question.
export CALLHUE_SEARCH_RECORDS=${CALLHUE_SEARCH_RECORDS:-1000000}
scripts/mariadb.sh go test ./crm -count=1 -timeout 1h -run 'SearchSpeed$' -v | grep -E '^(=== RUN|---|    )|ms$'
