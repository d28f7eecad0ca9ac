# The only commands a newcomer needs: make demo | make test | make lint | make bench
# and for work on the models: make test-lab | make lint-lab
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LAB := .venv-lab
LAB_BIN := $(LAB)/bin
LAB_STAMP := $(LAB)/.installed
# What needs torch: the lab and the exporters, and the tests of both.
LAB_CODE := thea_hook/lab exporters
LAB_TESTS := tests/lab tests/exporters

.PHONY: demo test lint bench test-lab lint-lab clean

demo: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh

test: $(STAMP)
	$(BIN)/python -m pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --exclude '^(build|thea_hook/lab)/'

bench: $(STAMP)
	$(BIN)/python benchmarks/speed.py

test-lab: $(LAB_STAMP)
	$(LAB_BIN)/python -m pytest $(LAB_TESTS)

lint-lab: $(LAB_STAMP)
	$(LAB_BIN)/mypy $(LAB_CODE)

clean:
	rm -rf $(VENV) $(LAB) build *.egg-info

$(STAMP): setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

$(LAB_STAMP): setup.cfg setup.py pyproject.toml
	$(PYTHON) -m venv $(LAB)
	$(LAB_BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,lab]'
	@touch $@
