# cafeforme. "make" alone lists what can be done.

SHELL = /bin/sh
.DEFAULT_GOAL := help

# What "make run" passes to cafeforme dev: make run ARGS="--addr 127.0.0.1:9090"
ARGS =

# Test packages that run at the same time. Each may bring a database or a server.
TEST_PARALLEL = 2

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# Version control stamps are left out: git refuses them in a clone that belongs
# to somebody else.
BUILD_FLAGS = -buildvcs=false -ldflags "-X main.version=$(VERSION)"

TEMPORAL_SOURCES := $(filter-out %_test.go,$(wildcard tools/temporal/*.go)) tools/temporal/go.mod tools/temporal/go.sum
MOCK_SOURCES := tools/stripe-mock/go.mod tools/stripe-mock/go.sum
SBOM_SOURCES := tools/sbom/go.mod tools/sbom/go.sum
LINT_SOURCES := tools/lint/go.mod tools/lint/go.sum

.PHONY: help
help: ## List the targets
	@echo "cafeforme, a cafe order-ahead service. Start with: make run"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

##
## Build and run

.PHONY: build
build: bin/cafeforme bin/temporal-server ## Build bin/cafeforme and bin/temporal-server

.PHONY: run
run: build ## Run everything for development; ARGS="--addr HOST:PORT ..." passes flags
	@exec bin/cafeforme dev $(ARGS)

.PHONY: demo
demo: need-go ## Tell the story of some orders to a running system (see: make run)
	@go run ./test/demo $(ARGS)

.PHONY: cluster
cluster: need-go postgres build ## Run what docker-compose.yml describes, without Docker; gone when it ends
	@go build -buildvcs=false -o bin/cluster ./test/cluster
	@exec bin/cluster $(ARGS)

.PHONY: migrate
migrate: bin/cafeforme ## Bring the database at DATABASE_URL to this build's schema
	@bin/cafeforme migrate

.PHONY: bin/cafeforme # Go knows best whether it is up to date
bin/cafeforme: need-go
	@sh scripts/alive "Building cafeforme" go build $(BUILD_FLAGS) -o bin/cafeforme ./cmd/cafeforme

bin/temporal-server: $(TEMPORAL_SOURCES) | need-go
	@echo "Building the Temporal server and its Web UI from source. The first time takes a few minutes; later it is there."
	@cd tools/temporal && sh ../../scripts/alive "Building temporal-server" go build -buildvcs=false -ldflags "-s -w" -o ../../bin/temporal-server .

bin/stripe-mock: $(MOCK_SOURCES) | need-go
	@cd tools/stripe-mock && sh ../../scripts/alive "Building stripe-mock, which the tests hold our requests against" \
		go build -buildvcs=false -ldflags "-s -w" -o ../../bin/stripe-mock github.com/stripe/stripe-mock

##
## Check

.PHONY: test
test: need-go need-cc postgres chromium build bin/stripe-mock bin/cyclonedx-gomod ## Run all tests, PostgreSQL and end-to-end included
	go test -race -timeout 30m ./test/e2e # alone: it breaks things, and demands answers in time
	all=$$(go list ./...) && go test -race -p $(TEST_PARALLEL) -timeout 30m ./workflows $$(echo "$$all" | grep -v '/e2e$$') # the longest comes first
	cd tools/temporal && go test -timeout 5m ./...
	cd tools/observability && go test -count=1 -timeout 5m ./...
	cd tools/bench && go test -timeout 15m ./...
	cd tools/deploy && go test -count=1 -timeout 5m ./... # Go does not notice when files outside the module change

.PHONY: test-cluster
test-cluster: need-go postgres build ## Tell the story to a Temporal cluster on PostgreSQL, and break its services and its database
	go test -count=1 -timeout 10m ./test/cluster
	go run ./test/chaos --temporal cluster --seed 217 --duration 40s --rate 3

.PHONY: chaos
chaos: need-go postgres build ## Break a running cluster at random under traffic, and audit it; ARGS="--seed N --duration 2m --temporal cluster"
	@go run ./test/chaos $(ARGS)

# How long "make bench" may take is a matter of its flags: make bench ARGS="--measure 3s --growth 1000 --siege 10s".
.PHONY: bench
bench: need-go postgres build ## Measure a system of its own (two hours); writes docs/bench and docs/performance.md; ARGS="--growth 1000"
	@cd tools/bench && go build -buildvcs=false -o ../../bin/bench .
	@exec bin/bench --out docs/bench --document docs/performance.md $(ARGS)

.PHONY: test-quick
test-quick: need-go ## Run the tests that need no server, in under a minute
	all=$$(go list ./...) && go test -short -timeout 2m $$(echo "$$all" | grep -vE '/(test/e2e|internal/pgtest)')

.PHONY: cover
cover: need-go bin/temporal-server ## Measure the coverage of order and workflows; 95 % is the least
	@mkdir -p bin
	@for package in order workflows; do \
		go test -coverprofile "bin/$$package.cover" "./$$package" > "bin/$$package.log" 2>&1 \
			|| { cat "bin/$$package.log"; exit 1; }; \
		sh scripts/coverage "$$package" "bin/$$package.cover" 95 || exit 1; \
	done

.PHONY: lint
lint: need-go bin/golangci-lint bin/workflowcheck ## Run go vet, golangci-lint, workflowcheck, and lint-web
	go vet ./...
	bin/golangci-lint run ./...
	cd tools/temporal && ../../bin/golangci-lint run --config ../../.golangci.yaml ./...
	cd tools/observability && ../../bin/golangci-lint run --config ../../.golangci.yaml ./...
	cd tools/deploy && ../../bin/golangci-lint run --config ../../.golangci.yaml ./...
	cd tools/bench && ../../bin/golangci-lint run --config ../../.golangci.yaml ./...
	bin/workflowcheck -test=false -config tools/lint/workflowcheck.yaml ./workflows
	@scripts/lint-web

.PHONY: lint-web
lint-web: ## Check the pages' scripts and styles, where there is Node; ARGS=fix mends what can be mended
	@scripts/lint-web $(ARGS)

bin/golangci-lint: $(LINT_SOURCES) | need-go
	@echo "Building golangci-lint from source. The first time takes a few minutes; later it is there."
	@cd tools/lint && sh ../../scripts/alive "Building golangci-lint" go build -o ../../bin/golangci-lint \
		github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/workflowcheck: $(LINT_SOURCES) | need-go
	@cd tools/lint && sh ../../scripts/alive "Building workflowcheck" go build -o ../../bin/workflowcheck \
		go.temporal.io/sdk/contrib/tools/workflowcheck

.PHONY: vuln
vuln: need-go bin/govulncheck ## Look for known vulnerabilities in the code that is called, the Temporal server's too
	@sh scripts/vulncheck . ./...
	@sh scripts/vulncheck tools/temporal ./...

bin/govulncheck: $(LINT_SOURCES) | need-go
	@cd tools/lint && sh ../../scripts/alive "Building govulncheck" go build -o ../../bin/govulncheck \
		golang.org/x/vuln/cmd/govulncheck

# How long "make fuzz" spends on each fuzzer.
FUZZ_TIME = 30s

.PHONY: fuzz
fuzz: need-go ## Run every fuzzer for FUZZ_TIME each; their seeds are part of make test
	@sh scripts/fuzz $(FUZZ_TIME)

##
## Maintain

.PHONY: generate
generate: need-go ## Generate code and pictures again
	go generate ./...

.PHONY: record
record: need-go bin/temporal-server ## Record the histories of all paths for the next release (ten minutes)
	rm -rf workflows/testdata/histories/next
	go test -count=1 -timeout 20m -run TestPathsOnARealServer ./workflows -record

.PHONY: screenshots
screenshots: need-go chromium build ## Take the README's pictures of the pages anew
	go test -count=1 -timeout 10m -run 'TestPages|TestMembersOnTheirPage|TestDrinksWithOptionsReachTheBoard' ./test/e2e -screenshots

.PHONY: release
release: need-go bin/cyclonedx-gomod ## Build static binaries for Linux and macOS into dist, with what is in them and checksums
	@sh scripts/release "$(VERSION)" dist

bin/cyclonedx-gomod: $(SBOM_SOURCES) | need-go
	@cd tools/sbom && sh ../../scripts/alive "Building cyclonedx-gomod" go build -buildvcs=false -ldflags "-s -w" -o ../../bin/cyclonedx-gomod \
		github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

.PHONY: clean
clean: ## Remove what was built; open orders in .cafeforme stay
	rm -rf bin dist

##
## What the targets above need

.PHONY: need-go
need-go:
	@command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or later and put it on the PATH." >&2; exit 1; }

.PHONY: need-cc
need-cc:
	@command -v "$$(go env CC)" >/dev/null || { echo "A C compiler is missing, which Go's race detector needs: apt-get install gcc libc6-dev" >&2; exit 1; }

.PHONY: postgres
postgres:
	@sh scripts/postgres

.PHONY: chromium
chromium:
	@sh scripts/chromium
