# The plain commands behind these stand in README.md, for those without make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# For every system and every Python that pyproject.toml takes, whichever of them this one is.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --custom-compile-command 'make lock' $(if $(NEWEST),--upgrade)
# With the versions of the whole, so that a server runs what the tests have run.
LOCK_PART = $(LOCK) --no-annotate --constraint requirements/dev.txt

.PHONY: run demo test test-all check format lock messages pictures soak repeat clean help

run: $(VENV)/.run  ## start the bot; without a token, the demo in the browser
	@exec $(BIN)/python -m bot run

demo: $(VENV)/.run  ## start the demo, whether or not there is a token
	@exec $(BIN)/python -m bot demo

test: $(VENV)/.dev  ## run the tests that need no quiet machine: under two minutes
	@$(BIN)/python -m tests unit server

test-all: $(VENV)/.dev  ## run every test: real processes, kills, load, a browser
	@$(BIN)/python -m tests --full

check: $(VENV)/.dev  ## everything CI runs: ruff, mypy, every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@$(BIN)/python -m tests --full

format: $(VENV)/.dev  ## let ruff mend and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev  ## lock what pyproject.toml asks for, with hashes (NEWEST=1: newest versions)
	$(LOCK) --extra charts --extra demo --extra dev --output-file requirements/dev.txt
	$(LOCK_PART) --extra charts --extra demo --output-file requirements/run.txt
	$(LOCK_PART) --extra charts --output-file requirements/charts.txt
	$(LOCK_PART) --output-file requirements/server.txt

messages: $(VENV)/.dev  ## collect every sentence of the program for those who translate it
	$(BIN)/python -m bot.language.extract

pictures: $(VENV)/.dev  ## take the pictures of the documents from the running demo
	@$(BIN)/python -m tests.load.pictures

soak: $(VENV)/.dev  ## an hour of mixed use with faults in between (MINUTES=60)
	$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),60)

repeat: $(VENV)/.dev  ## how often make test is green, a quarter of the runs on a busy machine (TIMES=20)
	$(BIN)/python -m benchmarks.repeat --times $(or $(TIMES),20) --busy $$(($(or $(TIMES),20) / 4)) -- $(MAKE) test

clean:  ## remove the virtual environment and what the tools left behind
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.txt
	$(INSTALL) -r requirements/run.txt
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements/dev.txt
	$(INSTALL) -r requirements/dev.txt
	@touch $@ $(VENV)/.run
