# run: the app · test: everything that must hold · nightly: proofs that take minutes · bench: figures with their bars · pictures: those of the README · lock: resolve the dependencies anew
.PHONY: run test nightly install check bench pictures lock chromium clean
.DEFAULT_GOAL := run

# The first interpreter that is recent enough; `make PYTHON=… run` names another.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	$$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null \
	&& echo $$candidate && break; done)
BIN := .venv/bin
# A file's tests stay together, since they share what is dear to make.
SIDE_BY_SIDE := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

run: install
	@$(BIN)/tributary

install: .venv/installed

# pip of the system fills the environment, so that Python's ensurepip (a package of its own on some systems) is not needed.
.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Tributary needs Python 3.11, 3.12 or 3.13; none was found."; exit 1; }
	@echo "Installing into .venv (TensorFlow is large: a few minutes the first time) …"
	@$(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PYTHON) -m pip --python .venv/bin/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: check chromium
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

nightly: install chromium
	@$(BIN)/python -m pytest -m nightly

check: install
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install chromium
	@$(BIN)/python -m tests.bench

pictures: install chromium
	@$(BIN)/python -m tests.browser.take_pictures

# The browser tests drive the system's Chromium or Chrome; where there is none, the system's package manager brings it.
chromium:
	@command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null 2>&1 \
	|| test -d "/Applications/Google Chrome.app" \
	|| { echo "Installing Chromium for the browser tests …"; \
	sudo=$$(test "$$(id -u)" = 0 || echo sudo); \
	if command -v apt-get >/dev/null; then $$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium >/dev/null; \
	elif command -v dnf >/dev/null; then $$sudo dnf install -y -q chromium; \
	elif command -v pacman >/dev/null; then $$sudo pacman -S --noconfirm --quiet chromium; \
	elif command -v brew >/dev/null; then brew install --quiet --cask google-chrome; \
	else echo "Please install Chromium or Chrome: the browser tests need it."; exit 1; fi; }

lock:
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@.venv/lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --extra test --no-header --upgrade \
	--quiet pyproject.toml -o requirements.lock

clean:
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache bench.json
