#!/bin/bash
# The protos are styled and commented as buf's STANDARD and COMMENTS have it, and what was released is not broken: every field
# keeps its number, name and type, every RPC, message and value its place.
#
# "Released" is tests/lint/protos_released.binpb, an image of the protos as buf builds it. A release renews it:
#   tests/lint/proto_check.sh --accept
# Until the first release it is the last state that an incompatible change was meant from; such a change renews it in the same
# commit, where a reviewer sees it. It is a file and no git tag, so that a shallow clone has it too.
accept=false
if [[ ${1-} == --accept ]]; then
  accept=true
  shift
fi
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
# shellcheck source=npm.sh
source "$lint_folder/npm.sh"
buf=$(npm_tool buf)
cd "$root"
released=tests/lint/protos_released.binpb
config=$lint_folder/buf.yaml

if $accept; then
  "$buf" build --config "$config" --exclude-source-info -o "$released"
  exit
fi
{
  # 100: there are findings. Anything else that is not 0 is a finding too.
  "$buf" lint --config "$config" 2>&1 || (($? == 100)) || echo "proto:1: buf lint failed"
  if [[ -e $released ]]; then
    "$buf" breaking --config "$config" --against "$released" 2>&1 || (($? == 100)) ||
      echo "proto:1: buf breaking failed"
  fi
} | finish "protos (buf; a change that is meant to be incompatible: proto_check.sh --accept):"
