# shellcheck shell=bash
# Everybody around a broker, as real processes: holders, resolver, broker, notifier, and a person whose papers are asked for.
# Sourced by tests of programs that are not ours. Sets `run`, the directory of it all; ends everything when the shell does.
: "${root=}" # the repository

# Builds the programs, and sets `bin`, where Bazel puts them. NARU_BIN names a folder that has them already.
build_programs() {
  bin=${NARU_BIN-}
  [[ -z $bin ]] || return 0
  local -a bazel
  read -ra bazel <<<"${BAZEL:-bazel}"
  cd "$root" || return
  "${bazel[@]}" build --noshow_progress //broker:naru-broker //adapters/holder:naru-holder //adapters/resolver:naru-resolver \
    //adapters/notify:naru-notify //adapters/cli:naructl //deploy/idp:naru-idp-dev //deploy/people:naru-people "$@"
  bin=$("${bazel[@]}" info --noshow_progress bazel-bin 2>/dev/null)
}

# shellcheck source=../../deploy/demo_processes.sh
source "$root/deploy/demo_processes.sh"

agency=B553077
export affair=SMALL_BUSINESS_POLICY_FUND

close_site() {
  local status=$?
  stop_all
  ((status == 0)) || tail -n 5 "$run"/log/*.log >&2
  rm -rf "$run"
}

open_site() {
  run=$(mktemp -d)
  trap close_site EXIT
  mkdir -p "$run"/{log,pid,spool,secret}
  "$bin/deploy/people/naru-people" --out "$run/people" --count 300 2>"$run/log/people.log"
  # shellcheck source=/dev/null
  source "$run/people/demo_case.env"
  "$root/deploy/make_pki.sh" "$run/pki" >"$run/log/pki.log" 2>&1
  broker=$(free_address)
  resolver=$(free_address)
  start_holders
  write_catalogue
  start_resolver
  start_broker
  address_of broker >/dev/null
  address_of resolver >/dev/null
  start_notifier
  write_client counter "urn:naru:$agency:counter"
  write_client system "urn:naru:$agency:system"
  write_client citizen urn:naru:1741999:citizen
}

counter() {
  "$bin/adapters/cli/naructl" --config "$run/counter.textproto" --official kim-0421 --terminal desk-3 --case 2026-000123 "$@"
}
citizen() { "$bin/adapters/cli/naructl" --config "$run/citizen.textproto" "$@"; }

# An assertion of the development identity provider about the person.
assert_identity() {
  "$bin/deploy/idp/naru-idp-dev" --development --key "$run/pki/idp/key.pem" --key-id idp-dev-1 \
    --issuer https://idp.naru.example/development --audience naru --ci-file "$run/secret/ci" "$@" 2>>"$run/log/idp.log"
}

json_field() {
  /usr/bin/python3 -c 'import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."): value = value[name]
print(value)' "$1"
}

# Finds the person: their CI goes into $run/secret/ci.
find_person() {
  printf '%s' "${NARU_DEMO_RRN?}" >"$run/secret/rrn"
  counter person lookup --resident-number-file "$run/secret/rrn" --name "${NARU_DEMO_NAME?}" --out "$run/secret/ci" >/dev/null
}

# The thirteen papers, as `naructl --papers` takes them, with our own identifiers of things.
write_papers() {
  local number=0 kind about business="${NARU_DEMO_BUSINESS_1_NO?}" property="${NARU_DEMO_PROPERTY_NO?}"
  for kind in RESIDENT_REGISTER_FULL RESIDENT_REGISTER_ABSTRACT BUSINESS_REGISTRATION VAT_BASE STANDARD_FINANCIAL_STATEMENT \
    INCOME_AMOUNT NATIONAL_TAX_CLEARANCE LOCAL_TAX_CLEARANCE NHIS_ELIGIBILITY_HISTORY NHIS_PREMIUM_PAYMENT NPS_MEMBERSHIP \
    EMPLOYMENT_INSURANCE_HISTORY REAL_ESTATE_REGISTRY; do
    about=
    case $kind in
      BUSINESS_REGISTRATION | VAT_BASE | STANDARD_FINANCIAL_STATEMENT)
        about="subject { type: SUBJECT_TYPE_BUSINESS number: \"$business\" }"
        ;;
      REAL_ESTATE_REGISTRY) about="subject { type: SUBJECT_TYPE_PROPERTY number: \"$property\" }" ;;
    esac
    echo "papers { paper_id: $((++number)) kind: \"$kind\" $about }"
  done >"$run/papers.textproto"
}

# Opens a consent to the thirteen papers, and the person agrees, signed in: sets `consent_id` and `text_sha256`.
agree() {
  counter --json consent open --person-file "$run/secret/ci" --affair "$affair" --papers "$run/papers.textproto" >"$run/opened"
  consent_id=$(json_field opened.consent.consentId <"$run/opened")
  text_sha256=$(json_field opened.consent.textSha256 <"$run/opened" | base64 -d | xxd -p -c 64)
  local decisions
  decisions=$(seq -s, -f '%g=AGREED' 13)
  assert_identity --action DECIDE --consent-id "$consent_id" --text-sha256 "$text_sha256" --decisions "$decisions" \
    >"$run/secret/assertion"
  citizen consent decide --consent-id "$consent_id" --text-sha256 "$text_sha256" --decisions "$decisions" \
    --assertion-file "$run/secret/assertion" >/dev/null
}
withdraw() {
  assert_identity --action WITHDRAW --consent-id "$consent_id" --text-sha256 "$text_sha256" \
    --decisions "$(seq -s, -f '%g=WITHDRAWN' 13)" >"$run/secret/assertion"
  citizen consent withdraw --consent-id "$consent_id" --assertion-file "$run/secret/assertion" >/dev/null
}

# The Python package, with its messages generated: adds it to PYTHONPATH.
install_python_package() {
  mkdir -p "$run/python"
  /usr/bin/python3 -B "$root/adapters/python/generate.py" "$run/python" --proto-path "$root/proto"
  cp -L "$root"/adapters/python/naru/* "$run/python/naru/"
  export PYTHONPATH=$run/python PYTHONDONTWRITEBYTECODE=1
}

# Public keys as verify.py takes them.
write_public_keys() {
  local name code
  mkdir "$run/public-keys"
  for name in "${holders[@]}"; do
    code=$(sed -n 's/^agency: "\(.*\)"/\1/p' "$run/$name.textproto")
    cp "$run/pki/$name/signing_public.pem" "$run/public-keys/$code-1.pem"
  done
  cp "$run/pki/broker/receipt_public.pem" "$run/public-keys/receipt-1.pem"
}
