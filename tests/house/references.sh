#!/usr/bin/env bash
# references.sh [-i]: see references.py.
set -u
command -v python3 >/dev/null || exit 77
exec python3 tests/house/references.py "$@"
