# Onefold: one command for everything. `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SPARK := $(VENV)/.installed-spark
DATA_DIR ?=
DEMO_FLAGS := $(if $(ONCE),--once) $(if $(DATA_DIR),--data-dir $(DATA_DIR))

.DEFAULT_GOAL := help
.PHONY: help install demo check test soak bench lock clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-9s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@echo "==> creating $(VENV) and installing the locked packages (about 220 MB to download, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Onefold needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { echo "The locked packages could not be installed: is the Python package registry reachable from here?" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
	@echo "==> installed"

$(SPARK): $(STAMP) requirements-spark.lock
	@echo "==> adding Spark, which only checks and tests need (about 460 MB to download, once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock || { echo "Spark could not be installed: is the Python package registry reachable from here?" >&2; exit 1; }
	@touch $@

install: $(STAMP)  ## make .venv from the lock

demo: $(STAMP)  ## load, resolve and ask the example data, then serve it (ONCE=1: exit afterwards)
	@$(BIN)/onefold demo $(DEMO_FLAGS)

check: $(SPARK)  ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

test: $(SPARK)  ## all tests but the long ones
	$(BIN)/pytest -m "not soak"

soak: $(SPARK)  ## long faults and fuzzing
	$(BIN)/pytest -m soak --timeout=3600

bench: $(STAMP)  ## figures as ratios to the bare engines
	$(BIN)/python -m benchmarks

lock:  ## pin the newest allowed versions again (needs uv)
	uv pip compile --generate-hashes --universal --python-version 3.11 --no-emit-index-url --group dev pyproject.toml -o requirements.lock
	uv pip compile --generate-hashes --universal --python-version 3.11 --no-emit-index-url --group spark -o requirements-spark.lock

clean:  ## remove what was built here
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache dist build
