# openclets: what people do with a clone. `make` alone lists it.
# Needs python3 of 3.11 or newer with venv, make, git, and the package registries; nothing else by hand.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

UV_VERSION := 0.13.9
PYTHON ?=
BIN := .venv/bin
SEED ?= 1

# The project's own environment and interpreter, whatever this machine's settings say.
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON := .venv/bin/python
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV

RUNTIME := .venv/.runtime-is-synced
DEVELOPMENT := .venv/.development-is-synced

# Pages of docs/reference that the code prints: page=module.
REFERENCE := \
	commands=openclets.cli.commands_page \
	connectors=openclets.adapters.connectors_page \
	duty-feed=openclets.duty.reference \
	errors=openclets.foundation.errors_page \
	exchange=openclets.exchange.reference \
	journal-entries=openclets.cli.entries_page \
	message-keys=openclets.messages.reference \
	rules=openclets.policy.reference \
	settings=openclets.foundation.settings

TEST_PACKAGES := chromium fonts-liberation golang-go golang-golang-x-mod-dev

.PHONY: help setup run test test-python test-tools check bench fix seed reset docs screenshots

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(DEVELOPMENT) ## make .venv with everything that running and testing need

run: $(RUNTIME) ## start the demo: an invented state and its network; Ctrl-C stops it
	@exec $(BIN)/openclets demo

test: $(DEVELOPMENT) test-tools ## every test; installs Chromium and Go by apt where it may
	$(BIN)/pytest

test-python: $(DEVELOPMENT) ## the tests that need neither Chromium nor Go
	@echo "Left out: the tests marked 'browser' and 'go'. 'make test' runs them all."
	$(BIN)/pytest -m "not browser and not go"

check: $(DEVELOPMENT) ## lint, format, types, import order, then every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

fix: $(DEVELOPMENT) ## format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEVELOPMENT) ## the benchmarks of docs/benchmarks.md
	$(BIN)/python -m benchmarks

seed: $(RUNTIME) ## write the invented state in the exchange form to var/world (SEED=1)
	$(BIN)/openclets world generate --out var/world --seed $(SEED) --force

reset: $(RUNTIME) ## delete the demo's database, keys and log
	$(BIN)/python -m openclets.foundation.postgres.discard var
	rm -rf var

docs: $(DEVELOPMENT) ## make the reference pages again
	@set -e; for page in $(REFERENCE); do \
		new=docs/reference/.$${page%%=*}.new; \
		$(BIN)/python -m $${page#*=} > $$new; \
		mv $$new docs/reference/$${page%%=*}.md; \
	done

screenshots: $(DEVELOPMENT) test-tools ## photograph the demo's pages for docs/screenshots
	PYTHONPATH=tests $(BIN)/python -m browser.screenshots

# Says what is missing and how to get it; root on Debian gets it at once.
test-tools:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v go >/dev/null || missing="$$missing go"; \
	[ -d /usr/share/gocode/src/golang.org/x/mod ] || missing="$$missing golang.org/x/mod"; \
	[ -z "$$missing" ] && exit 0; \
	line="apt-get install -y --no-install-recommends $(TEST_PACKAGES)"; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing for the tests:$$missing"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && $$line -qq >/dev/null; \
	else \
		echo "The tests need:$$missing"; \
		echo "Run: sudo $$line"; \
		echo "or 'make test-python' for the tests that need neither."; \
		exit 1; \
	fi

# `--inexact`: running after testing must not take the test tools away again.
$(RUNTIME): pyproject.toml uv.lock | $(BIN)/uv
	$(BIN)/uv sync --frozen --no-dev --inexact --quiet
	@touch $@

$(DEVELOPMENT): pyproject.toml uv.lock | $(BIN)/uv
	$(BIN)/uv sync --frozen --quiet
	@touch $(RUNTIME) $@

$(BIN)/uv: | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$($$python --version)"; \
			$$python -m venv .venv && exit 0; \
			rm -rf .venv; \
			break; \
		fi; \
	done; \
	echo "openclets needs Python 3.11 or newer with the venv module; python3 here is:"; \
	echo "  $$(python3 --version 2>&1)"; \
	echo "On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv"; \
	echo "Another one by name: make PYTHON=/path/to/python3.12 ..."; \
	exit 1
