#!/bin/bash
# Prometheus takes the configuration and the alert rules, the rules do what their unit tests say, every alert has one, and every
# alert has its section in the runbook.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp prometheus.yml alerts.yml "$scratch"
cp targets_example.json "$scratch/targets.json"
promtool check config "$scratch/prometheus.yml"
promtool check rules alerts.yml
promtool test rules alerts_test.yml

# Tested by its name, or as one of a pattern: NaruDisk.+
mapfile -t patterns < <(grep -oE 'Naru[A-Za-z]+(\.\+)?' alerts_test.yml | sort -u)
is_tested() {
  local pattern
  for pattern in "${patterns[@]}"; do
    if [[ $1 =~ ^$pattern$ ]]; then return 0; fi
  done
  return 1
}

status=0
while read -r alert; do
  is_tested "$alert" || {
    echo "alerts_test.yml: no test of $alert"
    status=1
  }
  grep -qx "## $alert" runbook.md || {
    echo "runbook.md: no section for $alert"
    status=1
  }
done < <(sed -n 's/^ *- alert: //p' alerts.yml)
exit $status
