# Parley. `make` alone lists the targets; each is one command of scripts/ with its files.
# A corpus is a folder: every target takes CORPUS=path, and what it derives goes to BUILD.
CORPUS ?= seeds
# Two corpora of one name in different places get different folders: the number is of the whole path.
BUILD ?= $(if $(filter $(abspath seeds),$(abspath $(CORPUS))),build,build/corpora/$(notdir \
  $(abspath $(CORPUS)))-$(shell printf %s '$(abspath $(CORPUS))' | cksum | cut -d ' ' -f 1))
PYTHON ?= python3

VENV := .venv
SERVER := .venv-label-studio
PY := $(VENV)/bin/python -P
UV := $(VENV)/bin/uv
SCRIPT = $(PY) scripts/$(1).py

# Folders too: a file that is gone counts. Reading the test part is logged in the corpus, and changes
# neither dataset nor model.
CORPUS_FILES = $(shell find $(CORPUS) -mindepth 1 \( -type d -o -type f -not -name '.*' \
  -not -name EVALUATIONS.jsonl \) 2>/dev/null)
CORPUS_CODE := $(shell find corpus -name '*.py') scripts/build_dataset.py
MODEL_CODE := $(shell find model -name '*.py') scripts/train_model.py
DATASET := $(BUILD)/dataset/manifest.json
MODEL := $(BUILD)/model/bundle.json

ifneq ($(words $(CORPUS)),1)
$(error CORPUS=$(CORPUS) has a space; make needs a path without one)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help new-corpus article sentences batch tasks annotations codings corpus-check agreement \
	splits dataset label-studio doctor sync predictions backend migrate adjudicate progress feedback \
	train evaluate audit curve label-errors classify test check bench soak lock clean

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@printf '\nEvery target takes CORPUS=path (default: seeds). Start with: make train\n'

##@ Corpus
new-corpus: $(VENV)/.base ## an empty corpus folder: CORPUS=path
	$(if $(filter seeds,$(CORPUS)),$(error name the new folder: make new-corpus CORPUS=path))
	$(call SCRIPT,new_corpus) $(CORPUS)

article: $(VENV)/.base ## add an article: FILE=report.txt [ARGS='--title ...']
	$(call SCRIPT,add_article) --corpus $(CORPUS) $(call need,FILE) $(ARGS)

sentences: $(VENV)/.base ## split new articles and freeze their sentences
	$(call SCRIPT,split_sentences) --corpus $(CORPUS)

batch: $(VENV)/.base ## freeze a batch: NAME=b001 ANNOTATORS='ann-a ann-b' [KIND=pilot SIZE=100 ARGS='--shared 0.1']
	$(call SCRIPT,make_batch) $(call need,NAME) --corpus $(CORPUS) --annotators $(call need,ANNOTATORS) \
	  $(if $(KIND),--kind $(KIND)) $(if $(SIZE),--size $(SIZE)) $(if $(ARTICLES),--articles $(ARTICLES)) $(ARGS)

tasks: $(VENV)/.base ## offline door out: tasks to import in Label Studio: BATCH=b001
	$(call SCRIPT,export_tasks) $(call need,BATCH) --corpus $(CORPUS) --out $(BUILD)/tasks

annotations: $(VENV)/.base ## offline door in: a JSON export of Label Studio: EXPORT=file.json
	$(call SCRIPT,import_annotations) $(call need,EXPORT) --corpus $(CORPUS)

codings: $(VENV)/.base ## codings from CSV, Excel or another Label Studio project: FILE=codes.xlsx (or PROJECT=12) MAPPING=mapping.toml BATCH=old1 [ARGS=--dry-run]
	$(call SCRIPT,import_codings) $(if $(PROJECT),--project $(PROJECT),$(call need,FILE)) --corpus $(CORPUS) \
	  $(if $(MAPPING),--mapping $(MAPPING)) $(if $(BATCH),--batch $(BATCH)) $(ARGS)

corpus-check: $(VENV)/.base ## does the corpus folder hold together?
	$(call SCRIPT,check_corpus) --corpus $(CORPUS)

agreement: $(VENV)/.base ## inter-annotator agreement, and what is disputed: [ARGS='--format latex']
	$(call SCRIPT,measure_agreement) --corpus $(CORPUS) \
	  $(if $(wildcard $(BUILD)/model/report.json),--model-report $(BUILD)/model/report.json) $(ARGS)

