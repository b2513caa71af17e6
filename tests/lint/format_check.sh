#!/bin/bash
# C++ is formatted as .clang-format says; `clang-format -i FILE` mends it.
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
cd "$root"

list_files '*.cc' '*.h' |
  { xargs -0 -r clang-format --style=file --dry-run 2>&1 || true; } |
  # The first place in each file is enough.
  awk -F: '/: (warning|error): / && !seen[$1]++ { print $1 ":" $2 ":" $4 ":" $5 }' |
  finish "not formatted (mend with clang-format -i):"
