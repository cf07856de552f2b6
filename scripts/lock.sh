#!/bin/sh
# Makes the lock files again from pyproject.toml: every version with its hashes, for every supported Python.
# run: a small installation; large: with the drivers of PostgreSQL and Redis, and metrics; dev: what tests and checks need besides.
# Needs the program uv (pip install uv). The files name no address: packages come from wherever pip is set up to look.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate "$@"
}
compile pyproject.toml --output-file locks/run.txt
compile pyproject.toml --extra postgres --extra redis --extra metrics --constraint locks/run.txt --output-file locks/large.txt
compile pyproject.toml --extra postgres --extra redis --extra metrics --group dev --constraint locks/run.txt --output-file locks/dev.txt
