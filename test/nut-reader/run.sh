#!/usr/bin/env bash
# Converts every fixture and has the independent Python reader, written from SPEC.md alone, read the files and recompute their answers.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node test/nut-reader/convert.mjs "$folder"
.venvs/nut-reader/bin/python test/nut-reader/check.py "$folder" fixtures/releases
