#!/bin/bash
# docs/holders.md: its commands run as written, and the broker delivers papers of both holders that they make.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../tests/foreign/site.sh
source "$root/tests/foreign/site.sh"

# In the place of two of the demo's holders: with the keys that the page makes, at the addresses that it listens at.
start_page() {
  local LISTEN LISTEN_OWN agency # The page has an agency of its own.
  LISTEN=$(free_address)
  LISTEN_OWN=$(free_address)
  install_python_package
  mkdir "$run/page"
  cd "$run/page"
  find_ci >ci
  /usr/bin/python3 -B "$root/docs/run_page.py" "$root/docs/holders.md" --shell >"$run/commands"
  export NARU=$root PKI=$run/pki LISTEN LISTEN_OWN PATH=$bin/adapters/holder:/usr/bin:/bin
  # shellcheck source=/dev/null
  source "$run/commands" >"$run/log/page.log" 2>&1
  local pid
  for pid in $(jobs -p); do [[ " ${pids[*]} " == *" $pid "* ]] || pids+=("$pid"); done
  cp 3210000.signing_public.pem "$run/pki/seocho/signing_public.pem"
  cp B552015.signing_public.pem "$run/pki/comwel/signing_public.pem"
  echo "grpc=$LISTEN" >"$run/seocho.ports"
  echo "grpc=$LISTEN_OWN" >"$run/comwel.ports"
  cd "$root"
}
# The CI of the demo's person, before there is a broker to ask.
find_ci() {
  /usr/bin/python3 - "$run/people/resolver.db" "${NARU_DEMO_RRN?}" <<'PYTHON'
import sqlite3, sys
register = sqlite3.connect(sys.argv[1])
for (table,) in register.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    columns = [row[1] for row in register.execute(f"PRAGMA table_info({table})")]
    for row in register.execute(f"SELECT * FROM {table}"):
        values = [str(value) for value in row]
        if sys.argv[2] in [value.replace("-", "") for value in values]:
            ci = next((value for value in values if len(value) == 88), None)
            if ci is not None:
                sys.stdout.write(ci)
                sys.exit()
sys.exit("no such person")
PYTHON
}
eval "start_others() $(declare -f start_holders | tail -n +2)"
start_holders() {
  local all=("${holders[@]}") name
  holders=()
  for name in "${all[@]}"; do [[ $name == seocho || $name == comwel ]] || holders+=("$name"); done
  start_others
  holders=("${all[@]}")
  start_page
}

build_programs
open_site
find_person
[[ $(<"$run/secret/ci") == "$(<"$run/page/ci")" ]]
write_papers
agree
counter fetch --consent-id "$consent_id" --person-file "$run/secret/ci" --out "$run/papers" --paper 8 --paper 12
grep -q '체납 없음' "$run/papers/8_LOCAL_TAX_CLEARANCE.json"
grep -q '나시험' "$run/papers/12_EMPLOYMENT_INSURANCE_HISTORY.json"
