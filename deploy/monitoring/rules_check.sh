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

status=0
while read -r alert; do
  # By its name, or as one of a pattern: NaruDisk.+
  if ! grep -oE 'Naru[A-Za-z]+(\.\+)?' alerts_test.yml | sort -u | while read -r pattern; do
    if [[ $alert =~ ^$pattern$ ]]; then echo found; fi
  done | grep -q found; then
    echo "alerts_test.yml: no test of $alert"
    status=1
  fi
  grep -qx "## $alert" runbook.md || {
    echo "runbook.md: no section for $alert"
    status=1
  }
done < <(sed -n 's/^ *- alert: //p' alerts.yml)
exit $status
