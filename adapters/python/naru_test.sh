#!/bin/bash
# Runs the package's unit tests with the system's Python; the messages are generated from the protos.
#
#   naru_test.sh [TEST...]     names as unittest takes them, such as mismatch_test
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
/usr/bin/python3 -B "$here/generate.py" "$scratch" --proto-path "$here/../../proto"
cp -L "$here"/naru/*.py "$scratch/naru/"
cd "$here/tests"
tests=("$@")
((${#tests[@]} > 0)) || tests=(*_test.py)
PYTHONPATH=$scratch:$here/tests /usr/bin/python3 -B -W error::ResourceWarning -m unittest "${tests[@]%.py}"
