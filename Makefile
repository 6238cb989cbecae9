# Everything a newcomer needs: `make demo`, `make test`. Needs only Python 3.11+ (and make).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
READY := $(VENV)/.ready
SITE := $(VENV)/.site
LANG_OF_MAP ?= vi

.PHONY: demo test bench docs lint format types lock clean

demo: $(RUNTIME)
	$(BIN)/phusong run urban --lang $(LANG_OF_MAP)

test: $(READY)
	$(BIN)/python -m pytest

# The site, with its examples run: build/docs/html/index.html.
docs: $(SITE)
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d build/docs/doctrees docs build/docs/html
	@echo build/docs/html/index.html

bench: $(READY)
	$(BIN)/python -m benchmarks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# mypy reads the package as it is installed: the source tree's folders are mapped on install.
types: $(READY)
	rm -rf build/types && $(BIN)/python -m pip install --quiet --no-deps --target build/types .
	cd build/types && ../../$(BIN)/python -m mypy --config-file ../../pyproject.toml -p phusong

# Every pin with the digests of its files, for all systems; asks the package index, so it takes minutes.
lock: $(READY)
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet pip-tools
	{ grep -v '^#' constraints.txt; echo colorama; echo 'setuptools>=77'; } > $(VENV)/lock/pins.in
	$(VENV)/lock/bin/pip-compile --quiet --generate-hashes --no-emit-options --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --no-strip-extras \
	  --allow-unsafe --output-file requirements.lock $(VENV)/lock/pins.in

clean:
	rm -rf $(VENV) build dist out docs/gallery docs/reference

$(RUNTIME): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "phusong needs Python 3.11 or newer; say which: make demo PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(READY): $(RUNTIME)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[test,dev]'
	@touch $@

$(SITE): $(RUNTIME)
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	@touch $@
