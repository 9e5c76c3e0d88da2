#!/usr/bin/env bash
# The browser tests, two files at a time: each has a server, a database and a browser of its own. With a file, that one only.
#   scripts/e2e.sh [card.test.mjs]
set -euo pipefail
cd "$(dirname "$0")/../e2e"

if [[ $# == 1 ]]; then
  exec ../scripts/spent.sh "e2e/$1" node --test --test-timeout=900000 --test-reporter=spec "$1"
fi
# The longest first, or the last one runs alone.
wc -l ./*.test.mjs | sort -rn | sed -nE 's|.* \./(.*\.test\.mjs)$|\1|p' | ../scripts/each.sh 2 ../scripts/e2e.sh
