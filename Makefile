# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test format lint types bench gallery clean

demo: $(VENV)/ready
	$(BIN)/digest build --all
	@echo
	@echo "Open build/012/email.html in a browser; build/012/email.txt is what text readers see."

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/ready
	$(BIN)/mypy

bench: $(VENV)/ready
	$(BIN)/python benchmarks/build.py

gallery: $(VENV)/ready
	$(BIN)/python docs/gallery.py

clean:
	rm -rf build dist .digest

# A bare Debian has a Python that can make no virtual environment; then its packages are asked for once.
$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "digest needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || sh .ci/venv-on-debian
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@
