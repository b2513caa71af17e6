#!/bin/bash
# Runs verify_test.py with the system's Python.
set -euo pipefail
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/verify_test.py"
