#!/bin/sh
# Makes the two lock files again from pyproject.toml: every version with its hashes, for every supported Python.
# Needs the program uv (pip install uv). The files name no address: packages come from wherever pip is set up to look.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate "$@"
}
compile pyproject.toml --output-file locks/run.txt
compile pyproject.toml --extra postgres --extra redis --group dev --constraint locks/run.txt --output-file locks/dev.txt
