#!/bin/bash
# Installs what is missing, builds Naru and runs its tests. The last line of output is
# "N passed, N failed", counted in test cases; the status is 0 only if none failed.
#
#   tests/run.sh [--full] [--sanitizer=asan|ubsan|tsan] [SUITE...] [-- BAZEL_OPTION...]
#   tests/run.sh --list
#
#   --full       also tests tagged "full", and long counts in the others (they see NARU_FULL=1)
#   --sanitizer  the tests compiled with AddressSanitizer, UndefinedBehaviorSanitizer or ThreadSanitizer;
#                scripts are left out: they test what the sanitizer does not see
#   --list       name the suites and their tests, and run nothing
#   SUITE        a name from --list, or a folder such as consent/store; without any, all of them
#
# A suite is a top-level folder; broker/base, broker/proof and tests/lint are suites of their own,
# named base, proof and lint. A suite's tests are Bazel's tests in that folder (not those tagged
# "manual") and scripts named *_check.sh or *_check_test.sh; each script counts as one case.
#
# BAZEL is the command to run instead of bazel, startup options included.

set -uo pipefail
shopt -s inherit_errexit

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root" || exit 1
export BAZEL=${BAZEL:-bazel}
read -ra bazel <<<"$BAZEL"

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$root/tests/run.sh"; }

# The suite of the tests in a folder.
suite_of() {
  case "$1/" in
    broker/base/*) echo base ;;
    broker/proof/*) echo proof ;;
    tests/lint/*) echo lint ;;
    *) echo "${1%%/*}" ;;
  esac
}

full=false
list=false
sanitizer=
wanted=()
bazel_options=()
while (($#)); do
  case "$1" in
    --full) full=true ;;
    --list) list=true ;;
    --sanitizer=asan | --sanitizer=ubsan | --sanitizer=tsan) sanitizer=${1#*=} ;;
    -h | --help)
      usage
      exit 0
      ;;
    --)
      shift
      bazel_options=("$@")
      break
      ;;
    -*)
      echo "run: no such option: $1" >&2
      usage >&2
      exit 2
      ;;
    *) wanted+=("${1%/}") ;;
  esac
  shift
done
for name in "${wanted[@]}"; do
  if [[ ! -d $name && ! $name =~ ^(base|proof|lint)$ ]]; then
    echo "run: no such suite or folder: $name (see tests/run.sh --list)" >&2
    exit 2
  fi
done
if $full; then export NARU_FULL=1; fi

# Whether the tests of this folder were asked for.
is_wanted() {
  ((${#wanted[@]} == 0)) && return 0
  local name suite
  suite=$(suite_of "$1")
  for name in "${wanted[@]}"; do
    [[ $suite == "$name" || $1/ == "$name"/* ]] && return 0
  done
  return 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
results=$scratch/results # one line a case: outcome, suite, name
: >"$results"

# Prints the failures, a table of suites and the count, and ends the run.
finish() {
  echo
  sed -n 's/^failed\t[^\t]*\t/FAILED  /p' "$results"
  awk -F'\t' '
    { if (!($2 in seen)) { seen[$2] = 1; order[++n] = $2 } ++count[$2, $1]; ++total[$1] }
    END {
      for (i = 1; i <= n; ++i) {
        s = order[i]
        printf "%-12s %6d passed %5d failed", s, count[s, "passed"], count[s, "failed"]
        if (count[s, "skipped"]) printf " %5d skipped", count[s, "skipped"]
        printf "\n"
      }
      printf "%d passed, %d failed\n", total["passed"], total["failed"]
      exit total["failed"] > 0
    }' "$results"
  exit
}

# Names the files below a folder whose name matches; find's conditions may follow.
find_files() {
  find "$1" \( -name .git -o -name 'bazel-*' -o -name node_modules \) -prune -o \
    -type f \( -name "${@:2}" \) -print 2>/dev/null | sed 's|^\./||'
}

record() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$results"; }

if ! $list && ! deploy/install.sh; then
  record failed install "deploy/install.sh"
  finish
fi

# What there is to run.
folders=(.)
if ((${#wanted[@]} > 0)); then
  folders=()
  for name in "${wanted[@]}"; do
    case "$name" in
      base | proof) folders+=("broker/$name") ;;
      lint) folders+=(tests/lint) ;;
      *) folders+=("$name") ;;
    esac
  done
fi
tests=$scratch/tests # one line a test: suite, label
: >"$tests"
: >"$scratch/labels"
excluded='\bmanual\b'
$full || excluded='\b(manual|full)\b'
packages=
for folder in "${folders[@]}"; do
  # Bazel takes a folder without packages for a mistake.
  [[ -z $(find_files "$folder" BUILD.bazel | head -n1) ]] || packages+=" + //${folder#.}/..."
done
if [[ -n $packages ]]; then
  packages=$(sed 's|///|//|g; s|^ + ||' <<<"$packages")
  if ! "${bazel[@]}" query --keep_going --noshow_progress \
    "tests($packages) except attr(tags, '$excluded', $packages)" \
    >"$scratch/labels" 2>"$scratch/query.log" </dev/null; then
    cat "$scratch/query.log" >&2
    record failed build "bazel query: some BUILD files do not load"
  fi
fi
while read -r label; do
  folder=${label#//}
  folder=${folder%%:*}
  if is_wanted "$folder"; then
    printf '%s\t%s\n' "$(suite_of "$folder")" "$label" >>"$tests"
  fi
done <"$scratch/labels"

checks=()
if [[ -n $sanitizer ]]; then
  bazel_options=(--config="$sanitizer" "${bazel_options[@]}")
fi
while read -r script; do
  [[ -z $sanitizer ]] || continue
  if is_wanted "$(dirname "$script")"; then checks+=("$script"); fi
done < <(for folder in "${folders[@]}"; do
  find_files "$folder" '*_check.sh' -o -name '*_check_test.sh'
done | LC_ALL=C sort -u)

if $list; then
  {
    cat "$tests"
    for script in "${checks[@]}"; do
      printf '%s\t%s\n' "$(suite_of "$(dirname "$script")")" "$script"
    done
  } | LC_ALL=C sort -s -k1,1 |
    awk -F'\t' '{ if ($1 != suite) print suite = $1; print "  " $2 } END { if (!NR) print "(none)" }'
  exit
fi

for script in "${checks[@]}"; do
  suite=$(suite_of "$(dirname "$script")")
  if "./$script" >"$scratch/check.log" 2>&1 </dev/null; then
    echo "ok      $script"
    record passed "$suite" "$script"
  else
    cat "$scratch/check.log"
    echo "FAILED  $script"
    record failed "$suite" "$script"
  fi
done

if [[ -s $tests ]]; then
  events=$scratch/events.json
  : >"$events"
  options=(--keep_going "--build_event_json_file=$events")
  if $full; then options+=(--config=full); fi
  # A log file wants a line now and then, a terminal wants them at once.
  [[ -t 1 ]] || options+=(--show_progress_rate_limit=15 --curses=no --color=no)
  cut -f2 "$tests" >"$scratch/patterns"
  "${bazel[@]}" test "${options[@]}" "${bazel_options[@]}" \
    "--target_pattern_file=$scratch/patterns" </dev/null
  status=$?
  python3 tests/count_results.py "$tests" "$events" "$status" >>"$results" ||
    record failed build "tests/count_results.py"
fi
finish
