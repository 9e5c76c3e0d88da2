#!/usr/bin/env bash
# Installs the npm packages of a folder exactly as its package-lock.json says, when the lock or Node has changed.
#   scripts/npm.sh ui
set -euo pipefail
cd "$(dirname "$0")/../$1"

want=$(node --version; cksum package.json package-lock.json)
if [[ -f node_modules/.installed && $(<node_modules/.installed) == "$want" ]]; then exit 0; fi

echo "$1: npm ci"
if ! npm ci --no-audit --no-fund --loglevel=error; then
  echo "$1 needs its npm packages: check that the npm registry can be reached and run again" >&2
  exit 1
fi
mkdir -p node_modules
echo "$want" >node_modules/.installed