splits: $(VENV)/.base ## give new articles a part; processes and near-duplicates never straddle
	$(call SCRIPT,assign_splits) --corpus $(CORPUS)

dataset: $(DATASET) ## build the Hugging Face dataset from the annotations
	@echo "$(BUILD)/dataset is up to date. Next: make train$(GIVEN)"

$(DATASET): $(CORPUS_FILES) $(CORPUS_CODE) requirements/base.lock | $(VENV)/.base
	$(call SCRIPT,build_dataset) --corpus $(CORPUS) --out $(BUILD)/dataset

##@ Label Studio
label-studio: $(VENV)/.sdk $(SERVER)/.ready ## start a server here with every batch ready to label
	$(call SCRIPT,run_label_studio) --corpus $(CORPUS) $(ARGS)

doctor: $(VENV)/.sdk ## is everything ready to label? each line says ok, or what to do
	$(call SCRIPT,check_label_studio) --corpus $(CORPUS) $(ARGS)

sync: $(VENV)/.sdk ## push what is missing, pull what is new: [BATCH=b001]
	$(call SCRIPT,sync_label_studio) --corpus $(CORPUS) $(if $(BATCH),--batch $(BATCH)) $(ARGS)

predictions: $(VENV)/.sdk $(MODEL) ## preselect the model's answers in a batch that may show them: BATCH=b002
	$(call SCRIPT,push_predictions) $(call need,BATCH) --corpus $(CORPUS) --model $(BUILD)/model $(ARGS)

backend: $(VENV)/.sdk $(MODEL) ## answer Label Studio live with the current model: [BATCH=b002 ARGS='--port 9090']
	$(call SCRIPT,serve_backend) --corpus $(CORPUS) --model $(BUILD)/model $(if $(BATCH),--connect $(BATCH)) $(ARGS)

migrate: $(VENV)/.sdk ## a new codebook version: check, rename and re-queue, here and on the server [ARGS=--dry-run]
	$(call SCRIPT,migrate_codebook) --corpus $(CORPUS) $(ARGS)

adjudicate: $(VENV)/.sdk ## disputed sentences to an adjudicator, decisions back: ADJUDICATOR=adj-a
	$(call SCRIPT,adjudicate_label_studio) --adjudicator $(call need,ADJUDICATOR) --corpus $(CORPUS) $(ARGS)

progress: $(VENV)/.base ## who is how far, week by week, and still codes as agreed [ARGS='--format json']
	$(call SCRIPT,show_progress) --corpus $(CORPUS) $(ARGS)

feedback: $(VENV)/.base ## what annotators of a training batch took otherwise than agreed, and why: BATCH=t1
	$(call SCRIPT,give_feedback) $(call need,BATCH) --corpus $(CORPUS) $(ARGS)

##@ Model
train: $(MODEL) ## dataset, cross-validation and model from the corpus, without any server
	@echo "$(BUILD)/model is ready. Next: make classify$(GIVEN) FILE=$(firstword $(wildcard $(CORPUS)/articles/*.txt))"

$(MODEL): $(DATASET) $(MODEL_CODE) | $(VENV)/.base
	$(call SCRIPT,train_model) --dataset $(BUILD)/dataset --out $(BUILD)/model

evaluate: $(MODEL) ## score the model on the held-out test part, once; logged in CORPUS/EVALUATIONS.jsonl, with a page: [ARGS=--slices]
	$(call SCRIPT,evaluate_model) --corpus $(CORPUS) --dataset $(BUILD)/dataset --model $(BUILD)/model \
	  --audit $(BUILD)/audit/report.json --curve $(BUILD)/curve/report.json \
	  --out $(BUILD)/evaluation/report.json $(ARGS)

audit: $(DATASET) ## does who is named decide the stance? on the train part: [ARGS='--top 30']
	$(call SCRIPT,audit_actors) --corpus $(CORPUS) --dataset $(BUILD)/dataset --out $(BUILD)/audit/report.json $(ARGS)

curve: $(DATASET) ## what would more labels give? a learning curve on the train part: [ARGS='--points 5']
	$(call SCRIPT,measure_curve) --dataset $(BUILD)/dataset --out $(BUILD)/curve/report.json $(ARGS)

