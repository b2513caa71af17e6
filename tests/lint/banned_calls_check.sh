#!/bin/bash
# Time, chance and waiting come from broker/base, so that tests rule them; requests are not printed,
# so that logs hold no person. A line stands outside these rules only if banned_calls_allowed.txt
# names it, with the reason.
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
cd "$root"

clocks='absl::Now\(|\b(system|steady|high_resolution)_clock::now\b|\b(gettimeofday|clock_gettime)\(|\btime\((nullptr|NULL|0)\)'
waits='\b(sleep_for|sleep_until|SleepFor|usleep|nanosleep)\b|\bsleep\('
chance='\brandom_device\b|\b(Insecure)?BitGen\b|\bRAND_bytes\b|\bs?rand\('
prints='\b(Short|Utf8)?DebugString\('

allowed=tests/lint/banned_calls_allowed.txt
malformed=() # findings in that list
declare -A reasons=() # from "FILE | CODE" to the line of the list
if [[ -f $allowed ]]; then
  number=0
  while IFS= read -r entry; do
    number=$((number + 1))
    [[ -z $entry || $entry == '#'* ]] && continue
    file=${entry%% | *}
    reason=${entry##* | }
    code=${entry#"$file | "}
    code=${code%" | $reason"}
    if [[ $entry != *' | '*' | '* || -z ${reason//[[:space:]]/} ]]; then
      malformed+=("$allowed:$number: want: FILE | CODE | REASON")
    fi
    reasons["$file | $code"]=$number
  done <"$allowed"
fi

# Findings in code, not in comments.
find_calls() { # REGEX, with files on standard input
  grep_files -P -- "^(?!\s*//)(?:(?!\s//).)*?(?:$1)" || true
}

# Leaves out what is allowed, and remembers what it met.
met=$(mktemp)
trap 'rm -f "$met"' EXIT
judge() {
  local file line text
  while IFS=: read -r file line text; do
    text=${text#"${text%%[![:space:]]*}"}
    if [[ -n ${reasons["$file | $text"]-} ]]; then
      echo "$file | $text" >>"$met"
    else
      echo "$file:$line: $text"
    fi
  done
}

outside_base() { list_files '*.cc' '*.h' | grep -zv '^broker/base/' || true; }

{
  printf '%s\n' "${malformed[@]}"
  {
    outside_base | find_calls "$waits|$chance|$prints"
    # A benchmark measures real time.
    outside_base | { grep -zv '^benchmarks/' || true; } | find_calls "$clocks"
  } | LC_ALL=C sort -u | judge
  for entry in "${!reasons[@]}"; do
    grep -qxF -- "$entry" "$met" || echo "$allowed:${reasons[$entry]}: stands nowhere: $entry"
  done
} | sed '/^$/d' | finish "calls that belong to broker/base (clock.h, random.h), or that print a request:"
