# Outreach. `make` shows what there is; `make run` starts it, `make test` proves it.
PY ?= python3
V := .venv
BIN := $(V)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --only-binary :all: --require-hashes --no-deps
RUN_STAMP := $(V)/.run-$(shell cksum < requirements/run.lock | cut -d' ' -f1)
TEST_STAMP := $(V)/.test-$(shell cksum < requirements/test.lock | cut -d' ' -f1)
DEV_STAMP := $(V)/.dev-$(shell cksum < requirements/dev.lock | cut -d' ' -f1)
export PYTHONPATH := $(CURDIR)
CACHE ?= -p no:cacheprovider
PYTEST := $(BIN)/python -m pytest -q $(CACHE)

.DEFAULT_GOAL := help
.PHONY: help run demo test test-fast check lint types imports fault bench bench-import bench-large screenshots migration cover format wheel

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t16

run: $(RUN_STAMP) ## Install, migrate, load the sample workspace, serve on 127.0.0.1:8000
	@$(BIN)/python -m outreach run --sample

demo: $(TEST_STAMP) ## Play the whole job on loopback servers, then show it
	@$(BIN)/python -m outreach demo

test: $(TEST_STAMP) ## The whole suite, on SQLite and PostgreSQL, with the browser where there is one
	$(PYTEST) -n 2 tests

test-fast: $(TEST_STAMP) ## Rules and services on SQLite only: seconds
	$(PYTEST) -n 2 tests/rules tests/services -k "not postgresql"

check: lint types imports ## Lint, types and import contracts

lint: $(DEV_STAMP)
	$(BIN)/ruff check outreach tests migrations bench
	$(BIN)/ruff format --check outreach tests migrations bench

types: $(DEV_STAMP)
	$(BIN)/mypy

imports: $(DEV_STAMP)
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## Put the code in its usual shape
	$(BIN)/ruff check --fix outreach tests migrations bench
	$(BIN)/ruff format outreach tests migrations bench

fault: $(TEST_STAMP) ## Kill real processes at bad moments
	$(PYTEST) -m fault tests/fault

bench: $(TEST_STAMP) ## Measure each job beside its yardstick
	$(BIN)/python -m bench

bench-import: $(TEST_STAMP) ## Import of 100,000 rows, nine pairs with its floor, on both engines
	$(BIN)/python -m bench.import_rows --pairs 9
	$(BIN)/python -m bench.import_rows --pairs 9 --engine postgresql

bench-large: $(TEST_STAMP) ## Import of 1,000,000 rows, three pairs with its floor, on both engines
	$(BIN)/python -m bench.import_rows --rows 1000000
	$(BIN)/python -m bench.import_rows --rows 1000000 --engine postgresql

screenshots: $(TEST_STAMP) ## Every page, light and dark, desk and phone, into screenshots/
	OUTREACH_SCREENSHOTS=1 OUTREACH_REQUIRE=browser $(PYTEST) -m browser tests/browser

cover: $(DEV_STAMP) ## The suite with branch coverage
	$(BIN)/coverage run -m pytest -q -p no:cacheprovider tests
	$(BIN)/coverage report --skip-covered

migration: $(DEV_STAMP) ## Draft a migration: make migration m="Give prospects a source" n=0007
	$(BIN)/python -m outreach db revision "$(m)" --number "$(n)"

wheel: $(DEV_STAMP) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist .

$(V)/bin/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Outreach needs Python 3.11 or newer; say which with: make PY=python3.12 …"; exit 1; }
	@$(PY) -m venv $(V) || { echo "This Python has no venv module. On Debian: apt-get install python3-venv"; exit 1; }

$(RUN_STAMP): requirements/run.lock | $(V)/bin/python
	@echo "Installing what Outreach needs (once, about half a minute)…"
	@$(PIP) -r requirements/run.lock
	@touch $@

$(TEST_STAMP): requirements/test.lock | $(V)/bin/python
	@echo "Installing what the tests need…"
	@$(PIP) -r requirements/test.lock
	@touch $@

$(DEV_STAMP): requirements/dev.lock | $(V)/bin/python
	@$(PIP) -r requirements/dev.lock
	@touch $@ $(TEST_STAMP)
