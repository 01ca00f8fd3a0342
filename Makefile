# Two commands do everything on a machine that has Python >= 3.11 and make:
#   make demo   runs LANCE on three prompts, offline
#   make test   runs the test suite
# Each makes .venv first and installs what it needs.
#   make checkpoint DATA=… ENCODER=…   trains a detector on that data and puts it into the package
# DATA is the folder with train/, ENCODER a folder or hub id of a sentence encoder. A run that was
# stopped goes on with TRAIN=--resume, and starts anew with TRAIN=--overwrite.

PYTHON ?= python3
VENV   ?= .venv
# Installed before everything else: on Linux the default build of torch brings gigabytes of CUDA
# libraries. Give pip's arguments for the build that you want, for example TORCH=torch for a GPU, or
# TORCH="torch --index-url URL" with the address of PyTorch's CPU builds.
TORCH  ?= torch==2.13.0

# What `make canary` tries: the newest releases, or others, as in CANARY='langgraph==1.2.15 …'.
CANARY ?= --upgrade langchain langchain-core langgraph langsmith pytest

# How `make test` uses the cores; PARALLEL= runs the tests one after another.
PARALLEL ?= --numprocesses auto --maxprocesses 4 --dist loadfile

RUN    ?= runs/shipped
TRAIN  ?=

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCES := pyproject.toml

.PHONY: demo test lint canary format clean checkpoint

demo: $(VENV)/.installed
	$(BIN)/python examples/demo.py

# A process for each core, each with one thread for tensors; a file's tests stay in one process.
test: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --durations=25 $(PARALLEL)

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What this package uses of LangChain and LangGraph without their promise, against the newest releases
canary:
	rm -rf $(VENV)-canary
	$(PYTHON) -m venv $(VENV)-canary
	$(VENV)-canary/bin/python -m pip install --quiet --disable-pip-version-check $(CANARY)
	PYTHONPATH=. $(VENV)-canary/bin/python -m pytest --noconftest -c /dev/null --rootdir . \
	  -p no:cacheprovider tests/runtime/test_langgraph_internals.py

format: $(VENV)/.installed-lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

checkpoint: $(VENV)/.installed-train
	$(if $(DATA),,$(error DATA is missing: make checkpoint DATA=FOLDER ENCODER=FOLDER_OR_ID))
	$(if $(ENCODER),,$(error ENCODER is missing: make checkpoint DATA=FOLDER ENCODER=FOLDER_OR_ID))
	$(BIN)/lance-graph train --config examples/train_shipped.yaml \
	  --data '$(DATA)' --encoder '$(ENCODER)' --output '$(RUN)' $(TRAIN)
	$(BIN)/lance-graph calibrate '$(RUN)' --data '$(DATA)' --prevalence 0.3 \
	  --false-positive-rate 0.1 --false-positive-rate 0.05 --miss-rate 0.1
	$(BIN)/python scripts/ship_detector.py '$(RUN)'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

# pip 25.1 is the first that installs dependency groups
$(VENV)/.pip: | $(BIN)/python
	$(PIP) --upgrade 'pip>=25.1'
	touch $@

$(VENV)/.torch: | $(VENV)/.pip
	$(PIP) $(TORCH)
	touch $@

$(VENV)/.installed: $(VENV)/.torch $(SOURCES)
	$(PIP) --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(PIP) --editable . --group test
	touch $@

$(VENV)/.installed-train: $(VENV)/.installed
	$(PIP) --editable '.[train]'
	touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	$(PIP) --editable . --group lint
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-canary build dist .pytest_cache .mypy_cache .ruff_cache .langgraph_api
