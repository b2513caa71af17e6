#!/bin/bash
# The file named holds what Bazel found of gRPC in reach of the rules: it must be empty.
set -euo pipefail
if [[ -s $1 ]]; then
  echo "consent, or the flow of a release, depends on:"
  cat "$1"
  exit 1
fi
