#!/bin/bash
# Shell scripts pass shellcheck.
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
cd "$root"

list_files | while IFS= read -r -d '' file; do
  if [[ $file == *.sh ]] || head -c 64 "$file" | grep -aqE '^#!.*/(ba)?sh'; then
    printf '%s\0' "$file"
  fi
done | { xargs -0 -r shellcheck --external-sources --source-path=SCRIPTDIR --shell=bash \
  --severity=warning --format=gcc || true; } | finish "shellcheck:"
