# Every command does its own set-up: `make run` and `make test` work in a fresh clone.
#   ARGS="..."       is passed on: make run ARGS=file.csv, make test ARGS="-k landscape"
#   PYTHON=python3.12 chooses the interpreter of .venv

PY := .venv/bin/python
SETUP := .ci/setup
WORKERS := -n auto --maxprocesses 4 --dist loadfile
BENCHMARKS := engine engine_scaling gui history landscape

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test heavy lint format types bench clean system system-xvfb

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: system .venv/ready ## open the program on the built-in example, or on ARGS=file.csv
	@$(PY) main.py $(ARGS)

test: system-xvfb .venv/ready-test ## run all tests but the heavy ones
	$(PY) -m pytest $(WORKERS) $(ARGS)

heavy: system-xvfb .venv/ready-heavy ## run the tests that need PyTorch or JAX (a large download)
	$(PY) -m pytest -m heavy $(WORKERS) $(ARGS)

lint: .venv/ready-dev ## check style and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: .venv/ready-dev ## repair what can be repaired of style and format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: .venv/ready-dev ## check the types of the engine and the session
	$(PY) -m mypy

bench: system-xvfb .venv/ready-heavy ## measure speed beside PyTorch, JAX and scikit-learn
	@set -e; for name in $(BENCHMARKS); do $(PY) -m benchmarks.$$name $(ARGS); done

clean: ## remove the environment and everything the checks left behind
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system:
	@$(SETUP) system

system-xvfb:
	@$(SETUP) system xvfb

# A stamp inside the environment, renewed when the pins change.
.venv/ready .venv/ready-test .venv/ready-dev .venv/ready-heavy: pyproject.toml .ci/constraints.txt .ci/setup
	@$(SETUP) packages $(patsubst .venv/ready%,%,$(subst ready-,ready,$@))
	@touch .venv/ready $@
