# The table of contents of this project. `make` alone prints it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# Node 24 comes with the dependencies, so that any machine with Node 20 or later will do.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# What was compiled once is not compiled again: a test run starts some thousand processes.
export NODE_COMPILE_CACHE := $(CURDIR)/node_modules/.compile-cache

# Bash has a SECONDS of its own; only one that was given counts.
HISTORIES = node test-e2e/dist/histories/main.js $(if $(SECONDS),--seconds '$(SECONDS)') $(if $(SEED),--seed '$(SEED)') \
  $(if $(NEMESIS),--nemesis '$(NEMESIS)') $(if $(REPORT),--report '$(REPORT)')

IMAGE ?= aegis:0.1.0

INSTALLED := node_modules/.installed
SOURCES := $(shell find proto/aegis replica client crds monitoring charts operator agent sim bench docs test-e2e -type f \( -name '*.ts' -o -name '*.proto' -o -name 'tsconfig.json' \) -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/gen/*' 2>/dev/null)

.PHONY: help up down build test test-unit test-e2e test-timed whole-way properties lint format scripts sim sim-mutants verify verify-pairs figure agreement fuzz oracle oracle-mutants crds histories histories-mutant bench-record bench-ops real-model monitoring paper e2e e2e-full kube-up images kind-up kind-down clean

help: ## print this
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: build ## start a five-replica cluster and the agent here, ready for aegis chaos [CLUSTER=all|locks|kv] [DETACH=1]; Ctrl-C stops it
	@aegis up --allow-faults $(if $(CLUSTER),--profile $(CLUSTER)) $(if $(DETACH),--detach)

down: build ## stop the cluster [VOLUMES=1 deletes its data]
	@aegis down $(if $(VOLUMES),--volumes)

build: node_modules/.built ## install what is needed and compile

test: build lint test-unit scripts test-e2e ## everything that must hold before a commit

test-unit: build ## unit and property tests
	@mkdir -p .test
	npm run --silent test:unit -- --selectProjects replica client crds monitoring charts operator agent sim bench docs --maxWorkers=2 --json --outputFile=.test/unit.json

# Real processes are waited for most of the time, so that more of these tests go at once than there are cores.
test-e2e: build ## real processes: start, kill, pause, bad input
	@mkdir -p .test
	npm run --silent test:unit -- --selectProjects test-e2e --maxWorkers=4 --json --outputFile=.test/e2e.json

test-timed: build ## real processes whose times are measured, one after the other, on a machine with nothing else to do
	@mkdir -p .test
	npm run --silent test:unit -- --selectProjects timed --runInBand --json --outputFile=.test/timed.json

whole-way: build ## fault → incident → verified proposal → merge → better, and faults that no setting helps, on one idle machine; some 40 minutes [TRACE=name]
	@mkdir -p .test
	npm run --silent test:unit -- --selectProjects whole-way --runInBand --verbose $(if $(TRACE),--testNamePattern '^$(TRACE):') --json --outputFile=.test/whole-way.json

properties: build ## the property tests with fresh draws, over and over [ROUNDS=10]
	@for round in $$(seq $(or $(ROUNDS),10)); do \
	  export AEGIS_PROPERTY_SEED=$$((RANDOM * 32768 + RANDOM)); echo "round $$round, seed $$AEGIS_PROPERTY_SEED"; \
	  npm run --silent test:unit -- --maxWorkers=2 --silent $$(grep -rl fast-check --include='*.test.js' */dist); \
	done

