# What people and CI run. Every target does its own set-up; `make help` lists them.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-builtin-rules --warn-undefined-variables
.DELETE_ON_ERROR:
# Tests share two cores and real servers: one step after the other, whatever -j says.
.NOTPARALLEL:
.DEFAULT_GOAL := help

GO   ?= go
TOOL := $(GO) tool -modfile=tools/go.mod
ARGS ?=

# Whole years against real servers; everything else counts as a unit test, the replay of recorded histories too.
INTEGRATION_PKGS ?= ./internal/integration/...
# Packages with Go benchmarks, and the program that prints the figures, each a ratio taken in one run.
BENCH_PKGS       ?= ./rules
FIGURES          ?= ./internal/bench
FUZZTIME         ?= 10s
# More flags for go test, such as -race or -v.
TESTFLAGS        ?=

.PHONY: help
help: ## Lists the targets
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.* ## (.*)/  make \1\t\2/' | expand -t 24

.PHONY: build
build: ## Builds both programs into bin/
	$(GO) build -o bin/ ./starter ./worker

.PHONY: demo
demo: setup build ## Plays a whole year with simulated people; ARGS='--exit' for more flags of starter demo
	bin/starter demo $(ARGS)

.PHONY: test
test: setup check unit integration ## Everything: checks, unit tests, replay, integration; ten minutes on two cores once cached

.PHONY: quick
quick: TESTFLAGS += -short
quick: vet unit ## What an edit needs: go vet and the unit tests but those with a browser or a whole year, cached

.PHONY: setup
setup: ## Installs what tests need and the machine lacks
	.ci/setup

.PHONY: check
check: vet lint workflowcheck drift ## Everything that runs no test

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: lint
lint: ## golangci-lint with .golangci.yml
	$(TOOL) golangci-lint run --allow-parallel-runners

.PHONY: fmt
fmt: ## Formats the code as lint wants it
	$(TOOL) golangci-lint fmt

.PHONY: workflowcheck
workflowcheck: ## Workflows must be deterministic: no clocks, no random order, no goroutines of their own
	$(TOOL) workflowcheck ./workflows/...

.PHONY: generate
generate: ## Query code from schemas/queries
	$(TOOL) sqlc generate

.PHONY: drift
drift: ## Is the committed query code what sqlc makes of the queries?
	$(TOOL) sqlc diff

.PHONY: unit
unit: ## All tests but integration
	packages=$$($(GO) list ./...); integration=$$($(GO) list $(INTEGRATION_PKGS)); \
	$(GO) test -timeout 15m $(TESTFLAGS) $$(comm -23 <(sort <<<"$$packages") <(sort <<<"$$integration"))

.PHONY: integration
integration: setup ## Whole years against real PostgreSQL, Temporal and SMTP, with faults
	$(GO) test -count=1 -timeout 9m $(TESTFLAGS) $(INTEGRATION_PKGS)

.PHONY: replay
replay: ## Only the replay of the recorded histories in workflows/testdata
	$(GO) test -count=1 -run Replay $(TESTFLAGS) ./workflows

.PHONY: histories
histories: setup ## Records histories of a year, a corrected and a cancelled one for the replay tests; recorded ones are never edited
	$(GO) test -count=1 -timeout 9m -run '^Test(RecordHistories|CorrectedYear|CancelledYear)$$' ./internal/integration -record

.PHONY: fuzz
fuzz: ## Each fuzz target for FUZZTIME
	grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | while IFS=: read -r file _ function; do \
	  $(GO) test -run '^$$' -fuzz "^$${function#func }$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")" </dev/null; \
	done

.PHONY: bench
bench: setup build ## Go benchmarks, then the figures; fails if one is above its limit
	$(GO) test -run '^$$' -bench . -benchmem $(BENCH_PKGS)
	$(GO) run $(FIGURES)

.PHONY: screens
screens: setup build ## Plays the demo and takes a picture of every page into docs/screens
	$(GO) run ./internal/screens bin/starter docs/screens

.PHONY: compose-check
compose-check: ## Loads and checks docker-compose.yml, .env.example, Dockerfile and README's tables
	$(GO) test -count=1 ./deploy

.PHONY: clean
clean: ## Removes bin/; .kaoping/ is data and stays
	rm -rf bin
