#!/bin/sh
# Makes .venv with exactly what a lock file lists, and compiles the translations. Usage: scripts/setup.sh run|large|dev
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=locks/$kind.txt

fail() {
    printf '\n%s\n\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ ! -x .venv/bin/python ] || ! is_new_enough .venv/bin/python; then
    python=
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_new_enough "$name"; then
            python=$name
            break
        fi
    done
    [ -n "$python" ] || fail "Palinsesto needs Python 3.11 or newer, and none was found. Install it, or say where it is: make PYTHON=/path/to/python3 …"
    "$python" -c 'import venv, ensurepip' 2>/dev/null || fail "This Python cannot make a virtual environment: its modules venv and ensurepip are missing.
On Debian and Ubuntu this installs them:  sudo apt install python3-venv
Then run the same command again."
    rm -rf .venv
    "$python" -m venv .venv || fail "The virtual environment .venv could not be made; the lines above say why. On Debian and Ubuntu:  sudo apt install python3-venv"
fi

# What is installed is remembered by the lock's checksum, so that a second start costs nothing.
wanted=$(cksum <"$lock")
if [ "$(cat ".venv/installed-$kind" 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing what $lock lists (once; about half a minute) …"
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-input --require-hashes -r "$lock" ||
        fail "The packages could not be installed; the lines above say why. Nothing is broken: run the same command again."
    printf '%s\n' "$wanted" >".venv/installed-$kind"
    # The development lock holds everything that the runtime lock holds.
    if [ "$kind" = dev ]; then cksum <locks/run.txt >.venv/installed-run; fi
fi

.venv/bin/python -m config.catalogue locale
