#!/bin/bash
# What a reviewer should not have to look for.
# shellcheck source=files.sh
source "$(dirname "${BASH_SOURCE[0]}")/files.sh"
cd "$root"

everything() { list_files; }
code() { list_files '*.cc' '*.h' '*.proto' '*.py' '*.bzl' '*.bazel' '*.BUILD'; }

text_hygiene() {
  everything | grep_files -P '[ \t]+\r?$' |
    sed -E 's/^([^:]*:[0-9]+):.*/\1: white space at the end of the line/'
  everything | grep_files -P '\r$' | sed -E 's/^([^:]*:[0-9]+):.*/\1: carriage return/'
  everything | grep_files -E '^(<<<<<<<|>>>>>>>|=======)( |$)'
  code | grep_files -P '\t' | sed -E 's/^([^:]*:[0-9]+):.*/\1: tab/'
  # Nothing here depends on one machine or one person's account.
  everything | grep_files -P '(?<![\w.\-/}])/(home/\w|Users/\w|root/|wor[k]/)'
  # A test may hold a fixed key in its source; a file of keys is a secret that got out.
  everything | { grep -zvE '\.(cc|h)$' || true; } |
    grep_files -E -- '-----BEGIN [A-Z ]*PRIVATE KE[Y]-----' |
    sed -E 's/^([^:]*:[0-9]+):.*/\1: a private key/'
  everything | while IFS= read -r -d '' file; do
    if [[ -s $file ]] && grep -qI . "$file" && [[ -n $(tail -c1 "$file") ]]; then
      echo "$file:$(wc -l <"$file"): no newline at the end of the file"
    fi
  done
}

# A guard is the header's path: NARU_BROKER_BASE_CLOCK_H_.
guard_hygiene() {
  local file guard
  list_files '*.h' | while IFS= read -r -d '' file; do
    guard=NARU_$(tr 'a-z/.-' 'A-Z___' <<<"$file")_
    [[ $(grep -m1 '^#' "$file") == "#ifndef $guard" && $(tail -n1 "$file") == "#endif  // $guard" ]] ||
      echo "$file:1: the guard is not $guard"
  done
}

build_hygiene() {
  local file folder
  list_files BUILD | while IFS= read -r -d '' file; do echo "$file:1: call it BUILD.bazel"; done
  list_files BUILD.bazel | grep_files -E 'default_visibility.*//visibility:public'
  # A source that no BUILD file names is never compiled, and a test never run.
  list_files '*.cc' '*.h' '*.proto' | while IFS= read -r -d '' file; do
    folder=$(dirname "$file")
    while [[ $folder != . && ! -e $folder/BUILD.bazel ]]; do folder=$(dirname "$folder"); done
    if [[ ! -e $folder/BUILD.bazel ]]; then
      echo "$file:1: stands below no BUILD.bazel"
    elif ! grep -qF "\"${file#"$folder/"}\"" "$folder/BUILD.bazel" &&
      ! grep -q 'glob(' "$folder/BUILD.bazel"; then
      echo "$file:1: is not named in $folder/BUILD.bazel"
    fi
  done
}

proto_hygiene() {
  local file package
  list_files '*.proto' | while IFS= read -r -d '' file; do
    package=$(dirname "${file#proto/}" | tr / .)
    grep -qxF "package $package;" "$file" || echo "$file:1: the package is not $package"
    grep -qxF 'syntax = "proto3";' "$file" || echo "$file:1: the syntax is not proto3"
  done
  list_files '*.proto' | grep_files -P '^\s*[A-Z0-9_]+ = 0;(?<!_UNSPECIFIED = 0;)'
  list_files '*.proto' | grep_files -F 'google.protobuf.Empty'
}

{
  text_hygiene
  guard_hygiene
  build_hygiene
  proto_hygiene
} | finish "hygiene:"
