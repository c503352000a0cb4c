# The commands of this house. Each makes the environment it needs, in .venv, when it is not there or out of date.
#   make demo             the main job on this machine, without credentials; DEMO=--serve to look at it meanwhile
#   make test             the full gate
#   make check            the fast gate, for every few minutes of work
#   make bench            how fast
#   make campaign         real workers killed at every crash point and at random: SEED=1 RUNS=100 POINTS=all
#   make lock             writes requirements/ anew (UPGRADE=1: with newer versions)
#   make clean            removes what the other commands made
# PYTHON=python3.12 chooses the Python to build on.

SHELL := bash
SEED ?= 1
RUNS ?= 100
POINTS ?= all
DEMO ?=
export PYTHON
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/pycache

.DEFAULT_GOAL := check
.PHONY: demo test check bench campaign lock clean

demo:
	@scripts/environment run
	@.venv/bin/ytempire demo $(DEMO)

test:
	@scripts/gate full

check:
	@scripts/gate fast

bench:
	@scripts/environment dev
	@.venv/bin/python -m benchmarks

campaign:
	@scripts/environment dev
	@.venv/bin/python -m benchmarks.campaign --seed $(SEED) --runs $(RUNS) --points $(POINTS)

lock:
	@scripts/environment run
	@scripts/lock

clean:
	rm -rf .venv .cache
