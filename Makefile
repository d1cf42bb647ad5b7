# On a fresh machine with git, make and Python (venv, pip): `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= 2

.PHONY: setup setup-dev setup-spark setup-recover setup-semantic setup-ner demo test check suites long mutations bench docs lock clean

# Runtime dependencies only: what a user of tamis installs.
setup: $(VENV)/.setup
$(VENV)/.setup: pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

# What the tests and checks need besides.
setup-dev: $(VENV)/.setup-dev
$(VENV)/.setup-dev: $(VENV)/.setup requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	touch $@

setup-spark: $(VENV)/.setup-spark
$(VENV)/.setup-spark: $(VENV)/.setup-dev requirements-spark.txt
	$(PIP) install --require-hashes -r requirements-spark.txt
	touch $@

# The extra [recover]: keys out of pairs of signatures.
setup-recover: $(VENV)/.setup-recover
$(VENV)/.setup-recover: $(VENV)/.setup-dev requirements-recover.txt
	$(PIP) install --require-hashes -r requirements-recover.txt
	touch $@

# The extra [semantic]: post texts that say the same in two languages.
setup-semantic: $(VENV)/.setup-semantic
$(VENV)/.setup-semantic: $(VENV)/.setup-dev requirements-semantic.txt
	$(PIP) install --require-hashes -r requirements-semantic.txt
	touch $@

# The extra [ner]: names of people by a model that the reader brings.
setup-ner: $(VENV)/.setup-ner
$(VENV)/.setup-ner: $(VENV)/.setup-dev requirements-ner.txt
	$(PIP) install --require-hashes -r requirements-ner.txt
	touch $@

demo: setup
	$(BIN)/tamis demo

test: setup-dev
	$(BIN)/python -m pytest -n $(WORKERS)

# Everything CI asks for, but for the long suites.
check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	$(MAKE) test

# What takes minutes each: mutants of signed mail, dumps with truth, honest mail of others.
long: setup-dev
	$(BIN)/python -m pytest -n $(WORKERS) -m long -p no:cacheprovider

# Suites outside `make test`: Spark, kill and slow marks; slow ones use the other extras.
suites: setup-spark setup-recover setup-semantic setup-ner
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m 'spark or kill or slow' -p no:cacheprovider

# The mutation suite at its full size: 20,000 damaged real files through `tamis add`.
mutations: setup-dev
	TAMIS_MUTATIONS=20000 $(BIN)/python -m pytest -m slow -s tests/run/test_intake_mutations.py

bench: setup-dev
	$(PIP) install --require-hashes -r requirements-bench.txt
	$(BIN)/python benchmarks/run.py

docs: setup-dev
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) build dist src/*.egg-info
