#!/bin/bash
# Every public RPC, called over mutual TLS by Python's grpcio, @grpc/grpc-js and buf curl: see calls.py.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=site.sh
source "$root/tests/foreign/site.sh"
here=$root/tests/foreign

# Installs what package-lock.json names, and nothing else, where that was not done yet. No package's scripts run.
install_node_modules() (
  flock 9
  if ! cmp -s "$here/package-lock.json" "$here/node_modules/.installed"; then
    npm ci --prefix "$here" --ignore-scripts --no-audit --no-fund --loglevel=error
    cp "$here/package-lock.json" "$here/node_modules/.installed"
  fi
) 9>"${TMPDIR:-/tmp}/naru-foreign-npm.$UID.lock"

install_node_modules
build_programs
# The notifier is one of the clients here.
start_notifier() { :; }
open_site
install_python_package
# The program itself: what npm puts into .bin starts a Node.js first, for each call.
buf=$(echo "$here"/node_modules/@bufbuild/buf-linux-*/bin/buf)
(cd "$root" && "$buf" build proto -o "$run/image.binpb")
export NARU_DEMO_RRN NARU_DEMO_NAME
/usr/bin/python3 "$here/calls.py" --run "$run" --python "$run/python" --protos "$root/proto" --image "$run/image.binpb" \
  --buf "$buf"
