# `make demo` and `make test` set everything up by themselves; nothing else is needed beforehand.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=  # where it is set, every process compiles every library anew: seconds each

.PHONY: demo test lint style types floors suite texts migration lock clean

.venv/.runtime: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: .venv/.runtime  ## the whole thing against an emulated Telegram, phones in the browser
	@$(BIN)/interlude demo

lint: style types floors
style: .venv/.dev
	$(BIN)/ruff check .
types: .venv/.dev
	$(BIN)/mypy
floors: .venv/.dev
	$(BIN)/lint-imports --no-cache

test: .venv/.dev  ## everything, on SQLite and on a real PostgreSQL; the types are checked while the tests run
	@$(MAKE) --no-print-directory --jobs suite lint

suite: .venv/.dev
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

texts: .venv/.dev  ## extract the texts, update and compile the French catalogue
	$(BIN)/python -m bot.locales.update

migration: .venv/.dev  ## name="why": a new migration from what the tables say; then raise HEAD in bot/db/schema.py
	$(BIN)/python -m bot.db.migrations.make "$(name)"

lock: .venv/.dev  ## pin every dependency with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header -c requirements-dev.txt pyproject.toml -o requirements.txt

clean:
	rm -rf .venv
