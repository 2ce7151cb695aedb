# The plain commands behind these stand in README.md, for those without make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run demo test test-all check format soak repeat clean help

run: $(VENV)/.run  ## start the bot; without a token, the demo in the browser
	@exec $(BIN)/python -m bot run

demo: $(VENV)/.run  ## start the demo, whether or not there is a token
	@exec $(BIN)/python -m bot demo

test: $(VENV)/.dev  ## run the tests that need no quiet machine: about a minute
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

soak: $(VENV)/.dev  ## an hour of mixed use with faults in between (MINUTES=60)
	$(BIN)/python -m benchmarks.soak --minutes $(or $(MINUTES),60)

repeat: $(VENV)/.dev  ## how often make test is green, a quarter of the runs on a busy machine (TIMES=20)
	$(BIN)/python -m benchmarks.repeat --times $(or $(TIMES),20) --busy $$(($(or $(TIMES),20) / 4)) -- $(MAKE) test

clean:  ## remove the virtual environment and what the tools left behind
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis

help:  ## say what there is
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python constraints.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python constraints.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt '.[demo,dev]'
	@touch $@ $(VENV)/.run
