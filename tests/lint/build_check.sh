#!/bin/bash
# BUILD and .bzl files are formatted and free of what buildifier warns of; `tests/lint/build_check.sh --fix` mends the format.
fix=false
if [[ ${1-} == --fix ]]; then
  fix=true
  shift
fi
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
# shellcheck source=npm.sh
source "$lint_folder/npm.sh"
buildifier=$(npm_tool buildifier)
cd "$root"

files() { list_files '*.bazel' '*.bzl' '*.BUILD' WORKSPACE; }

if $fix; then
  files | xargs -0 -r "$buildifier" --lint=off
  exit
fi
# Bazel 4.2 has the C++ and shell rules built in: they need no load.
warnings=-native-cc-binary,-native-cc-import,-native-cc-library,-native-cc-test,-native-cc-proto,-native-py
warnings+=,-native-sh-binary,-native-sh-library,-native-sh-test,-native-package
files | { xargs -0 -r "$buildifier" --mode=check --lint=warn --warnings="$warnings" 2>&1 || true; } |
  sed -E 's/^(\S+) # reformat$/\1:1: not formatted/' |
  finish "BUILD files (format: tests/lint/build_check.sh --fix):"
