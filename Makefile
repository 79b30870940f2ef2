# `make run` and `make test` are all that a newcomer types; both set up what they need.

PYTHON ?= python3
PORT ?= 5000
LAKE ?= .lake
SAMPLE ?= yes
MINUTES ?= 30

YES = yes Yes YES true True TRUE 1
NO = no No NO false False FALSE 0

set_up = command -v $(PYTHON) >/dev/null \
	|| { echo "orders-lake: $(PYTHON) is missing: install Python 3.11 or newer" >&2; exit 1; }; \
	$(PYTHON) local/set_up.py

.PHONY: run test test-engines bundles screenshots bench soak lint locks clean

# the pipeline and the dashboard on this machine: http://127.0.0.1:$(PORT); SAMPLE=no leaves an
# empty lake empty
run:
	$(if $(filter $(YES) $(NO),$(SAMPLE)),,$(error SAMPLE=$(SAMPLE) is neither yes nor no: \
		SAMPLE=no leaves an empty lake empty))
	@$(set_up) run
	@exec .venv/bin/python -m local serve --lake "$(LAKE)" --port "$(PORT)" \
		$(if $(filter $(NO),$(SAMPLE)),--no-sample)

# everything but the heavy engines, browser included; what Python compiled is kept for the next time
test:
	@$(set_up) test
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -m "not engine" \
		--numprocesses auto --dist loadfile --no-loadscope-reorder -o faulthandler_timeout=180 \
		--max-worker-restart 0

# the heavy engines: what they need and do not find, they fetch or build into ~/.cache/orders-lake
test-engines:
	@$(set_up) test
	.venv/bin/python -m pytest -m engine

# what the stack puts on AWS as files, below build/; `pulumi up` builds what is missing by itself
bundles:
	@$(set_up) lint
	@.venv/bin/python -m components.bundles

# the pictures in the README, of the sample lake
screenshots:
	@$(set_up) test
	.venv/bin/python -m docs.screenshots

# ratios against the usual ways; exits 1 when one is missed
bench:
	@$(set_up) lint
	@$(set_up) assets
	.venv/bin/python -m benchmarks.ingest
	.venv/bin/python -m benchmarks.memory
	.venv/bin/python -m benchmarks.through_s3
	.venv/bin/python -m benchmarks.panels
	.venv/bin/python -m benchmarks.datasette
	.venv/bin/python -m benchmarks.program

# long runs before a release, about an hour: every order of steps of two at work and of some three,
# every call to the store that may fail, 200 ingests killed, several sweeps at once, MINUTES=30 of
# fuzzing
soak:
	@$(set_up) test
	ORDERS_SOAK=1 .venv/bin/python -m pytest tests/handler/test_commit_model.py tests/handler/test_faults.py
	.venv/bin/python -m benchmarks.kills 200
	.venv/bin/python -m benchmarks.load
	.venv/bin/python -m benchmarks.fuzz $(MINUTES)

lint:
	@$(set_up) lint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/python -m mypy

# the lock files anew, after a change of a requirements/*.in; the bundles' hold to those of run
locks:
	@command -v uv >/dev/null || { echo "orders-lake: uv is missing: pip install uv" >&2; exit 1; }
	for part in run $(filter-out run,$(basename $(notdir $(wildcard requirements/*.txt)))); do \
		uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
			--no-emit-index-url --no-emit-find-links --no-annotate \
			--custom-compile-command "make locks" \
			"requirements/$$part.in" --output-file "requirements/$$part.txt" || exit 1; \
	done

# what was set up and built; a lake is left alone
clean:
	rm -rf .venv .venv-pulumi node_modules web/static/vendor build .pytest_cache .mypy_cache .ruff_cache .hypothesis
