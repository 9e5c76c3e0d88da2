#!/usr/bin/env bash
# The benchmarks of bench/, with a private MariaDB beside them. Words after the script's name go to `go test`:
#   scripts/bench.sh -count 5
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/need.sh "make bench" go mariadb
echo "machine: $(nproc 2>/dev/null || sysctl -n hw.ncpu) cores, $(uname -srm), $(go version)"
echo "commit:  $(git describe --always --dirty 2>/dev/null || echo unknown)"
scripts/mariadb.sh go test -run '^$' -bench . -timeout 30m "$@" ./bench/...