label-errors: $(DATASET) ## labels that look wrong, the worst first; NAME makes a review batch: [SIZE=30 NAME=r1 ANNOTATORS='ann-c']
	$(call SCRIPT,find_label_errors) --corpus $(CORPUS) --dataset $(BUILD)/dataset $(if $(SIZE),--size $(SIZE)) \
	  $(if $(NAME),--batch $(NAME) --annotators $(call need,ANNOTATORS)) $(ARGS)

classify: $(VENV)/.base ## classify reports: FILE=report.txt [ARGS='--format csv']
	$(call SCRIPT,classify) $(call need,FILE) --model $(BUILD)/model $(ARGS)

##@ Work
test: $(VENV)/.dev $(SERVER)/.ready $(VENV)/.browser ## every test circle; says which one could not run
	$(PY) -m pytest $(ARGS)

check: $(VENV)/.dev ## style, types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(VENV)/.dev $(SERVER)/.ready ## Label Studio at 1k, 5k, 20k: seconds, requests, memory [ARGS='--sizes 1000 --runs 1']
	$(PY) tests/bench/bench_label_studio.py $(ARGS)

soak: $(VENV)/.dev $(SERVER)/.ready ## hundreds of random faults of a sync, each mended [ARGS='--rounds 300 --seed 1']
	$(PY) tests/soak/soak_label_studio.py $(ARGS)

lock: $(VENV)/.dev ## renew requirements/*.lock
	$(COMPILE) --override requirements/overrides.txt --extra train --extra label-studio --extra service --extra test \
	  pyproject.toml requirements/build.in -o requirements/dev.lock
	$(COMPILE) --override requirements/overrides.txt -c requirements/dev.lock --extra train --extra label-studio --extra service \
	  pyproject.toml requirements/build.in -o requirements/sdk.lock
	$(COMPILE) -c requirements/dev.lock --extra train pyproject.toml requirements/build.in -o requirements/base.lock
	$(COMPILE) requirements/label-studio.in -o requirements/label-studio.lock
	$(COMPILE) requirements/uv.in -o requirements/uv.lock
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-annotate --custom-compile-command 'make lock'

clean: ## delete what is derived (build/); nothing made by a person is lost
	rm -rf build

GIVEN = $(if $(filter seeds,$(CORPUS)),, CORPUS=$(CORPUS))
need = $(or $($(1)),$(error $(1) is missing; `make` shows an example))

# --- environments ----------------------------------------------------------------------------
INSTALL = $(UV) pip install --quiet --no-deps --require-hashes

$(UV): requirements/uv.lock
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). Debian, Ubuntu: sudo apt install python3 python3-venv. macOS: brew install python@3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is `$(PYTHON) -V`; Parley needs Python 3.11 or later. Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module. Debian, Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock
	@touch $@

# Each environment holds the one before it: base (train, classify), sdk (Label Studio), dev (tests).
$(VENV)/.base: $(UV) requirements/base.lock pyproject.toml
	@echo "Installing what training and classifying need ..."
	@$(INSTALL) -p $(VENV) -r requirements/base.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation -p $(VENV) -e .
	@touch $@

$(VENV)/.sdk: $(VENV)/.base requirements/sdk.lock
	@echo "Installing the Label Studio SDK ..."
	@$(INSTALL) -p $(VENV) -r requirements/sdk.lock
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.lock
	@echo "Installing what the tests need ..."
	@$(INSTALL) -p $(VENV) -r requirements/dev.lock
	@touch $@

$(VENV)/.browser: $(VENV)/.dev
	@for name in $$CHROMIUM chromium chromium-browser google-chrome; do \
	  command -v $$name >/dev/null && { touch $@; exit 0; }; done; \
	echo "Installing a browser for the tests ..."; \
	timeout 300 $(VENV)/bin/playwright install chromium-headless-shell >/dev/null 2>&1 && touch $@ || \
	echo "There is no browser: the browser circle will not run. Debian: sudo apt install chromium"

$(SERVER)/.ready: $(UV) requirements/label-studio.lock
	@echo "Installing a Label Studio server into $(SERVER) (once) ..."
	@$(UV) venv --quiet --clear -p $(VENV)/bin/python $(SERVER)
	@$(INSTALL) -p $(SERVER) -r requirements/label-studio.lock
	@touch $@
