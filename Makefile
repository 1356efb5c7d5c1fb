# Everything that people do here. `make run` and `make test` need nothing else first.
.PHONY: help setup run test test-cluster check format bench bench-cluster docs pictures cluster cluster-down clean distclean
.DEFAULT_GOAL := help
SIDES := 2
RUN := .venv/bin/python -m tools.launch

help: ## Show these
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: ## Install what is missing, for running and for testing
	@./tools/bootstrap test

run: ## Set up, start everything, run the demo's analysis, and serve until Ctrl-C
	@./tools/bootstrap run
	@exec $(RUN) up

test: setup ## Set up and run every test (ARGS="-k word" for some), two files at a time, each side with a stack of its own
	@exec .venv/bin/python -m pytest -n $(SIDES) --dist loadfile --no-loadscope-reorder $(ARGS)

test-cluster: setup ## Run what takes too long for `make test`: limits of pods, faults of a platform on them, many runs at once, policies kept and not
	@exec .venv/bin/python -m pytest tests/cluster/long $(ARGS)

check: setup ## Formats, lint, types, import contracts, policies, and that generated files are current
	@exec .venv/bin/python -m tools.check

format: setup ## Format the code
	@.venv/bin/ruff format -q . && .venv/bin/ruff check -q --fix . && .tools/bin/opa fmt --write policies
	@npm --prefix frontend run --silent format

docs: setup ## Write the generated files in docs/ anew
	@exec .venv/bin/python -m tools.check --write

bench: setup ## Print the figures of docs/performance.md (ARGS="submit policy" for some)
	@exec .venv/bin/python -m tests.bench $(ARGS)

bench-cluster: setup ## Print the figures of docs/performance.md, "On Kubernetes", from a test cluster (ARGS="claim cold" for some)
	@exec .venv/bin/python -m tests.bench.cluster $(ARGS)

pictures: setup ## Take the pictures of docs/pictures anew, of the running product
	@exec .venv/bin/python -m tests.functional.pictures

cluster: setup ## Bring up a Kubernetes cluster on this machine alone, with Bailiwick on it: var/cluster/kubeconfig and demo.json
	@exec .venv/bin/python -m tests.cluster.demo

cluster-down: ## End that cluster and leave nothing of it
	@[ ! -e var/cluster ] || { [ -x .venv/bin/python ] || ./tools/bootstrap test; exec .venv/bin/python -m tests.cluster down; }

clean: ## Remove what was made here but the state (var/) and the cache of builds
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf frontend/node_modules frontend/dist frontend/.gallery

distclean: cluster-down clean ## Remove the state too: runs, files, log, keys
	rm -rf var
