# The targets that people and CI use. `make help` lists them.
PYTHON ?= python
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.PHONY: dev
dev: ## Install keysift and the test tools into the current environment
	$(PYTHON) -m pip install -e '.[dev]'

.PHONY: test
test: ## Run all tests, with branch coverage
	$(PYTHON) -m pytest --cov --cov-report=term:skip-covered

.PHONY: lint
lint: ## Check style, format, types, import layers and the detectors
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	lint-imports
	$(MAKE) --jobs 2 detectors-a-m detectors-n-z
	$(PYTHON) -m keysift detectors check --validity

# Two halves, for two processors.
.PHONY: detectors-a-m detectors-n-z
detectors-a-m:
	$(PYTHON) -m keysift detectors check --detector '[!n-z]*'
detectors-n-z:
	$(PYTHON) -m keysift detectors check --detector '[n-z]*'

.PHONY: fix
fix: ## Mend what can be mended automatically
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

.PHONY: docs
docs: ## Write the generated pages
	$(PYTHON) docs/generate.py

.PHONY: docs-check
docs-check: ## Compare the generated pages with the committed ones
	$(PYTHON) docs/generate.py --check

.PHONY: site
site: ## Build the pages as a site with a search, in build/site
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

.PHONY: check
check: test lint docs-check ## Everything that CI runs
