# `make` alone lists what can be done here.

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test lint types format pretrain bench-tracker bench-checkpoint bench-look-here bench-effort bench-auto bench-faults bench-scale bench-export clean static-checks types-check frontend-checks bench-verify fit-preverifier bench-preverifier docs house coverage pictures

PY := .venv/bin/python
SETUP := $(PY) -m deploy.local.setup
NPM := $(SETUP) npm

# Django's commands that touch no server still read their addresses.
NO_SERVERS := SECRET_KEY=none DATABASE_URL=postgres://127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0
MANAGE := $(NO_SERVERS) DJANGO_SETTINGS_MODULE=engine.settings.testing $(PY) -W ignore manage.py

SCHEMA := frontend/schema.yaml
SOURCES := $(shell find frontend -type d \( -name node_modules -o -name dist \) -prune -o \
	-type f ! -name '*.tsbuildinfo' -print 2>/dev/null)

help: ## Tell what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

demo: .venv/ok frontend/dist/index.html ## Set up and start everything; VIDEO=path brings in a video, CHECKPOINT=name another SAM 2
	@$(PY) -m deploy.local demo $(if $(VIDEO),--video "$(VIDEO)") $(if $(CHECKPOINT),--checkpoint "$(CHECKPOINT)")

demo-reset: .venv/ok ## Remove the demo's data after asking (YES=1 does not ask)
	@$(PY) -m deploy.local reset

ifdef T
test: .venv/ok-dev frontend/dist/index.html
else
test: static-checks types-check frontend-checks
endif
test: ## Check everything; T=path runs those Python tests alone
	@$(PY) -m pytest $(T)

coverage: .venv/ok-dev ## How many lines the Python tests reach, the least covered files last (T=path: those tests alone)
	@$(PY) -m pytest --cov --cov-report=term:skip-covered $(T)

lint: static-checks frontend/node_modules/.ok ## Look for mistakes without running anything
	@$(NPM) run lint

types: .venv/ok-dev frontend/node_modules/.ok ## Write the API's schema and its TypeScript types anew
	@$(MANAGE) spectacular --file $(SCHEMA) --validate --fail-on-warn
	@$(NPM) run types

format: .venv/ok-dev frontend/node_modules/.ok ## Put the code into its usual shape
	@$(PY) -m ruff check --fix-only .
	@$(PY) -m ruff format .
	@$(NPM) run format

pretrain: .venv/ok-dev ## Train the small SAM 2 that comes with Maskloop (hours); docs/training.md has START, FROM, SPRITES, PHOTOGRAPHS, GPU_MINUTES
	@$(PY) -m worker.sam2.training --out .maskloop/pretrain $(if $(START),--start "$(START)") \
		$(if $(FROM),--from "$(FROM)") $(if $(SPRITES),--sprites "$(SPRITES)") \
		$(if $(PHOTOGRAPHS),--photographs "$(PHOTOGRAPHS)") $(if $(GPU_MINUTES)$(MINUTES),--minutes "$(or $(GPU_MINUTES),$(MINUTES))") \
		$(if $(CALIBRATE),--calibrate)

bench-tracker: .venv/ok-dev ## How quick the tracker is beside transformers' own (minutes); QUICK=1 for a look
	@$(PY) -m benchmarks.bench_tracker $(if $(QUICK),--quick)

# Pictures that training takes none of, to be seen in the benchmark alone.
PICTURES := .maskloop/scikit-image-0.26.0

$(PICTURES):
	@$(PY) -m pip install -q --no-deps --target $@ scikit-image==0.26.0

bench-checkpoint: .venv/ok-dev $(PICTURES) ## What the bundled SAM 2 can do, and what fine-tuning gains (half an hour); CHECKPOINT=another
	@$(PY) -m benchmarks.bench_checkpoint --photographs $(PICTURES)/skimage/data $(if $(CHECKPOINT),--checkpoint "$(CHECKPOINT)")

bench-look-here: .venv/ok-dev ## How well look here finds wrong masks (minutes); FIT=1 fits it anew, CORRECT=12 corrects objects
	@$(PY) -m benchmarks.bench_look_here $(if $(FIT),--fit) $(if $(CORRECT),--correct $(CORRECT))

