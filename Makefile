# make run   the product with its demo, in one command         make test  everything that must hold
# make run LAN=1   the same, for the phone in the same network  make check lint and the quick tests

LINTS := lint-types lint-style lint-imports lint-dependencies lint-migrations lint-words
AGAIN := again-on-postgresql again-on-redis
.PHONY: help setup setup-dev run lint $(LINTS) check test $(AGAIN) test-real bench breaks lock
.DEFAULT_GOAL := help

PY := .venv/bin/python
PYTEST := $(PY) -m pytest -q
# Many tests wait for a process or for an hour: a third hand works meanwhile.
TOGETHER := -n 3 --dist loadfile --no-loadscope-reorder

# Each of some hundred processes would compile the house anew.
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 11

setup: ## make .venv, install the locked packages, compile the translations (LOCK=large: PostgreSQL and Redis too)
	@sh scripts/setup.sh $(or $(LOCK),run)

setup-dev:
	@sh scripts/setup.sh dev

run: setup ## start web, sandbox, clock and queue; Ctrl-C ends all of it (LAN=1, PORT=8000, SANDBOX_PORT=8001)
	@if [ -z "$$PALINSESTO_SECRET_KEY$$PALINSESTO_PUBLIC_URL$$PALINSESTO_DEBUG" ]; then \
		export PALINSESTO_DEBUG=1 PALINSESTO_DEMO=1; \
	fi; \
	exec $(PY) manage.py run $(if $(LAN),--lan) $(if $(PORT),--port $(PORT)) $(if $(SANDBOX_PORT),--sandbox-port $(SANDBOX_PORT))

lint: export PALINSESTO_DEBUG := 1
lint: setup-dev ## style, types, imports, dependencies, migrations, translations
	@$(MAKE) --no-print-directory -j 2 --output-sync=target $(LINTS)

lint-types:
	$(PY) -m mypy
lint-style:
	$(PY) -m ruff check .
lint-imports:
	.venv/bin/lint-imports
lint-dependencies:
	$(PY) -m deptry .
lint-migrations:
	$(PY) manage.py makemigrations --check --dry-run
lint-words:
	$(PYTEST) -p no:randomly tests/test_completeness_words.py

check: lint ## lint and the quick tests
	$(PYTEST) $(TOGETHER) -m "not browser and not servers and not crash and not slow"

test: setup-dev ## everything: lint, all tests, and those that lock, claim or queue again on PostgreSQL and Redis
	@sh scripts/system-packages.sh
	@$(MAKE) --no-print-directory lint
	$(PYTEST) $(TOGETHER)
	@$(MAKE) --no-print-directory -j 2 --output-sync=line $(AGAIN)

again-on-postgresql:
	$(PY) -m tests.servers --postgres $(PYTEST) $(TOGETHER) -m both_databases
again-on-redis:
	$(PY) -m tests.servers --redis $(PYTEST) -m queue

test-real: setup-dev ## what only platforms' own servers can prove: installs and starts Bluesky's (PDS, AppView) on this machine
	@sh scripts/system-packages.sh
	@sh scripts/real-servers.sh
	$(PYTEST) --timeout 300 tests/real

bench: setup-dev ## how far from the second posts go out
	for database in sqlite postgresql; do for posts in 1 500 1000; do \
		$(PY) -m benchmarks.publish_lag --posts $$posts --database $$database --json var/bench-$$database-$$posts.json || exit 1; \
	done; done
	$(PY) -m benchmarks.publish_lag --posts 500 --channels 100 --json var/bench-100-channels.json
	$(PY) -m benchmarks.publish_lag --posts 500 --beside import-and-sync --json var/bench-beside.json
	$(PY) -m benchmarks.publish_lag --posts 500 --clocks 2 --database postgresql --json var/bench-two-clocks.json
	$(PY) -m benchmarks.publish_lag --idle 60 --json var/bench-idle.json

breaks: setup-dev ## take each guard away in a scratch copy: a named test must turn red
	$(PY) -m tests.breaks.run

lock: ## make the lock files again from pyproject.toml
	@sh scripts/lock.sh
