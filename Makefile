# Two commands: `make demo` shows a hall, `make test` proves it. Everything lands in .venv; nothing else is touched.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Many tests wait for a process or a browser, so more of them than there are cores run side by side.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)

.PHONY: setup demo test check format lock clean

setup: .venv/.ready

.venv/.ready: requirements.lock tests/typings/requirements.lock pyproject.toml
	@echo "setting up .venv (about 100 MB from PyPI, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .venv/typings \
	    --require-hashes --requirement tests/typings/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(BIN)/jiaohao demo $(ARGS)

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/basedpyright
	$(BIN)/basedpyright --project firmware/pyrightconfig.json

# The checks and all tests. As root it first installs the Debian packages that the edge tests need
# (a second broker, a browser, fonts); otherwise it says which are missing.
test: setup
	@tests/setup.sh
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

format: setup
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock:
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --all-extras \
	    pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	    tests/typings/requirements.in --output-file tests/typings/requirements.lock

clean:
	rm -rf .venv build dist
