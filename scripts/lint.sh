#!/usr/bin/env bash
# Everything that can be said about the code without running it: gofmt, go vet, staticcheck, the TypeScript compiler,
# Biome over the browser's code and its tests (format, lint, import cycles), and ShellCheck where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

gofmt_is_clean() {
  local crooked
  crooked=$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './.git/*' -print0 | xargs -0 gofmt -l)
  if [[ -n $crooked ]]; then
    echo "gofmt -w would change:"
    echo "$crooked"
    return 1
  fi
}

scripts/need.sh "make lint" go node
export GOFLAGS="-trimpath -buildvcs=false${GOFLAGS:+ $GOFLAGS}" # as in make test, whose builds are found again
scripts/step.sh "gofmt" bash -c "$(declare -f gofmt_is_clean); gofmt_is_clean"
scripts/step.sh "go vet" go vet ./...
scripts/step.sh "staticcheck" go tool staticcheck ./...
scripts/npm.sh ui
scripts/step.sh "tsc" ui/node_modules/.bin/tsc --noEmit -p ui
scripts/step.sh "biome" npm --prefix ui run --silent lint
if command -v shellcheck >/dev/null; then
  scripts/step.sh "shellcheck" shellcheck -x scripts/*.sh .ci/run
else
  echo "shellcheck skipped: install the package shellcheck to check the scripts too"
fi