fit-preverifier: .venv/ok-dev ## Fit what looks at submitted masklets anew on rendered footage (a quarter of an hour); QUICK=1 for a look
	@$(PY) -m worker.preverifier.fit $(if $(QUICK),--quick)

bench-preverifier: .venv/ok-dev ## How well the pre-verifier finds wrong masklets, and what it saves (a quarter of an hour); QUICK=1 for a look
	@$(PY) -m benchmarks.verify.preverifier $(if $(QUICK),--quick)

bench-effort: .venv/ok-dev ## What annotating costs in each phase: simulated people on the real stack (half an hour); QUICK=1 for a look
	@$(PY) -m benchmarks.bench_effort $(if $(QUICK),--quick) $(if $(CHECKPOINT),--checkpoint "$(CHECKPOINT)")

loop: .venv/ok-dev ## The data engine by itself, three rounds on a new look (an hour); goes on after a kill, ANEW=1 begins again, QUICK=1 for a look
	@$(PY) -m benchmarks.bench_loop $(if $(QUICK),--quick) $(if $(ANEW),--anew) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-auto: .venv/ok-dev ## What automatic masklets find and save (a quarter of an hour); QUICK=1 for a look, CHECKPOINT=another
	@$(PY) -m benchmarks.bench_auto $(if $(QUICK),--quick) $(if $(CHECKPOINT),--checkpoint "$(CHECKPOINT)")

bench-faults: .venv/ok-dev ## What is lost when processes are killed and hung, disks full, messages lost (a quarter of an hour); QUICK=1 for a look
	@$(PY) -m benchmarks.bench_faults $(if $(QUICK),--quick)

docs: .venv/ok-dev ## Build the documentation as a site in .maskloop/docs, and hold its pages to one another
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict -q
	@echo ".maskloop/docs/index.html"

pictures: .venv/ok-dev frontend/dist/index.html ## Take the pictures of the pages in docs/pictures anew, of a demo of their own (minutes)
	@$(PY) -m tests.browser.pictures

house: .venv/ok-dev ## How the house stands: lengths, circles, tests, docstrings; fails beyond its bounds
	@$(PY) -m benchmarks.house

bench-scale: .venv/ok-dev ## How quick pages and queues are at SA-V's size (half an hour); SCALE=0.1 for a look
	@$(PY) -m benchmarks.bench_scale --scale $(or $(SCALE),1)

bench-export: .venv/ok-dev ## How quick, small and sure an export is, what formats keep, whether splits leak (half an hour); QUICK=1 for a look
	@$(PY) -m benchmarks.bench_export $(if $(QUICK),--quick)

bench-verify: .venv/ok-dev frontend/dist/index.html ## Twenty simulated reviewers, known answers, claims, the page; QUICK=1 for a look
	@$(PY) -m benchmarks.bench_verify $(if $(QUICK),--quick)

clean: ## Remove everything that make has built (not the demo's data)
	rm -rf .venv frontend/node_modules frontend/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# What the targets above stand on.

static-checks: .venv/ok-dev
	@$(PY) -m ruff check .
	@$(NO_SERVERS) $(PY) -m mypy
	@.venv/bin/lint-imports
	@$(MANAGE) makemigrations --check --dry-run

types-check: .venv/ok-dev frontend/node_modules/.ok
	@$(MANAGE) spectacular --file frontend/node_modules/.schema.yaml --validate --fail-on-warn
	@cmp -s frontend/node_modules/.schema.yaml $(SCHEMA) || \
		{ echo "$(SCHEMA) is not what the code says: run make types and commit what changes."; exit 1; }
	@$(NPM) run types -- --check

frontend-checks: frontend/dist/index.html
	@$(NPM) run lint
	@$(NPM) run test

.venv/ok: requirements.lock requirements-torch.txt
	@python=$$(sh deploy/local/python.sh) && "$$python" -m deploy.local.setup venv requirements.lock ok

.venv/ok-dev: requirements-dev.lock requirements-torch.txt
	@python=$$(sh deploy/local/python.sh) && "$$python" -m deploy.local.setup venv requirements-dev.lock ok ok-dev

frontend/node_modules/.ok: frontend/package.json frontend/package-lock.json | .venv/ok
	@$(SETUP) npm-install

frontend/dist/index.html: frontend/node_modules/.ok $(SOURCES)
	@$(SETUP) npm-build
