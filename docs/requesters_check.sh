#!/bin/bash
# docs/requesters.md: its commands run as written, and it says something of every outcome, refusal and error.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../tests/foreign/site.sh
source "$root/tests/foreign/site.sh"
page() { /usr/bin/python3 -B "$root/docs/run_page.py" "$root/docs/requesters.md" "$@"; }

page --enum "$root/proto/naru/v1/common.proto" Outcome
page --enum "$root/proto/naru/v1/error_reason.proto" RefusalReason
page --enum "$root/proto/naru/v1/error_reason.proto" ErrorReason

build_programs //tests/foreign:fetch_case
open_site
find_person
mkdir "$run/page"
cd "$run/page"
cp "$run/secret/ci" ci
page --shell >"$run/commands"

# The citizen's part, which is not the requester's to do.
agree_to() {
  local consent_id text_sha256
  consent_id=$(json_field opened.consent.consentId <"$1")
  text_sha256=$(json_field opened.consent.textSha256 <"$1" | base64 -d | xxd -p -c 64)
  assert_identity --action DECIDE --consent-id "$consent_id" --text-sha256 "$text_sha256" --decisions 1=AGREED,2=AGREED >assertion
  citizen consent decide --consent-id "$consent_id" --text-sha256 "$text_sha256" --decisions 1=AGREED,2=AGREED \
    --assertion-file assertion
  echo "$consent_id" >consent-id
}
NARU=$root PKI=$run/pki BROKER=$broker RESOLVER=$resolver
CATALOGUE=$(sed -n 's/^catalogue_file: "\(.*\)"/\1/p' "$run/system.textproto")
PATH=$bin/adapters/cli:$bin/tests/foreign:/usr/bin:/bin
export NARU PKI BROKER RESOLVER CATALOGUE PATH
set -x
# shellcheck source=/dev/null
source "$run/commands"
{ set +x; } 2>/dev/null
[[ $(venv/bin/python3 fetch_case.py system.textproto "$(<consent-id)" ci | grep -c DELIVERED) == 2 ]]
[[ $(fetch_case system.textproto "$(<consent-id)" ci | grep -c DELIVERED) == 2 ]]
