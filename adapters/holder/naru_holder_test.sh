#!/bin/bash
# naru-holder as a program: --check, bad lines, serving, its ports and metrics, SIGHUP and SIGTERM.
set -euo pipefail
holder=$PWD/adapters/holder/naru-holder
scratch=$TEST_TMPDIR
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

deploy/make_pki.sh "$scratch/pki" >/dev/null 2>&1
deploy/people/naru-people --out "$scratch/people" --count 100 2>/dev/null >/dev/null
mkdir "$scratch/run"
keys=$(sed 's/.*/ledger_verifier_keys: "&" /' "$scratch/pki/ledger_verifier_keys" | tr -d '\n')
configure() { # NAME
  sed -e "s|@PEOPLE@|$scratch/people|; s|@PKI@|$scratch/pki|; s|@RUN@|$scratch/run|" \
    -e "s|@LEDGER_KEYS@|$keys|" "deploy/holders/$1.textproto"
}

"$holder" --help | grep -q -- --check || fail "--help does not tell of --check"
if "$holder" 2>/dev/null; then fail "no configuration, and still it runs"; fi

for name in mois nts seocho nhis nps comwel scourt; do
  configure "$name" >"$scratch/$name.textproto"
  "$holder" --check --config "$scratch/$name.textproto" | grep -q ': OK: ' || fail "$name: not OK"
done

sed 's/column: "trade_name"/column: "trade_nam"/' "$scratch/nts.textproto" >"$scratch/bad.textproto"
line=$(grep -n -m1 'trade_nam"' "$scratch/bad.textproto" | cut -d: -f1)
status=0
"$holder" --check --config "$scratch/bad.textproto" 2>"$scratch/error" || status=$?
[[ $status == 2 ]] || fail "a bad line ends with $status"
grep -q "bad.textproto:$line: registers\[0\].documents\[0\].fields\[1\].column" "$scratch/error" ||
  fail "the bad line is not named: $(<"$scratch/error")"

"$holder" --config "$scratch/nts.textproto" 2>"$scratch/log" &
pid=$!
until [[ -s $scratch/run/nts.ports ]]; do
  kill -0 "$pid" 2>/dev/null || fail "it ended: $(<"$scratch/log")"
  read -r -t 0.05 <> <(:) || true
done
grep -q '^grpc=127.0.0.1:[1-9]' "$scratch/run/nts.ports" || fail "no port of gRPC"
ops=$(sed -n 's/^ops=127.0.0.1://p' "$scratch/run/nts.ports")
exec 3<>"/dev/tcp/127.0.0.1/$ops"
printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
grep -q '^naru_holder_proceeds_refused_total 0' <&3 || fail "no metrics"
exec 3>&-

# A configuration that is no good, taken on SIGHUP: the line is named, and the holder goes on.
sed -i 's/column: "trade_name"/column: "trade_nam"/' "$scratch/nts.textproto"
kill -HUP "$pid"
until grep -q "stays as it was: .*nts.textproto:$line: " "$scratch/log"; do
  kill -0 "$pid" 2>/dev/null || fail "it ended: $(<"$scratch/log")"
  read -r -t 0.05 <> <(:) || true
done
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
[[ $status == 0 ]] || fail "SIGTERM ends it with $status: $(<"$scratch/log")"
