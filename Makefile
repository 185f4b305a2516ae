# Python 3.11 or newer and make are all that is assumed; every target does its own set-up in .venv.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=
PACKAGES := $(sort $(dir $(wildcard */__init__.py)))
SHIPPED := $(filter-out tests/,$(PACKAGES)) worker.py

# What one process compiled the next ones read, whatever the shell says: the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait for servers much of the time: twice as many processes as there are cores keep these at work.
TEST_PROCESSES = $(shell $(BIN)/python -c "import os; print(2 * os.cpu_count())")

.DEFAULT_GOAL := help
.PHONY: help run test check fuzz lives audit bench setup lock clean clean-data

help: ## Explain every target.
	@echo "Orderflow. Targets (make TARGET [ARGS=\"...\"]):"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
		printf '  %-12s %s\n' "$$target" "$$text"; done

run: $(VENV)/.run ## Start the whole system with sample orders moving through it. ARGS replace "--demo" of "orderflow up".
	@exec $(BIN)/orderflow up $(if $(ARGS),$(ARGS),--demo)

test: $(VENV)/.dev ## Run all tests. ARGS go to pytest: ARGS="tests/domain -x".
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.dev ## Check style, formatting, types, import contracts and dangerous calls.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --confidence-level medium --configfile pyproject.toml --recursive $(SHIPPED)

fuzz: $(VENV)/.dev ## Attack every door of the API for some minutes, as every role. ARGS="--fuzz-examples 500 --fuzz-door /v1/cases".
	@$(BIN)/python -m pytest --quiet --show-capture=no tests/fuzz --fuzz-examples 100 $(ARGS)

lives: $(VENV)/.dev ## Have orders live at random for some minutes; after each life all books must agree. ARGS="--lives 500".
	@$(BIN)/python -m pytest --quiet --show-capture=no tests/workflows/test_random_lives.py --lives 100 $(ARGS)

audit: $(VENV)/.dev ## Ask the advisories for known vulnerabilities of all pinned packages; says so when nobody answers.
	@$(BIN)/python -m dev.advisories $(ARGS)

bench: $(VENV)/.dev ## Measure orders, stock, doors, import and lists, each beside the least it could cost. ARGS="--only order".
	@$(BIN)/python -m bench $(ARGS)

setup: $(VENV)/.dev ## Only make the virtual environment, with everything development needs.

# --- set-up -------------------------------------------------------------------------------------
# All of it speaks on standard error, so that "make run ARGS='... --json'" prints nothing but JSON.

$(VENV)/.made: requirements/bootstrap.txt
	@{ set -e; \
	python=""; \
	for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python="$$candidate"; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer with its venv module is needed (on Debian: apt-get install python3-venv)."; exit 1; \
	fi; \
	echo "Set-up: virtual environment in $(VENV) with $$("$$python" --version)"; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV); \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/bootstrap.txt; \
	touch $@; } >&2

# uv installs in seconds; where only pip knows the way to the packages (an offline folder, a mirror), pip does it.
$(VENV)/.run $(VENV)/.dev: $(VENV)/.%: requirements/%.txt $(VENV)/.made pyproject.toml $(PACKAGES:%=%__init__.py)
	@{ set -e; \
	echo "Set-up: packages of requirements/$*.txt"; \
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --no-deps -r $< \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		--config-settings editable_mode=compat -e .; \
	touch $@; } >&2

# --- upkeep -------------------------------------------------------------------------------------

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

lock: $(VENV)/.made ## Choose the versions of all packages anew and write requirements/*.txt. ARGS="--upgrade" takes the newest.
	@$(COMPILE) $(ARGS) requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(COMPILE) $(ARGS) pyproject.toml --extra embedded --extra dev -o requirements/dev.txt
	@# The smaller sets take their versions from the largest, so that what was tested is what runs.
	@$(COMPILE) pyproject.toml --extra embedded --constraint requirements/dev.txt -o requirements/run.txt
	@$(COMPILE) pyproject.toml --constraint requirements/dev.txt -o requirements/production.txt

clean: ## Remove the virtual environment and all caches; orders in .orderflow stay.
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-data: ## Remove everything the embedded stack has kept: orders, logs, development secrets.
	@rm -rf .orderflow
