#!/bin/bash
# clang-tidy finds no mistake in the C++ (the checks are in .clang-tidy).
#
#   tests/lint/tidy_check.sh                 the files that changed and, in the time that is left, others
#   tests/lint/tidy_check.sh FILE...         these files of this tree
#   NARU_FULL=1 tests/lint/tidy_check.sh     all files, however long it takes (tests/run.sh --full)
#
# All of the tree takes a quarter of an hour and more on two cores, so a run has NARU_TIDY_SECONDS (default 40) to begin files in.
# First come files not committed yet and those of the last commits (since the merge base with origin/main; on main itself, of the
# last five); then others in an order that HEAD's id shuffles, so that run after run sees the whole tree. What was not looked at
# is counted in the output. The tree as a whole has not been mended yet, so such a run fails for files named or not committed yet
# and only tells what it finds in others; the run of all files fails for every one.
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh" "$([[ ! -d ${1-} ]] || echo "$1")"
cd "$root"
named=()
[[ -d ${1-} ]] || named=("$@")
seconds=${NARU_TIDY_SECONDS:-40}
tidy=clang-tidy-14
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

sources() { list_files '*.cc' | tr '\0' '\n'; }

# Committed lately, or not committed yet. A header counts as the sources that include it, at most three.
changed() {
  local base
  base=$(git merge-base HEAD origin/main 2>/dev/null || true)
  [[ -n $base && $base != "$(git rev-parse HEAD)" ]] || base=$(git rev-parse -q --verify HEAD~5 || git rev-parse HEAD)
  {
    git diff --name-only --diff-filter=d HEAD -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
    git diff --name-only --diff-filter=d "$base" HEAD -- '*.cc' '*.h'
  } | while IFS= read -r file; do
    case $file in
      *.h) sources | xargs -r grep -lF "#include \"$file\"" | head -n 3 || true ;;
      *) echo "$file" ;;
    esac
  done
}

# Every file once, the most urgent first.
queue() {
  if ((${#named[@]} > 0)); then
    printf '%s\n' "${named[@]}"
    return
  fi
  {
    changed
    sources | shuf --random-source=<(yes "$(git rev-parse HEAD)")
  } | awk '!seen[$0]++'
}

# A tree that Bazel does not build, such as the one that self_check_test.sh makes: the plain compiler will do.
if [[ ! -e WORKSPACE ]]; then
  {
    sources | xargs -r -I{} "$tidy" --quiet {} -- -std=c++17 -I. 2>/dev/null |
      grep -E '(warning|error):' | sed "s|^$root/||" || true
  } | finish "clang-tidy:"
  exit
fi

read -ra bazel <<<"${BAZEL:-bazel}"
options=(--noshow_progress --ui_event_filters=-info)
# Headers that protoc makes. Compiling them is part of any build of tests.
"${bazel[@]}" build "${options[@]}" --output_groups=+compilation_prerequisites_INTERNAL_ //proto/... >&2
"${bazel[@]}" aquery "${options[@]}" --output=jsonproto 'mnemonic("CppCompile", //...)' >"$scratch/actions.json"
execution_root=$("${bazel[@]}" info execution_root 2>/dev/null)
tests/lint/compile_commands.py --root="$root" --execution-root="$execution_root" "$scratch/compile_commands.json" \
  <"$scratch/actions.json"

# Run for each file: does nothing once the time is over.
look_at() {
  local file=$1 status=0
  if [[ -z ${NARU_FULL-} && $named_count == 0 ]] && (($(date +%s) > until)); then
    echo "$file" >>"$scratch/left_out"
    return
  fi
  grep -qF "\"file\": \"$file\"" "$scratch/compile_commands.json" || return 0 # Its BUILD file does not load, or it is no target's.
  "$tidy" -p "$scratch" --quiet "$file" >"$scratch/$$.out" 2>"$scratch/$$.err" || status=$?
  sed -E "s#^($root|\.)/(\./)?##" "$scratch/$$.out" | grep -E '(warning|error):' || true
  ((status == 0)) || grep -qE '(warning|error):' "$scratch/$$.out" || echo "$file:1: clang-tidy failed: $(tail -n 1 "$scratch/$$.err")"
  echo "$file" >>"$scratch/looked_at"
}
export -f look_at
until=$(($(date +%s) + seconds))
named_count=${#named[@]}
export scratch root tidy until named_count
touch "$scratch"/{looked_at,left_out}
queue >"$scratch/queue"
xargs -r -P "$(nproc)" -I{} bash -c 'look_at {}' <"$scratch/queue" | LC_ALL=C sort -u >"$scratch/found"
echo "clang-tidy: $(wc -l <"$scratch/looked_at") files looked at, $(wc -l <"$scratch/left_out") left for other runs"
if [[ -z ${NARU_FULL-} && $named_count == 0 ]]; then
  {
    git diff --name-only --diff-filter=d HEAD -- '*.cc' '*.h'
    git ls-files --others --exclude-standard -- '*.cc' '*.h'
  } | sed 's/$/:/' >"$scratch/uncommitted"
  grep -vFf "$scratch/uncommitted" "$scratch/found" | sed 's/^/to be mended: /' || true
  grep -Ff "$scratch/uncommitted" "$scratch/found" >"$scratch/failing" || true
  mv "$scratch/failing" "$scratch/found"
fi
finish "clang-tidy:" <"$scratch/found"
