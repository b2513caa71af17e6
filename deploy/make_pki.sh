#!/bin/bash
# Makes a throw-away certificate authority, certificates and keys for a demo or a test set-up.
# Nothing here is fit for production: the authority's key lies beside the certificates.
#
#   deploy/make_pki.sh DIRECTORY [ORIGIN]
#
#   DIRECTORY   made new; must not hold a ca.pem yet
#   ORIGIN      origin line of the ledger (default naru.example/ledger/0)
#
#   DIRECTORY/ca.pem                       authority
#   DIRECTORY/<name>/cert.pem, key.pem     one identity, urn:naru:<agency>:<service>
#   DIRECTORY/<holder>/signing.pem         signs document headers; signing_public.pem beside it
#   DIRECTORY/signers/                     keys of the two persons who sign the next catalogue
#   DIRECTORY/broker/                      receipt key, ledger keys, pepper, wrapping, code, link key
#   DIRECTORY/idp/key.pem                  DEVELOPMENT identity provider
#   DIRECTORY/ledger_verifier_keys         what holders and requesters pin, one key a line

set -euo pipefail
umask 077

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }
case "${1-}" in
  -h | --help)
    usage
    exit 0
    ;;
  "" | -*)
    usage >&2
    exit 2
    ;;
esac
directory=$1
origin=${2:-naru.example/ledger/0}
if [[ -e $directory/ca.pem ]]; then
  echo "make_pki: $directory/ca.pem is there already; remove the directory to begin anew" >&2
  exit 1
fi
mkdir -p "$directory"
cd "$directory"

p256_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

p256_key ca.key
openssl req -x509 -new -key ca.key -sha256 -days 30 -subj "/CN=Naru throw-away authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
  -out ca.pem

# Name and identity of every program and person of the demo.
identities="
broker      1741999 broker
resolver    1741999 resolver
notifier    1741999 notifier
citizen     1741999 citizen
operator    1741999 operator
approver-1  1741999 approver-1
approver-2  1741999 approver-2
system      B553077 system
counter     B553077 counter
mois        1741000 holder
nts         1210000 holder
seocho      3210000 holder
nhis        B550928 holder
nps         B552468 holder
comwel      B552015 holder
scourt      9700000 holder
molit       1613000 holder
mohw        1352000 holder
mogef       1383000 holder
mpva        1180000 holder
mma         1300000 holder
moj         1270000 holder
mofa        1262000 holder
police      1320000 holder
moe         1342000 holder
kdca        1790387 holder
district    3210000 counter
hira        B551182 system
hrdk        B490007 system
hf          B551408 system
"
while read -r name agency service; do
  [[ -n $name ]] || continue
  mkdir -p "$name"
  p256_key "$name/key.pem"
  openssl req -new -key "$name/key.pem" -subj "/CN=$name" -out "$name/request.pem"
  openssl x509 -req -in "$name/request.pem" -CA ca.pem -CAkey ca.key -sha256 -days 30 \
    -set_serial "0x$(openssl rand -hex 16)" -out "$name/cert.pem" -extfile <(
      # Who it is, and the host: gRPC servers log each client whose host name is not theirs.
      echo "subjectAltName=URI:urn:naru:$agency:$service,IP:127.0.0.1,DNS:localhost"
      echo "extendedKeyUsage=serverAuth,clientAuth"
      echo "keyUsage=critical,digitalSignature"
      echo "basicConstraints=critical,CA:FALSE"
    ) 2>/dev/null
  rm "$name/request.pem"
  if [[ $service == holder ]]; then
    p256_key "$name/signing.pem"
    openssl pkey -in "$name/signing.pem" -pubout -out "$name/signing_public.pem"
  fi
done <<<"$identities"

p256_key broker/receipt.pem
openssl pkey -in broker/receipt.pem -pubout -out broker/receipt_public.pem
p256_key broker/ledger_ecdsa.pem
openssl genpkey -algorithm ED25519 -out broker/ledger_ed25519.pem
for secret in pepper kek code link; do openssl rand -hex 32 >"broker/$secret.hex"; done

mkdir -p signers
for signer in catalogue-1 catalogue-2; do
  p256_key "signers/$signer.pem"
  openssl pkey -in "signers/$signer.pem" -pubout -out "signers/${signer}_public.pem"
done

mkdir -p idp
p256_key idp/bare.pem
{
  echo "# DEVELOPMENT"
  cat idp/bare.pem
} >idp/key.pem
openssl pkey -in idp/bare.pem -pubout -out idp/public.pem
rm idp/bare.pem

# Verifier keys as C2SP signed-note has them: name+key id+base64(type || key).
hex_of_key() { openssl pkey -in "$1" -pubout -outform DER | xxd -p -c 1000; }
bytes() { xxd -r -p <<<"$1"; }
ed25519=$(hex_of_key broker/ledger_ed25519.pem | tail -c 65)
ecdsa=$(hex_of_key broker/ledger_ecdsa.pem)
ed25519_id=$({
  printf '%s\n\x01' "$origin"
  bytes "$ed25519"
} | sha256sum | head -c 8)
ecdsa_id=$(bytes "$ecdsa" | sha256sum | head -c 8)
{
  echo "$origin+$ed25519_id+$(bytes "01$ed25519" | base64 -w0)"
  echo "$origin+$ecdsa_id+$(bytes "02$ecdsa" | base64 -w0)"
} >ledger_verifier_keys
echo "make_pki: $(grep -c . <<<"$identities") identities under $directory, for 30 days"
