#!/bin/bash
# Measures Naru against its ceilings and peers on this machine: the broker as a process of its own, real certificates, loopback
# alone. What is measured and what it is measured against take turns within one run; medians are reported, and beside each
# what part of the machine other programs took meanwhile. Installs what is missing and builds first.
#
#   benchmarks/run.sh [NAME] [--quick] [--json FILE] [--large] [--rounds N] [--seconds N] [--directory DIR]
#
#   NAME         one work: check, decide, journal, documents, large-document, proof, watch-memory, watch-change
#   --quick      small and short: a few minutes for everything
#   --json FILE  one JSON line for each result
#   --large      1 M consents for `check`, which takes long to fill
#   --rounds N   rounds of each side (7; quick 3), after one that does not count
#   --seconds N  length of a round (5; quick 2)
#   --directory  where stores and clusters lie; best the disk that counts (default: the system's temporary directory)
#
# The status is 0 when everything was measured, whether or not the goals were met. BAZEL is the command to run instead of
# bazel, startup options included.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
case " $* " in
  *" --help "* | *" -h "*)
    sed -n '2,/^$/s/^# \{0,1\}//p' "$root/benchmarks/run.sh"
    exit 0
    ;;
esac
read -ra bazel <<<"${BAZEL:-bazel}"

deploy/install.sh --bench
"${bazel[@]}" build --config=opt //benchmarks:load >&2
program=$("${bazel[@]}" info --config=opt bazel-bin 2>/dev/null)/benchmarks/load
exec python3 -B "$root/benchmarks/driver.py" --program "$program" "$@"
