#!/bin/sh
# The one thing that tests need from the system: a Chromium. Installed where it may be, otherwise said in a sentence.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium && exit 0
fi

cat >&2 <<'SENTENCE'

The browser tests need Chromium, and it is not installed. Install it and run the same command again:
  Debian, Ubuntu:  sudo apt install chromium
  Fedora:          sudo dnf install chromium
  macOS:           brew install --cask chromium

SENTENCE
exit 1
