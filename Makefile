# Every target sets up its own environment in .venv; only Python >= 3.11, git and make are needed.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m
# Compilation is the cost of the checks. Those that count rounding errors undo this, see properties/compilation.py.
LIGHTLY := --xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false

report test quick: export XLA_FLAGS ?= $(LIGHTLY)
# Arrays are small, and two processes with threads of their own stand in each other's way.
report test quick: export OPENBLAS_NUM_THREADS ?= 1
report test quick: export PJRT_NPROC ?= 1

.PHONY: report test quick lint format bench lock generate clean

report: .venv/installed  ## verify every claim and write build/report/index.html
	$(BIN)/thermogeometry report

test: .venv/installed  ## all tests, derandomised, on two processes
	$(RUN) pytest -m "" -n 2 --dist loadfile --hypothesis-profile ci

quick: .venv/installed  ## the run to use while working
	$(RUN) pytest -q -n auto --dist loadfile

lint: .venv/installed  ## style, types, and the floors' import order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(RUN) mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-bench  ## speed against peers, as ratios in one run
	$(RUN) pytest tests/benchmarks --benchmark-columns median,rounds --benchmark-sort min

generate: .venv/installed  ## rewrite numerics/generated
	$(RUN) numerics.fit_bessel_ratio
	$(RUN) numerics.codegen

lock: .venv/installed  ## pin the newest versions that pyproject.toml allows
	$(RUN) pip install --quiet uv
	$(RUN) uv pip compile --quiet --universal --upgrade --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 --group test --group lint pyproject.toml -o requirements.lock
	$(RUN) uv pip compile --quiet --universal --upgrade --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --python-version 3.11 --constraint requirements.lock --group bench pyproject.toml \
	  -o requirements-bench.lock

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(RUN) pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/installed-bench: .venv/installed requirements-bench.lock
	$(RUN) pip install --quiet --disable-pip-version-check --requirement requirements-bench.lock
	touch $@

clean:
	rm -rf .venv build dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .benchmarks
