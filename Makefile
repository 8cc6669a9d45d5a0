# The first make in a fresh clone builds .venv by itself; `make help` lists what there is.
# Every path below is relative, so that the clone may lie in a folder with spaces.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Every service, and every test that starts one, would compile the code anew.
unexport PYTHONDONTWRITEBYTECODE
# There are none; each process would look through all that is installed for some.
export PYDANTIC_DISABLE_PLUGINS := __all__

PYTHON ?= python3
PY := .venv/bin/python
READY := .venv/.ready
CODE := contracts kernel services rjhub examples tests
PIP = $(PY) -m pip install --quiet --disable-pip-version-check $(if $(HOME),,--no-cache-dir)
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

.PHONY: help demo up venv test test-engines test-fault fault-parts test-kafka kafka-tests kafka-quarter test-compose test-sim unit unit-kernel unit-services sim check format contracts rules lock system-deps clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(READY) ## play a published quarter of casework on a hub that is started for it
	@exec $(PY) -m rjhub demo

up: $(READY) ## start the hub on this machine: engines and services (Ctrl-C ends it)
	@exec $(PY) -m rjhub up

venv: $(READY) ## make or refresh .venv

# Whole files to each worker (tests/conftest.py), the longest first: they wait now and then.
SPREAD := -n 3 --dist loadscope --no-loadscope-reorder
QUARTER_KILLED := tests/fault/test_quarter_killed.py

test: unit ## unit tests, then the tests on real engines, with simulated histories beside them
	@$(MAKE) -j2 test-engines test-sim

test-engines: $(READY)
	$(PY) -m pytest -q $(SPREAD) tests/e2e $(QUARTER_KILLED) tests/integration/hub \
		tests/integration tests/contract

fault-parts: $(READY) ## of test-fault, what is killed, paused or cut of one part alone
	$(PY) -m pytest -q $(SPREAD) tests/fault/parts

FAULTS ?= 40
CASES ?= 186
test-fault: $(READY) ## all that is killed, paused or cut; a whole quarter with FAULTS=40 kills
	$(PY) -m pytest -q $(SPREAD) tests/fault --ignore $(QUARTER_KILLED)
	$(PY) -m tests.fault $(FAULTS) $(CASES) $(SEED)

# What no engine has a part in, though it runs on some; the tests choose the others themselves.
ON_ANY_ENGINE = tests/e2e/test_bad_start.py tests/e2e/test_bad_requests.py tests/e2e/test_canary.py \
	tests/integration/hub tests/integration/test_token_keys_change.py tests/fault/parts/hub
ON_KAFKA = RJHUB_TEST_ENGINES=$(KAFKA_ENGINES) RJHUB_TEST_PATIENCE=3
KAFKA_ENGINES ?= $(shell docker info >/dev/null 2>&1 && echo containers || echo jars)
test-kafka: kafka-tests kafka-quarter ## tests with engines, faults too, on Apache Kafka: in containers, else from its jars

kafka-tests: $(READY)
	@echo "Engines: $(or $(RJHUB_TEST_KAFKA),$(KAFKA_ENGINES))"
	$(ON_KAFKA) $(PY) -m pytest $(SPREAD) -o timeout=300 tests/integration/test_three_brokers.py \
		tests/e2e tests/fault tests/integration \
		$(addprefix --ignore ,$(ON_ANY_ENGINE) $(QUARTER_KILLED)) $(if $(T),-k "$(T)")

kafka-quarter: $(READY)
	$(if $(RJHUB_TEST_KAFKA)$(T),,$(ON_KAFKA) $(PY) -m tests.fault $(FAULTS) $(CASES) $(SEED))

test-compose: $(READY) ## the hub in containers: brought up, played on, scaled, broken, taken down
	$(PY) -m pytest tests/compose

test-sim: $(READY) ## five hundred simulated histories and the seeded defects
	nice $(PY) -m pytest tests/sim -q -n 2 # whatever waits for a clock goes first

unit: $(READY) ## the tests that need no server
	@$(MAKE) -j2 --output-sync=target unit-kernel unit-services

# Two halves, one on each core: sooner done than by workers that are handed each test.
unit-kernel:
	$(PY) -m pytest -q tests/unit/test_*.py tests/unit/rjhub

unit-services:
	$(PY) -m pytest -q $(filter-out %/rjhub/ %/__pycache__/,$(wildcard tests/unit/*/))

N ?= 1000
SEED ?= $(shell echo $$((RANDOM * 32768 + RANDOM)))
sim: $(READY) ## simulated histories of the whole hub: N=1000 of them, from SEED on
	$(PY) -m tests.sim $(N) $(SEED)

check: $(READY) ## format, lint, types, imports, contract and settings drift
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m ruff check $(CODE)
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m contracts.generate --check
	$(PY) -m tests.rules --check
	$(PY) -m rjhub env-example --check

format: $(READY) ## put the code into its form
	$(PY) -m ruff format $(CODE)
	$(PY) -m ruff check --fix $(CODE)

contracts: $(READY) ## generate schemas, samples and AsyncAPI from contracts/
	$(PY) -m contracts.generate

rules: $(READY) ## generate docs/rules.md from the rules and the tests that show them
	$(PY) -m tests.rules

lock: $(READY) ## resolve the locks together (UPGRADE=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --group embedded --group dev $(UPGRADE) -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(COMPILE) --group embedded -c requirements-dev.lock -o requirements-embedded.lock
	$(COMPILE) --group build -c requirements-dev.lock -o deploy/requirements-build.lock

system-deps: ## install the system packages that a bare Debian or Ubuntu lacks
	@deploy/system-deps install

clean: ## remove .venv and caches (data in .rjhub stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find $(CODE) -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements-dev.lock pyproject.toml deploy/system-deps
	@deploy/system-deps check "$(PYTHON)"
	@echo "Making .venv (once, under a minute) …"
	@"$(PYTHON)" -m venv .venv
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(READY)
