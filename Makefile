# The front door. `make help` lists what it can do; the longer recipes are in scripts/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8080
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

UI := ui
# Folders too: their time changes when a file is taken away.
UI_SOURCES := $(shell find $(UI) -mindepth 1 -not -path '*/node_modules*' -not -path '$(UI)/dist*' 2>/dev/null)

.PHONY: help run build test soak lint bench clean

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r goal words; do \
	  printf '  make %-6s %s\n' "$$goal" "$$words"; done

run: build ## build and start with demo data on 127.0.0.1:8080 (PORT=... changes it)
	@mkdir -p var
	@exec bin/callhue serve --demo --listen 127.0.0.1:$(PORT) --db sqlite:var/callhue.db

build: $(UI)/dist/index.html ## ./bin/callhue with the UI inside
	@scripts/need.sh "make build" go
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/callhue ./cmd/callhue

# Vite empties the folder; .keep lets Go embed it in a fresh clone, before the first build.
$(UI)/dist/index.html: $(UI_SOURCES)
	@scripts/need.sh "make build" node
	@scripts/npm.sh $(UI)
	npm --prefix $(UI) run --silent build
	@touch $(UI)/dist/.keep $@

test: ## install what the tests need and run every one, on SQLite and MariaDB and in a browser
	@scripts/test.sh

soak: ## the long forms of the tests: longer fuzzing, more invented worlds
	@scripts/soak.sh

lint: ## gofmt, go vet, staticcheck, tsc, Biome, shellcheck
	@scripts/lint.sh

bench: ## the benchmarks, a table of ratios
	@scripts/bench.sh

clean: ## remove what was built and installed here; demo data in var/ stays
	rm -rf bin e2e/out e2e/node_modules $(UI)/node_modules
	find $(UI)/dist -mindepth 1 -not -name .keep -delete 2>/dev/null || true
