# Every target does its own set-up: a machine with make and Python 3.11 or later is enough.
#   make test PYTHON=/path/to/python3.12 WORKERS=4

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST_ARGS ?=
LOCK := requirements-dev.lock
UV_VERSION := 0.13.9

# The first interpreter that is 3.11 or later and can make a virtual environment. Empty when there is none.
USABLE = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell for p in python3.11 python3 python3.13 python3.12 python; do \
	"$$p" -c '$(USABLE)' >/dev/null 2>&1 && echo "$$p" && break; done)
endif

# A virtual environment that was moved, or whose Python is gone, counts as absent. The stamp says where it was made.
ifneq ($(wildcard $(VENV)/.locked),)
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(VENV)/.locked),$(CURDIR))
$(shell rm -f $(VENV)/.locked $(VENV)/.installed)
endif
endif

PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# Stamps are removed first and written last, so an interrupted set-up is begun anew the next time.
$(VENV)/.locked: $(LOCK)
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(USABLE)' 2>/dev/null || { \
	  echo "llamasync needs Python 3.11 or later with the venv and ensurepip modules; none was found on PATH." >&2; \
	  echo "Install it (Debian, Ubuntu: python3 and python3-venv), or run: make PYTHON=/path/to/python3.11 ..." >&2; \
	  exit 1; }
	@echo "setting up $(VENV) from $(LOCK) ..."
	@rm -f $(VENV)/.locked $(VENV)/.installed
	@"$(PYTHON)" -m venv --clear $(VENV)
	@# The lock is complete: nothing is to be resolved. A resolver would look at newer releases, by way of extras.
	@$(PIP) install --no-deps --require-hashes -r $(LOCK)
	@printf '%s\n' '$(CURDIR)' > $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@rm -f $@
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(PIP) check
	@touch $@

.PHONY: venv
venv: $(VENV)/.installed ## make or refresh .venv from the lock

.PHONY: test
test: venv ## run the tests, with the gates of coverage, then the laws
	@if [ -f tests/emulator/install_sdks.py ]; then $(BIN)/python tests/emulator/install_sdks.py; fi
	@# The laws go without coverage: what only they reach counts as not tested, and they take half the time.
	@passed=true; set -x; \
	$(PYTEST) --ignore tests/laws --cov --cov-report= $(PYTEST_ARGS) || passed=false; \
	$(PYTEST) tests/laws $(PYTEST_ARGS) || passed=false; \
	{ set +x; } 2>/dev/null; $$passed
	$(BIN)/python -m coverage report --skip-covered --fail-under=95
	$(BIN)/python -m coverage report --skip-covered --include='llamasync/core/*' --fail-under=100
	$(BIN)/python -m coverage report --skip-covered --include='llamasync/plan/*' --fail-under=100
	$(BIN)/python -m coverage report --skip-covered --include='llamasync/state/*' --fail-under=100

.PHONY: demo
demo: venv ## a guided tour against the embedded emulator
	@$(BIN)/python examples/demo.py

.PHONY: lint
lint: venv ## ruff: rules and format
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

.PHONY: format
format: venv ## ruff: fix and format in place
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

.PHONY: types
types: venv ## mypy --strict
	$(BIN)/python -m mypy --strict llamasync

.PHONY: layers
layers: venv ## the direction of imports
	$(BIN)/lint-imports

.PHONY: generated
generated: venv ## generated schemas and tables are up to date
	$(BIN)/python -m llamasync.codegen --check

.PHONY: bench
bench: venv ## run the benchmarks
	$(BIN)/python -m benchmarks

.PHONY: check
check: lint types layers generated test ## everything that CI runs

# The lock has hashes and no addresses, for every platform and Python version that we support.
.PHONY: lock
lock: ## pin the dependencies again (UPGRADE=1: to the newest)
	@"$(PYTHON)" -m venv --clear .lock-tools
	@.lock-tools/bin/python -m pip --disable-pip-version-check -qq install uv==$(UV_VERSION)
	@.lock-tools/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --extra dev --extra emulator $(if $(UPGRADE),--upgrade) \
	  pyproject.toml -o $(LOCK)
	@rm -rf .lock-tools
	@if grep -nE '^--|://' $(LOCK); then echo "$(LOCK) must name no address" >&2; exit 1; fi

.PHONY: clean
clean: ## remove .venv, caches and results
	rm -rf $(VENV) .lock-tools build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache .hypothesis
	find llamasync tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
