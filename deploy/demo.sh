#!/bin/bash
# Shows Naru's main job: thirteen papers from seven holders reach the agency that handles a small-business owner's fund
# application, from consent to verified delivery, and the owner takes the consent back. Installs what is missing, builds, and
# runs everything as separate processes with separate certificates. All people and papers are synthetic.
#
#   deploy/demo.sh            run, and clean up
#   deploy/demo.sh --keep     leave everything running until Ctrl-C, with Prometheus; prints addresses and what to try next
#
# BAZEL is the command to run instead of bazel. NARU_DEMO_PEOPLE is how many people to invent (default 10000).

set -euo pipefail
shopt -s inherit_errexit

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$root/deploy/demo.sh"; }
keep=false
case "${1-}" in
  "") ;;
  --keep) keep=true ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
cd "$root"
# shellcheck source=deploy/demo_processes.sh
source "$root/deploy/demo_processes.sh"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# --- Build ---
deploy/install.sh
read -ra bazel <<<"${BAZEL:-bazel}"
echo "demo: building (a few minutes the first time)"
"${bazel[@]}" build --noshow_progress //broker:naru-broker //adapters/holder:naru-holder \
  //adapters/resolver:naru-resolver //adapters/notify:naru-notify //adapters/cli:naructl \
  //deploy/idp:naru-idp-dev //deploy/people:naru-people
bin=$("${bazel[@]}" info --noshow_progress bazel-bin 2>/dev/null)

run=$(mktemp -d "${TMPDIR:-/tmp}/naru-demo.XXXXXX")
mkdir -p "$run"/{log,pid,spool,papers,secret}
SECONDS=0
ended() {
  local status=$?
  stop_all
  ((status == 0)) || echo "demo: failed; logs are in $run/log" >&2
}
trap ended EXIT

say "1. 사람과 기관을 만듭니다 / Inventing people and agencies"
"$bin/deploy/people/naru-people" --out "$run/people" --count "${NARU_DEMO_PEOPLE:-10000}" 2>"$run/log/people.log"
# shellcheck source=/dev/null
source "$run/people/demo_case.env"
deploy/make_pki.sh "$run/pki" 2>/dev/null
broker=$(free_address)
resolver=$(free_address)
start_holders
write_catalogue
start_resolver
start_broker
address_of broker >/dev/null
address_of resolver >/dev/null
start_notifier
if $keep; then start_prometheus; fi
cat "$run/log/broker.log"
write_client counter urn:naru:B553077:counter
write_client citizen urn:naru:1741999:citizen
echo "demo: 7 holders, resolver, broker and notifier run, each with its own certificate"

