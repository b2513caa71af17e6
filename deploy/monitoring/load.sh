#!/bin/bash
# Consents and fetches of the demo's owner, again and again, so that a dashboard has something to show.
#
#   deploy/monitoring/load.sh RUN NARUCTL ROUNDS
#
# RUN is the directory of a demo that `deploy/demo.sh --keep` has left running.
set -euo pipefail
run=$1 naructl=$2 rounds=$3
scratch=$(mktemp -d "$run/secret/load.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

counter() {
  "$naructl" --config "$run/counter.textproto" --official kim-0421 --terminal desk-3 --case 2026-load "$@"
}
citizen() { "$naructl" --config "$run/citizen.textproto" "$@"; }
field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."): value = value[name]
print(value)' "$1"; }

# The code of the one message that is newer than a mark.
code_since() {
  local tries=0 file
  until file=$(find "$run/spool" -name '*.txt' -newer "$1" -exec grep -ls 인증번호 {} + | head -n 1) && [[ -n $file ]]; do
    ((++tries < 200)) || return 1
    read -rt 0.1 <> <(:) || true
  done
  grep -oE '[0-9]{6}' "$file" | head -n 1
}

for ((round = 1; round <= rounds; ++round)); do
  mkdir "$scratch/$round"
  touch "$scratch/mark"
  counter --json person lookup --resident-number-file "$run/secret/rrn" --name "$(cat "$run/secret/name")" \
    --out "$scratch/$round/ci" >/dev/null
  counter --json consent open --person-file "$run/secret/ci" --affair SMALL_BUSINESS_POLICY_FUND \
    --papers "$run/papers.textproto" >"$scratch/opened.json"
  id=$(field opened.consent.consentId <"$scratch/opened.json")
  field opened.linkToken <"$scratch/opened.json" >"$scratch/link"
  code_since "$scratch/mark" >"$scratch/code"
  text=$(citizen --json consent show --link-file "$scratch/link" | field shown.consent.textSha256 | base64 -d | xxd -p -c 64)
  citizen consent decide --link-file "$scratch/link" --code-file "$scratch/code" --text-sha256 "$text" \
    --decisions "$(seq -s, -f '%g=AGREED' 13)" >/dev/null
  counter fetch --consent-id "$id" --person-file "$run/secret/ci" --out "$scratch/$round/papers" >/dev/null
  counter fetch --consent-id "$id" --person-file "$run/secret/ci" --out "$scratch/$round/again" >/dev/null || (($? == 2))
  echo "load: round $round of $rounds"
done
