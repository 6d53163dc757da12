# One list of commands for people and for CI. Everything that is installed lies in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# A host's pip that can fill another environment (23 and newer) saves making .venv one of its own, which takes 4 s.
# Looked up once, and only when something is to be installed.
PIP = $(eval PIP := $(shell $(PYTHON) -c 'import pip; exit(int(pip.__version__.split(".")[0]) < 23)' 2>/dev/null \
	&& echo $(PYTHON) -m pip --python $(BIN)/python || echo $(BIN)/python -m pip))$(PIP)
INSTALL = $(PIP) install -qq --disable-pip-version-check
# Two environments within .venv, so that neither holds what the tests need: the bot as production runs it, and the tools
# that examine it.
PRODUCTION := .venv/production
AUDIT := .venv/audit
# Marks of what .venv holds: what the sandbox needs to start, the bot itself, what documents and charts need, everything.
NEEDS := .venv/.needs
SELF := .venv/.self
RECORDS := .venv/.records
READY := .venv/.ready
# A newcomer waits for the sandbox's needs and for the bot's installation; both go at once.
MAKEFLAGS += --jobs=2
# Compiled once, not in each of the hundred processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

COMPILE = CUSTOM_COMPILE_COMMAND="make constraints" $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help setup run page test test-long test-calendar check types collected style walls generated browser server format \
	docs bench chaos catalogs constraints audit clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## make .venv, with everything pinned by constraints.txt

$(BIN)/python:
	$(PYTHON) -m venv $(if $(findstring --python,$(PIP)),--without-pip) .venv

$(NEEDS): constraints-sandbox.txt | $(BIN)/python
	$(INSTALL) --no-compile --require-hashes --no-deps -r $<
	touch $@

$(SELF): constraints-build.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --no-deps -r $<
	$(INSTALL) --no-build-isolation --no-deps --editable .
	touch $@

$(RECORDS): constraints-records.txt | $(NEEDS) $(SELF)
	$(INSTALL) --no-compile --require-hashes --no-deps -r $<
	touch $@

$(READY): constraints.txt $(NEEDS) $(SELF)
	$(INSTALL) --no-compile --require-hashes --no-deps -r constraints.txt
	$(BIN)/python -m compileall -q -j 0 .venv/lib
	touch $(RECORDS) $@

run: page $(RECORDS)  ## the bot in a stand-in Slack workspace, with its page; no account needed

# A newcomer sees the page while the libraries of documents and charts still arrive.
page: $(NEEDS) $(SELF)
	$(BIN)/faultdesk sandbox

test: check browser  ## check, then every test that is quick
	$(BIN)/python -m tests.stages test

test-long: setup browser server  ## what takes longer: coverage, PostgreSQL, properties at length, old databases, chaos
	$(BIN)/python -m tests.stages long

test-calendar: setup browser server  ## the tests that go by a clock, on the last evening of a month, in a leap year …
	$(BIN)/python -m tests.stages calendar

check: types collected style walls generated  ## format, lint, types, walls between the rooms, catalogs, migrations

# The longest ones first: two run at once.
types: setup
	$(BIN)/mypy

# This compiles the tests as well, beside mypy. Otherwise every process of the next stage would compile all of them.
collected: setup
	@found=$$($(BIN)/python -m pytest --collect-only -qq 2>&1) || { echo "$$found"; exit 1; }

style: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

walls: setup
	$(BIN)/lint-imports

generated: setup
	$(BIN)/faultdesk catalogs check
	$(BIN)/faultdesk migrate --check

browser: setup  ## Chromium for the tests of the sandbox page, where it can be installed
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 \
		|| $(BIN)/playwright install chromium >/dev/null 2>&1 \
		|| echo "No Chromium here, and none could be installed: the tests of the sandbox page will be skipped."

server: browser  ## PostgreSQL for the tests, where it can be installed
	@ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || command -v pg_ctl >/dev/null \
		|| { apt-get update -qq && apt-get install -y -qq postgresql; } >/dev/null 2>&1 \
		|| echo "No PostgreSQL here, and none could be installed: the tests that need it are skipped" \
			"unless FAULT_TEST_POSTGRESQL is a server's address (postgresql+psycopg://…) where they may make databases."

format: setup  ## put the code into its format
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

docs: setup  ## write docs/process.md anew from the tables
	$(BIN)/faultdesk process-page > docs/process.md

bench: setup  ## measure speed and memory against bare listeners on this machine
	$(BIN)/python -m tests.bench

chaos: setup  ## 10,000 steps on several processes while everything fails that can fail; takes half an hour
	$(BIN)/python -m tests.chaos

catalogs: setup  ## bring both languages' catalogs up to the words in the code
	$(BIN)/faultdesk catalogs update

constraints: setup  ## pin every version anew, with hashes
	$(COMPILE) --upgrade --extra dev --extra postgres --extra records --extra sandbox --build-deps-for editable \
		--output-file constraints.txt pyproject.toml
	cp constraints.txt constraints-run.txt
	$(COMPILE) --extra postgres --extra records --output-file constraints-run.txt pyproject.toml
	cp constraints.txt constraints-sandbox.txt
	$(COMPILE) --extra sandbox --output-file constraints-sandbox.txt pyproject.toml
	cp constraints.txt constraints-audit.txt
	$(COMPILE) --extra audit --output-file constraints-audit.txt pyproject.toml
	cp constraints.txt constraints-records.txt
	$(COMPILE) --extra sandbox --extra records --output-file constraints-records.txt pyproject.toml
	cp constraints.txt constraints-build.txt
	$(COMPILE) --build-deps-for editable --only-build-deps --output-file constraints-build.txt pyproject.toml

audit: $(PRODUCTION)/.ready $(AUDIT)/.ready  ## list what production installs (sbom.json), and look for known vulnerabilities
	$(AUDIT)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file sbom.json \
		$(PRODUCTION)/bin/python
	@rm -f $(AUDIT)/found.json
	@$(AUDIT)/bin/pip-audit --requirement constraints-run.txt --disable-pip --require-hashes --progress-spinner off \
		--format json --output $(AUDIT)/found.json >/dev/null 2>$(AUDIT)/said.txt || true
	@if [ -f $(AUDIT)/found.json ]; then $(PYTHON) -m tests.support.audit_summary $(AUDIT)/found.json; else \
		tail -n 1 $(AUDIT)/said.txt; \
		echo "No known vulnerability was looked up, because PyPI could not be reached."; fi
	@echo "sbom.json was written."

$(PRODUCTION)/.ready: constraints-run.txt constraints-build.txt pyproject.toml
	$(PYTHON) -m venv $(PRODUCTION)
	$(PRODUCTION)/bin/pip install -qq --disable-pip-version-check --require-hashes --no-deps -r constraints-run.txt -r constraints-build.txt
	$(PRODUCTION)/bin/pip install -qq --disable-pip-version-check --no-build-isolation --no-deps .
	touch $@

$(AUDIT)/.ready: constraints-audit.txt
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/pip install -qq --disable-pip-version-check --require-hashes --no-deps -r $<
	touch $@

clean:  ## remove .venv and everything made by these commands
	rm -rf .venv *.egg-info .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find bot storage tests -name __pycache__ -prune -exec rm -r {} +
