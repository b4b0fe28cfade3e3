# What a person types. Each target says what it does and installs what it needs;
# the work itself is in scripts/. `make` alone prints this list.

.DEFAULT_GOAL := help
.PHONY: help run test check bench test-sdks fuzz quality

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## Build the release binary, start it on port 41002 and send it a first request (PORT=..., ONCE=1 to end after it)
	@PORT="$(PORT)" ONCE="$(ONCE)" scripts/first-run.sh

test: ## The whole test: Rust, the newest SDKs, the examples, the layouts
	@scripts/test.sh

check: ## Before a commit: format, lints, house rules, generated files, tests of what changed
	@scripts/check.sh

bench: ## Measure against nginx and print the table of docs/performance.md (ARGS=... for its options)
	@scripts/bench.sh $(ARGS)

test-sdks: ## The previous SDK majors and further stand-ins; slow
	@scripts/test-sdks.sh

fuzz: ## Fuzz every target for SECONDS=60 each (TARGET=... for one)
	@SECONDS_EACH="$(or $(SECONDS),60)" scripts/fuzz.sh $(TARGET)

quality: ## How well the detectors find; writes docs/quality.md (DATA=folder of labelled texts)
	@scripts/quality.sh "$(DATA)" "$(PASSAGES)"
