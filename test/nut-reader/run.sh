#!/usr/bin/env bash
# Converts every fixture and has the independent Python reader, written from SPEC.md alone, read the files and recompute their answers.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
find fixtures/demo fixtures/models -name model.json | sort | while read -r model; do
  node dist/src/cli/main.js convert "$model" -o "$folder/$(dirname "$model" | tr / -).nut" >/dev/null
done
.venvs/nut-reader/bin/python test/nut-reader/check.py "$folder" fixtures/releases
