#!/bin/bash
# The demo runs as README says, from the first step to Ctrl-C: thirteen papers are delivered, every command it prints works,
# Prometheus sees every program, no query of the dashboard is empty under load, and nothing is left running at the end.
# Shares Bazel's build with tests/run.sh through $BAZEL.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
scratch=$(mktemp -d)
export TMPDIR=$scratch
out=$scratch/out
demo=

fail() {
  echo "demo_check: $*"
  tail -n 60 "$out"
  exit 1
}
ended() {
  [[ -z $demo ]] || kill -KILL -- "-$demo" 2>/dev/null || true
  rm -rf "$scratch"
}
trap ended EXIT
pause() { read -rt "$1" <> <(:) || true; }

# As from a terminal: a process group of its own, in which SIGINT counts.
: >"$out"
set -m
env --default-signal=INT "$root/deploy/demo.sh" --keep >"$out" 2>&1 </dev/null &
demo=$!
set +m
until grep -q '^demo: try next:' "$out"; do
  kill -0 "$demo" 2>/dev/null || fail "the demo ended before its end"
  pause 0.2
done
pause 0.5
grep -q '^demo: 13 documents delivered, 0 mismatched, ledger verified at size [0-9]*$' "$out" || fail "no 13 papers"

# What it prints can be done.
commands=0
while IFS= read -r command; do
  bash -c "$command" >"$scratch/command" 2>&1 </dev/null || {
    cat "$scratch/command"
    fail "does not work: $command"
  }
  [[ -s $scratch/command ]] || fail "says nothing: $command"
  commands=$((commands + 1))
done < <(sed -n '/^demo: try next:/,$ s/^  //p' "$out")
((commands >= 3)) || fail "only $commands commands"

# More papers until Prometheus has looked before and after some, so that there are rates.
run=$(sed -n 's/^demo: everything keeps running until Ctrl-C; all of it lies in //p' "$out")
naructl=$(sed -n 's/^  \(\S*naructl\) .*/\1/p' "$out" | head -n 1)
prometheus=$(sed -n 's/^demo: Prometheus: //p' "$out")
tries=0
until python3 "$root/deploy/monitoring/check_queries.py" "$prometheus" "$root/deploy/monitoring/overview.json" \
  >"$scratch/queries" 2>&1; do
  ((++tries < 60)) || {
    cat "$scratch/queries"
    fail "queries"
  }
  "$root/deploy/monitoring/load.sh" "$run" "$naructl" 1 >"$scratch/load" 2>&1 || {
    cat "$scratch/load"
    fail "no load"
  }
  pause 1
done
cat "$scratch/queries"
python3 - "$prometheus" <<'PY' || fail "programs that Prometheus does not reach"
import json, sys, urllib.request
targets = json.load(urllib.request.urlopen(sys.argv[1] + "/api/v1/targets"))["data"]["activeTargets"]
down = [t["labels"] for t in targets if t["health"] != "up"]
print(len(targets), "programs scraped", down or "")
sys.exit(bool(down) or len(targets) != 10)
PY

# Ctrl-C goes to the whole group of the terminal.
kill -INT -- "-$demo"
status=0
wait "$demo" || status=$?
((status == 0)) || fail "ended with status $status after Ctrl-C"
! pgrep -g "$demo" >/dev/null || fail "left running: $(pgrep -ag "$demo")"
demo=
