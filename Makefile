# `make` lists the targets. Everything is installed into .venv and node_modules, nothing beside.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.NOTPARALLEL:

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	-c constraints.txt --build-constraint constraints.txt

BENCHMARKS := $(patsubst benchmarks/%/__main__.py,%,$(wildcard benchmarks/*/__main__.py))

POSTGRESQL := scripts/debian postgresql '/usr/lib/postgresql/*/bin/postgres' 'the origin is tested on it'
CHROMIUM := scripts/debian chromium /usr/bin/chromium 'pages are tested in it'

SECONDS ?= 60
SEED ?= $(shell date +%s)

# A file in .stamps says that a step is done; it is older than what the step depends on when the
# step must be done again.
VENV := .venv/.stamps/made
SERVER := .venv/.stamps/server
CHECKS := .venv/.stamps/checks
NODE := node_modules/.stamp

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: up
up: $(SERVER) ## Install what serving needs and start Pennon on port 8620
	@exec $(BIN)/pennon up

.PHONY: test
test: lint node pytest ## Install what every check needs, and run every check and test

.PHONY: lint
lint: $(CHECKS) ## Check the form, the types and the imports of the Python code
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: pytest
pytest: $(CHECKS) $(NODE) ## Run the Python tests
	@$(POSTGRESQL)
	@$(CHROMIUM)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: node
node: $(NODE) ## Check and test the TypeScript packages
	scripts/with-node npm run check
	scripts/with-node npm test

.PHONY: format
format: $(CHECKS) ## Bring the Python code into form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

.PHONY: bench
bench: $(CHECKS) ## Measure evaluation beside its peers, and propagation
	for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name; done

.PHONY: fuzz
fuzz: $(CHECKS) $(NODE) ## Compare the evaluators for SECONDS, and send an edge bad requests, from SEED
	scripts/with-node $(BIN)/python -m tests.fuzz --seed $(SEED) --seconds $(SECONDS)
	$(BIN)/python -m tests.fuzz.wire --seed $(SEED)

.PHONY: drills
drills: $(CHECKS) ## Write to the origin with many and kill it in their midst, for SECONDS and often
	@$(POSTGRESQL)
	$(BIN)/python -m tests.drills --seconds $(SECONDS) --seed $(SEED)

.PHONY: constraints
constraints: $(VENV) ## Pin the newest version of everything that is installed
	scripts/constraints

.PHONY: clean
clean: ## Remove what was installed and built; pennon-data stays
	rm -rf .venv node_modules build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache packages/*/dist packages/*/node_modules

$(VENV): scripts/venv
	scripts/venv
	mkdir -p $(@D)
	touch $@

$(SERVER): $(VENV) Makefile pyproject.toml constraints.txt
	$(INSTALL) -e '.[server]'
	touch $@

$(CHECKS): $(VENV) Makefile pyproject.toml constraints.txt
	$(INSTALL) -e '.[server,postgres,nats]' --group test --group lint --group bench
	touch $@

$(NODE): $(VENV) scripts/with-node package.json package-lock.json $(wildcard packages/*/package.json)
	scripts/with-node npm ci --no-audit --no-fund
	touch $@
