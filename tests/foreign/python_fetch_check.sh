#!/bin/bash
# The thirteen papers of seven holders by the Python package: a real broker, real holders, and nothing of our C++ on the
# requester's side. What it writes is checked once more by the program that shares no code with anybody.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck source=site.sh
source "$root/tests/foreign/site.sh"

failed() {
  echo "FAILED: $*" >&2
  [[ ! -s $run/out ]] || cat "$run/out" >&2
  exit 1
}
# Runs the package's command line, which must end with this status and say this.
naru() { # CONFIG STATUS PATTERN ARGUMENT...
  local config=$1 status=$2 pattern=$3 got=0
  /usr/bin/python3 -m naru --config "$run/$config.textproto" "${@:4}" --official kim-0421 --terminal desk-3 --case 2026-000123 \
    >"$run/out" 2>&1 || got=$?
  ((got == status)) || failed "naru $4 with $config ended with $got, not $status"
  grep -qE -- "$pattern" "$run/out" || failed "naru $4 with $config does not say $pattern"
}
fetch() { # CONFIG STATUS PATTERN OUT ARGUMENT...
  naru "$1" "$2" "$3" fetch --consent-id "$consent_id" --person-file "$run/secret/ci" --out "$run/$4" "${@:5}"
}
nothing_in() { [[ -z $(ls "$run/$1" 2>/dev/null) ]] || failed "$1 has files: $(ls "$run/$1")"; }

build_programs
open_site
install_python_package
find_person
write_papers

naru counter 2 NO_CONSENT check --person-file "$run/secret/ci" --affair "$affair"
agree
naru counter 0 '"paperIds"' check --consent-id "$consent_id"

# With the papers as we know them, and as the consent has them; by a counter's certificate and by a system's.
fetch counter 0 DELIVERED papers --papers "$run/papers.textproto" --affair "$affair"
(($(grep -c DELIVERED "$run/out") == 13)) || failed "not thirteen papers"
fetch system 0 DELIVERED again --paper 3 --paper 13
(($(grep -c DELIVERED "$run/out") == 2)) || failed "not two papers"
[[ $(stat -c %a "$run/papers/3_BUSINESS_REGISTRATION.pdf") == 600 ]] || failed "others may read a paper"

write_public_keys
/usr/bin/python3 "$root/deploy/verify/verify.py" --verifier-keys "$run/pki/ledger_verifier_keys" --papers "$run/papers" \
  --keys "$run/public-keys" --person-file "$run/secret/ci" >"$run/out" || failed "verify.py does not agree"

# Another person's CI: the broker says no before any holder is asked.
tr A-Za-z B-ZAb-za <"$run/secret/ci" >"$run/secret/other"
naru counter 2 PERSON_MISMATCH fetch --consent-id "$consent_id" --person-file "$run/secret/other" --out "$run/other"
nothing_in other

# A ledger key that is pinned and did not sign: nothing is handed over, whatever the broker says.
openssl genpkey -algorithm ED25519 -out "$run/stranger.pem" 2>/dev/null
/usr/bin/python3 - "$run" <<'PYTHON'
import base64, hashlib, sys
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
run = sys.argv[1]
key = load_pem_private_key(open(f"{run}/stranger.pem", "rb").read(), None).public_key()
raw = b"\x01" + key.public_bytes(Encoding.Raw, PublicFormat.Raw)
name = "naru.example/ledger/0"
line = f"{name}+{hashlib.sha256(name.encode() + bytes([10]) + raw).hexdigest()[:8]}+{base64.b64encode(raw).decode()}"
config = open(f"{run}/counter.textproto").read().replace("counter.checkpoint", "distrust.checkpoint")
open(f"{run}/distrust.textproto", "w").write(config + f'ledger_verifier_keys: "{line}"\n')
PYTHON
fetch distrust 1 'MISMATCH.*not signed by every pinned key' distrusted
nothing_in distrusted

# A holder's key that the catalogue does not have.
sed 's/^catalogue_file: .*/catalogue_file: "@"/; s|counter.checkpoint|stranger.checkpoint|' "$run/counter.textproto" |
  sed "s|\"@\"|\"$run/stranger/catalogue\"|" >"$run/stranger.textproto"
mkdir "$run/stranger"
cp -r "$run"/pki/* "$run/stranger/"
catalogue=$(sed -n 's/^catalogue_file: "\(.*\)"/\1/p' "$run/counter.textproto")
cp -rT "$catalogue" "$run/stranger/catalogue"
openssl pkey -in "$run/pki/mois/key.pem" -pubout -out "$run/stranger/nts/signing_public.pem"
fetch stranger 1 'MISMATCH.*not signed by a key of the holder' strange --paper 6
nothing_in strange

# A server with a certificate of the right authority and another service's name.
sed 's/urn:naru:1741999:broker/urn:naru:1741999:resolver/' "$run/counter.textproto" >"$run/impostor.textproto"
fetch impostor 1 UNAVAILABLE impostor
nothing_in impostor

withdraw
fetch counter 2 CONSENT_WITHDRAWN withdrawn
nothing_in withdrawn
echo "thirteen papers, checked twice"