scripts: build ## replay the consensus scenarios and compare
	@npm run --silent raft:script -- --check replica/src/raft/scripts/*.txt

sim: build ## simulated clusters under faults [SEEDS=n] [SEED=s] [STEPS=n|SECONDS=n] [LOADED=1] [PLAN=file] [CHAOS=trace] [RECORD=file] [WORKERS=n]
	@node sim/dist/main.js $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(STEPS),--steps $(STEPS)) \
	  $(if $(SECONDS),--seconds $(SECONDS)) $(if $(LOADED),--loaded) $(if $(PLAN),--plan $(PLAN)) $(if $(CHAOS),--chaos $(CHAOS)) $(if $(RECORD),--record '$(RECORD)') $(if $(WORKERS),--workers $(WORKERS)) $(if $(REPORT),--report '$(REPORT)')

sim-mutants: build ## break the replica in many small ways: the simulator must see each [SEEDS=n] [MUTANT=name,…] [SECONDS=n]
	@node sim/dist/mutants/main.js $(if $(SEEDS),--seeds '$(SEEDS)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(MUTANT),--mutant '$(MUTANT)') $(if $(SECONDS),--seconds '$(SECONDS)') $(if $(REPORT),--report '$(REPORT)')

verify: build ## would a patch have helped? INPUT=question.json OUTPUT=answer.json [REPORT=file] [WORKERS=n]: docs/counterfactual.md
	@node sim/dist/verify/main.js $(if $(INPUT),--input '$(INPUT)') $(if $(OUTPUT),--output '$(OUTPUT)') $(if $(REPORT),--report '$(REPORT)') $(if $(WORKERS),--workers '$(WORKERS)')

verify-pairs: build ## what the verifier says of eight traces with a patch each, three of them harmful [PAIR=name,…] [SEED=s] [REAL=DIR of recordings] [RECORD=DIR makes them: idle, some 25 minutes] [REPORT=file]
	@node sim/dist/verify/pairs/main.js $(if $(PAIR),--pair '$(PAIR)') $(if $(SEED),--seed '$(SEED)') $(if $(WORKERS),--workers '$(WORKERS)') \
	  $(if $(REAL),--real '$(REAL)') $(if $(RECORD),--record '$(RECORD)') $(if $(REPORT),--report '$(REPORT)')

figure: build ## one of the figures of docs/performance.md, measured again: NAME=million-keys, backup-under-load, … [ARGS=its arguments]
	@[ -f 'test-e2e/dist/figures/$(NAME).js' ] || { echo 'make figure needs NAME, one of those that docs/performance.md names.'; exit 2; }
	@node 'test-e2e/dist/figures/$(NAME).js' $(ARGS)

agreement: build ## what the agent says of traces that happen in a simulated world, and to real processes [RECORD=DIR makes those: idle, a minute and a half a trace] [TRACE=name,…] [SEED=s]
	@node bench/dist/consensusops/src/agreement/main.js $(if $(RECORD),--record '$(RECORD)') $(if $(TRACE),--trace '$(TRACE)') $(if $(SEED),--seed '$(SEED)')

fuzz: build ## every decoder under broken bytes [INPUTS=n a target] [SEED=s] [TARGET=name] [INPUT=number|FILE=path]
	@node replica/dist/fuzz/main.js $(if $(INPUTS),--inputs '$(INPUTS)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(TARGET),--target '$(TARGET)') $(if $(INPUT),--input '$(INPUT)') $(if $(FILE),--file '$(FILE)') \
	  $(if $(REPORT),--report '$(REPORT)')

oracle: build ## the consensus core beside etcd's, step by step; needs Go [STEPS=n SEED=s WITHOUT=a,b MUTANT=name]
	@node test-e2e/dist/oracle/main.js $(if $(STEPS),--steps '$(STEPS)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(WITHOUT),--without '$(WITHOUT)') $(if $(MUTANT),--mutant '$(MUTANT)') $(if $(REPORT),--report '$(REPORT)')

oracle-mutants: build ## break the core in many small ways: the oracle must see each; needs Go
	@node test-e2e/dist/oracle/main.js --mutants $(if $(REPORT),--report '$(REPORT)')

crds: build ## the resource definitions, held against the API server's own code; needs Go
	@node test-e2e/dist/crds/main.js $(if $(REPORT),--report '$(REPORT)')

histories: build ## real replicas under faults, judged by an independent checker; needs Go [SECONDS=60 NEMESIS=kill,pause SEED=s]
	@$(HISTORIES) $(if $(MUTANT),--mutant '$(MUTANT)')

histories-mutant: build ## replicas with one deliberate bug: the checker must see it; needs Go [MUTANT=stale-read]
	@$(HISTORIES) --mutant '$(or $(MUTANT),stale-read)'

bench-record: build ## record a set of incidents: SEED=n [COUNT=12] [CONTROLS=4] [OUT=NAME] [TRACES=DIR] [HELD_OUT=1] [ANY_NOISE=1]; root on Linux
	@node bench/dist/consensusops/src/record/main.js $(if $(SEED),--seed '$(SEED)') $(if $(COUNT),--count '$(COUNT)') \
	  $(if $(CONTROLS),--controls '$(CONTROLS)') $(if $(OUT),--out '$(OUT)') $(if $(TRACES),--traces '$(TRACES)') $(if $(HELD_OUT),--held-out) $(if $(ANY_NOISE),--any-noise)

bench-ops: build ## how well methods tell recorded incidents [SET=name,…] [JSON=1] [MODEL=settings.yaml asks a model] [SEARCH=1 chooses all methods' numbers anew on the development set]
	@node bench/dist/consensusops/src/report/main.js $(if $(SET),--set '$(SET)') $(if $(JSON),--json) $(if $(SEARCH),--search) $(if $(MODEL),--model '$(MODEL)')

real-model: build ## a small language model on this machine is asked about every incident of a set [SET=name,…] [EXCHANGES=folder]; needs npm's registry, python3 with pip
	@node test-e2e/dist/real-model/main.js $(if $(SET),--set '$(SET)') $(if $(EXCHANGES),--exchanges '$(EXCHANGES)')

monitoring: build ## dashboards and alerts against a real Prometheus and a live cluster; needs apt [PART=rules|panels|alerts FAULT=words]
	@node test-e2e/dist/monitoring/main.js $(if $(PART),--part '$(PART)') $(if $(FAULT),--fault '$(FAULT)') $(if $(REPORT),--report '$(REPORT)')

paper: build ## the paper as HTML and PDF, in docs/paper/dist; needs pandoc, and weasyprint or chromium
	@node docs/dist/paper/main.js

e2e: build ## on a real Kubernetes: that of KUBECONFIG, of kind, or one of three nodes started here as root; needs Go [CASE=words]
	@node test-e2e/dist/kubernetes/main.js $(if $(CASE),--case '$(CASE)') $(if $(REPORT),--report '$(REPORT)')

e2e-full: build ## the same with the operator killed after each of ten steps of every change, and its cost at rest over ten minutes [CASE=words]
	@AEGIS_E2E_FULL=1 node test-e2e/dist/kubernetes/main.js $(if $(CASE),--case '$(CASE)') $(if $(REPORT),--report '$(REPORT)')

kube-up: build ## start that Kubernetes and keep it until Ctrl-C; needs root and Go
	@node test-e2e/dist/kubernetes/main.js --up

images: ## build the image of operator, replica and `aegis` with Docker [IMAGE=aegis:0.1.0]
	@docker version --format 'Docker {{.Server.Version}}' || { echo 'make images needs a Docker engine that answers; without one, make kube-up and make e2e make an image by themselves.'; exit 2; }
	docker build --tag '$(IMAGE)' .

kind-up: kind-tools images ## a cluster of kind with the operator and a sample AegisCluster; needs Docker, kind, helm, kubectl
	kind get clusters | grep -qx aegis || kind create cluster --name aegis --wait 120s
	kind load docker-image '$(IMAGE)' --name aegis
	helm upgrade --install aegis charts/aegis-operator --kube-context kind-aegis --namespace aegis-system --create-namespace \
	  --set-string image.repository='$(firstword $(subst :, ,$(IMAGE)))',image.tag='$(lastword $(subst :, ,$(IMAGE)))'
	kubectl --context kind-aegis apply -f docs/examples/cluster.yaml
	kubectl --context kind-aegis wait --for=condition=Available --timeout=180s aegiscluster/locks
	kubectl --context kind-aegis get aegis

kind-down: ## delete that cluster of kind
	kind delete cluster --name aegis

.PHONY: kind-tools
kind-tools:
	@for program in docker kind helm kubectl; do command -v $$program > /dev/null || \
	  { echo "make kind-up needs $$program on the PATH. Without Docker, make kube-up starts a Kubernetes of its own (as root, on Linux)."; exit 2; }; done

lint: build ## lint and formatting
	npm run --silent lint
	npm run --silent format:check

format: $(INSTALLED) ## rewrite the formatting
	npm run --silent format

clean: ## delete what was built
	rm -rf node_modules/.built proto/gen */dist */*.tsbuildinfo .test

# Not `npm ci`: it wants the lock file to list the binaries of every platform, and not every registry carries them all.
# What the lock file does list is installed as listed, and nothing here rewrites it.
$(INSTALLED): package-lock.json
	npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

node_modules/.built: $(INSTALLED) $(SOURCES) tsconfig.json tsconfig.base.json
	npm run --silent build
	@touch $@
