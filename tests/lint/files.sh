# Sourced by the checks: what each has in common. A check takes the tree to look at as its only
# argument (this one by default), prints each finding as FILE:LINE: TEXT, and fails if there is any.

set -euo pipefail
export LC_ALL=C.UTF-8

lint_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034 # for the checks
root=$(cd "${1:-$lint_folder/../..}" && pwd -P)

# Names the files below the current folder that are ours, NUL between them: what git knows or would
# add, or all of them where there is no git. Arguments are patterns of names; none means every file.
list_files() {
  local patterns=("${@:-*}") file pattern
  {
    if [[ -e .git ]]; then
      git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
    else
      find . -name 'bazel-*' -prune -o -name node_modules -prune -o -type f -printf '%P\0'
    fi
  } | LC_ALL=C sort -zu | while IFS= read -r -d '' file; do
    [[ -f $file && ! -L $file && /$file != */third_party/* ]] || continue
    for pattern in "${patterns[@]}"; do
      # shellcheck disable=SC2053 # a pattern
      if [[ ${file##*/} == $pattern ]]; then
        printf '%s\0' "$file"
        break
      fi
    done
  done
}

# Runs grep over the files named on standard input; finding nothing is no error.
grep_files() {
  local status=0
  xargs -0 -r grep -HnI "$@" || status=$?
  # 123: some grep found nothing.
  ((status == 0 || status == 1 || status == 123))
}

# Prints the findings on standard input under a title, and ends the check.
finish() {
  local found
  found=$(cat)
  if [[ -z $found ]]; then exit 0; fi
  printf '%s\n' "$1" "$found"
  exit 1
}
