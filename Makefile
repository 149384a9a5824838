# Every target installs what it needs first; a second start is fast, because scripts/install.sh keeps stamps in .venv.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python

.PHONY: help venv build watch demo test test-fast test-py test-ts test-browser soak lint format typecheck coverage lowest mutants schema eval bench docs images clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

venv: ## create or update .venv with everything for development
	@scripts/install.sh dev

build: ## build the labextension and put it into .venv, where JupyterLab finds it
	@scripts/install.sh dev --rebuild

watch: venv ## rebuild the labextension at each change (reload the page to see it)
	@scripts/watch.sh

demo: ## open JupyterLab with a notebook, the copilot, and (without an API key) a demo model
	@scripts/install.sh lab
	@.venv/bin/jupyter copilot demo $(ARGS)

test: ## lint, type checks and all tests, installing what they need
	@scripts/install.sh dev
	@$(PY) scripts/test.py

test-fast: ## the tests that need neither a browser nor patience
	@scripts/install.sh dev
	@$(PY) scripts/test.py fast ts

test-py: ## all Python tests but those in a browser
	@scripts/install.sh dev
	@$(PY) scripts/test.py py

test-ts: ## the TypeScript tests
	@scripts/install.sh dev
	@$(PY) scripts/test.py ts

test-browser: ## the tests in a real browser
	@scripts/install.sh dev
	@$(PY) scripts/test.py browser

soak: ## the tests of chance with thousands of rounds: crashes, faults, orders of arrival
	@scripts/install.sh dev
	@$(PY) scripts/test.py soak

lint: ## check style, changing nothing
	@scripts/install.sh dev
	@$(PY) scripts/test.py lint

format: ## fix what linters can fix
	@scripts/install.sh dev
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format . && scripts/npm.sh run lint

typecheck: ## mypy and tsc
	@scripts/install.sh dev
	@$(PY) scripts/test.py types

coverage: ## the fast tests, failing below the coverage that pyproject.toml asks for
	@scripts/install.sh dev --no-build
	@$(PY) scripts/test.py coverage

lowest: ## fast tests with the lowest versions of what we depend on
	@scripts/lowest.sh

mutants: ## break each important line in turn, and fail when the tests do not notice
	@scripts/install.sh dev --no-build
	@$(PY) scripts/mutants.py $(ARGS)

schema: ## generate the TypeScript protocol from the Python types
	@scripts/install.sh dev --no-build # it may not build before
	@$(PY) scripts/generate_protocol.py

eval: ## have MODEL (at OPENAI_BASE_URL, or BASE_URL) do the fourteen jobs, and print what each cost; without, the players
	@scripts/install.sh dev --no-build
	@EVAL_MODEL="$(MODEL)" $(if $(BASE_URL),OPENAI_BASE_URL="$(BASE_URL)") $(PY) -m pytest -q -s --show-capture=no tests/evals/test_jobs.py

bench: ## run the benchmarks
	@scripts/install.sh dev
	@$(PY) -m benchmarks $(ARGS)

docs: ## build the documentation into docs/_build/html
	@scripts/install.sh docs
	@.venv/bin/sphinx-build -W --keep-going -b html docs docs/_build/html

images: ## take the pictures of the documentation again
	@scripts/install.sh dev
	@source scripts/browser.sh && PYTHONPATH=. $(PY) scripts/make_images.py
	@$(PY) labextension/gallery/shoot.py docs/images/states

clean: ## remove what was built and installed
	rm -rf .venv build dist docs/_build test-results jupyter_copilot/labextension labextension/{lib,node_modules}