case_number=2026-소상공인-000123
counter() {
  "$bin/adapters/cli/naructl" --config "$run/counter.textproto" --official kim-0421 --terminal desk-3 \
    --case "$case_number" "$@"
}
citizen() { "$bin/adapters/cli/naructl" --config "$run/citizen.textproto" "$@"; }
json_field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."): value = value[name]
print(value)' "$1"; }
# An assertion of the development identity provider about the demo's owner.
assert_identity() {
  "$bin/deploy/idp/naru-idp-dev" --development --key "$run/pki/idp/key.pem" --key-id idp-dev-1 \
    --issuer https://idp.naru.example/development --audience naru --ci-file "$run/secret/ci" "$@" \
    2>>"$run/log/idp.log"
}
# Waits for the newest message in the spool whose text has the words, and prints it.
message_with() {
  local tries=0 file
  while ((++tries < 100)); do
    file=$(grep -ls "$1" "$run"/spool/*.txt 2>/dev/null | tail -n 1) || true
    [[ -z $file ]] || break
    read -rt 0.1 <> <(:) || true
  done
  [[ -n $file ]] || { echo "demo: no message came" >&2; return 1; }
  cat "$file"
}

# Waits until the public ledger, which is written once a second, has every entry the papers' receipts rest on.
wait_for_public_ledger() {
  local tries=0 needed
  needed=$(sed -n 's/.*"treeSize": *"\{0,1\}\([0-9]*\).*/\1/p; s/.*"tree_size": *"\{0,1\}\([0-9]*\).*/\1/p' \
    "$run"/papers/*.receipt.json | sort -n | tail -n 1)
  until (($(sed -n 2p "$run/broker-data/public/0/checkpoint") >= needed)); do
    ((++tries < 100)) || { echo "demo: the public ledger does not grow" >&2; return 1; }
    read -rt 0.1 <> <(:) || true
  done
}

say "2. 창구: 신분증을 확인합니다 / Counter: the civil servant checks the owner's ID"
printf '%s' "$NARU_DEMO_RRN" >"$run/secret/rrn"
printf '%s' "$NARU_DEMO_NAME" >"$run/secret/name"
counter person lookup --resident-number-file "$run/secret/rrn" --name "$NARU_DEMO_NAME" --out "$run/secret/ci"

say "3. 창구: 사전동의가 있는지 봅니다 / Counter: is there a prior consent?"
counter consent check --person-file "$run/secret/ci" --affair SMALL_BUSINESS_POLICY_FUND || (($? == 2))

say "4. 창구: 13종에 대한 동의를 요청합니다 / Counter: asks for a consent to 13 papers"
cat >"$run/papers.textproto" <<PAPERS
papers { paper_id: 1 kind: "RESIDENT_REGISTER_FULL" }
papers { paper_id: 2 kind: "RESIDENT_REGISTER_ABSTRACT" }
papers { paper_id: 3 kind: "BUSINESS_REGISTRATION" subject { type: SUBJECT_TYPE_BUSINESS number: "$NARU_DEMO_BUSINESS_1_NO" } }
papers { paper_id: 4 kind: "VAT_BASE" subject { type: SUBJECT_TYPE_BUSINESS number: "$NARU_DEMO_BUSINESS_1_NO" } }
papers { paper_id: 5 kind: "STANDARD_FINANCIAL_STATEMENT" subject { type: SUBJECT_TYPE_BUSINESS number: "$NARU_DEMO_BUSINESS_1_NO" } }
papers { paper_id: 6 kind: "INCOME_AMOUNT" }
papers { paper_id: 7 kind: "NATIONAL_TAX_CLEARANCE" }
papers { paper_id: 8 kind: "LOCAL_TAX_CLEARANCE" }
papers { paper_id: 9 kind: "NHIS_ELIGIBILITY_HISTORY" }
papers { paper_id: 10 kind: "NHIS_PREMIUM_PAYMENT" }
papers { paper_id: 11 kind: "NPS_MEMBERSHIP" }
papers { paper_id: 12 kind: "EMPLOYMENT_INSURANCE_HISTORY" }
papers { paper_id: 13 kind: "REAL_ESTATE_REGISTRY" subject { type: SUBJECT_TYPE_PROPERTY number: "$NARU_DEMO_PROPERTY_NO" } }
PAPERS
counter --json consent open --person-file "$run/secret/ci" --affair SMALL_BUSINESS_POLICY_FUND \
  --papers "$run/papers.textproto" >"$run/opened.json"
consent_id=$(json_field opened.consent.consentId <"$run/opened.json")
json_field opened.linkToken <"$run/opened.json" >"$run/secret/link"
counter consent get --consent-id "$consent_id"

say "5. 시민: 휴대전화로 받은 번호와 동의 내용을 봅니다 / Citizen: the code came, and this is what is asked"
message_with 인증번호 | tee "$run/secret/message"
echo
grep -oE '[0-9]{6}' "$run/secret/message" | head -n 1 >"$run/secret/code"
citizen consent show --link-file "$run/secret/link"
text_sha256=$(citizen --json consent show --link-file "$run/secret/link" |
  json_field shown.consent.textSha256 | base64 -d | xxd -p -c 64)

say "6. 시민: 13종 모두 동의합니다 / Citizen: agrees to all 13 papers"
citizen consent decide --link-file "$run/secret/link" --code-file "$run/secret/code" \
  --text-sha256 "$text_sha256" --decisions "$(seq -s, -f '%g=AGREED' 13)"

say "7. 창구: 7개 기관에서 13종을 받습니다 / Counter: fetches 13 papers from 7 agencies"
counter fetch --consent-id "$consent_id" --person-file "$run/secret/ci" --out "$run/papers"

say "8. 나루와 코드를 나누지 않는 프로그램이 확인합니다 / A program that shares no code with Naru verifies it all"
mkdir "$run/public-keys"
for name in "${holders[@]}"; do
  code=$(sed -n 's/^agency: "\(.*\)"/\1/p' "$run/$name.textproto")
  cp "$run/pki/$name/signing_public.pem" "$run/public-keys/$code-1.pem"
done
cp "$run/pki/broker/receipt_public.pem" "$run/public-keys/receipt-1.pem"
wait_for_public_ledger
python3 "$root/deploy/verify/verify.py" --verifier-keys "$run/pki/ledger_verifier_keys" \
  --ledger "$run/broker-data/public/0" --papers "$run/papers" --keys "$run/public-keys" \
  --person-file "$run/secret/ci" >"$run/log/verified.log" || {
  cat "$run/log/verified.log"
  exit 1
}
tail -n 12 "$run/log/verified.log"
echo "($(wc -l <"$run/log/verified.log") lines in all: $run/log/verified.log)"
size=$(sed -n 2p "$run/broker-data/public/0/checkpoint")

say "9. 시민: 동의를 철회합니다 / Citizen: withdraws, signed in with an identity provider"
decisions=$(seq -s, -f '%g=WITHDRAWN' 13)
assert_identity --action WITHDRAW --consent-id "$consent_id" --text-sha256 "$text_sha256" \
  --decisions "$decisions" >"$run/secret/assertion"
citizen consent withdraw --consent-id "$consent_id" --assertion-file "$run/secret/assertion"

say "10. 창구: 다시 받으려 하면 거절됩니다 / Counter: the next fetch is refused, with its reason"
status=0
counter fetch --consent-id "$consent_id" --person-file "$run/secret/ci" --out "$run/papers-after" || status=$?
if ((status != 2)); then
  echo "demo: a fetch after the withdrawal was not refused (status $status)" >&2
  exit 1
fi

say "11. 시민: 누가 무엇을 왜 확인했는지 봅니다 / Citizen: who saw what, when and why"
assert_identity --session >"$run/secret/session"
citizen history person --session-file "$run/secret/session" --page-size 100

delivered=$(grep -l '"result": *"DELIVERED"' "$run"/papers/*.receipt.json | wc -l)
mismatched=$((13 - delivered))
say "끝 / Done in $SECONDS s"
echo "demo: the papers are in $run/papers"
((delivered == 13))
echo "demo: $delivered documents delivered, $mismatched mismatched, ledger verified at size $size"
$keep || exit 0

naructl="$bin/adapters/cli/naructl"
cat <<NEXT

demo: everything keeps running until Ctrl-C; all of it lies in $run
demo: gRPC: broker $broker, resolver $resolver
demo: metrics: http://$(address_of broker ops)/metrics, and of the others: $run/monitoring/targets.json
demo: Prometheus: http://$prometheus
demo: alerts: http://$prometheus/alerts, what to do: $root/deploy/monitoring/runbook.md
demo: dashboard for Grafana: $root/deploy/monitoring/overview.json
demo: try next:
  $naructl --config $run/counter.textproto catalogue kinds
  $naructl --config $run/counter.textproto ledger checkpoint
  $naructl --config $run/counter.textproto --official kim-0421 --terminal desk-3 --case $case_number history case
NEXT
trap 'echo; echo "demo: ending"; exit 0' INT TERM
wait -n "${pids[@]}" || true
echo "demo: a program ended by itself" >&2
exit 1
