#!/usr/bin/env bash
# The main job on real input: a small git repository with broken and ordinary files staged, checked, shown and repaired.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@" || code=$?; }

git -C "$work" init --quiet
cp "$here"/shop/* "$work"
cd "$work"
git add .

echo "A commit is about to be made: $(git diff --cached --name-only | tr '\n' ' ')"

code=0
step thea-hook --staged --output-format grouped
[ "$code" -eq 1 ] || { echo "the demo expected findings, but thea-hook ended with $code"; exit 1; }

step thea-hook --staged --diff
code=0
step thea-hook --staged --fix --output-format concise
step git diff --stat
step thea-hook --staged --diff --unsafe-fixes

# Three mistakes in one file: too many to be sure of, so it waits for leave.
step thea-hook --fix --unsafe-fixes --confidence 0 --select syntax --output-format concise Search.tsx
step git diff --unified=0 Search.tsx

for broken in checkout.js user.ts Search.tsx; do
  git add "$broken"
done
code=0
step thea-hook --staged --select syntax
[ "$code" -eq 0 ] || { echo "the demo expected every file to parse again"; exit 1; }
echo "Every file parses again."
