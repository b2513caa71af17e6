#!/bin/bash
# Each check finds what it is there to find, and passes a clean tree.
set -euo pipefail
lint=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# A tree that every check passes.
clean_tree() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/{broker/base,benchmarks,consent,proto/naru/v1,tests/lint}
  cp "$lint"/../../.clang-{format,tidy} "$tree"
  printf 'int main() { return 0; }\n' >"$tree/consent/a.cc"
  printf '#ifndef NARU_CONSENT_A_H_\n#define NARU_CONSENT_A_H_\n#endif  // NARU_CONSENT_A_H_\n' \
    >"$tree/consent/a.h"
  printf 'cc_library(\n    name = "a",\n    srcs = ["a.cc"],\n    hdrs = ["a.h"],\n)\n' \
    >"$tree/consent/BUILD.bazel"
  printf 'exports_files(["clock.cc"])\n' >"$tree/broker/base/BUILD.bazel"
  printf '#include <absl/time/clock.h>\nauto now = absl::Now();\n' >"$tree/broker/base/clock.cc"
  printf 'exports_files(["bench.cc"])\n' >"$tree/benchmarks/BUILD.bazel"
  cp "$tree/broker/base/clock.cc" "$tree/benchmarks/bench.cc"
  printf 'exports_files(["a.proto"])\n' >"$tree/proto/naru/v1/BUILD.bazel"
  printf 'syntax = "proto3";\n\npackage naru.v1;\n\n// E.\nenum E {\n  // None.\n  E_UNSPECIFIED = 0;\n}\n' \
    >"$tree/proto/naru/v1/a.proto"
  printf '#!/bin/bash\necho "$1"\n' >"$tree/tests/run"
}

passes() { # CHECK WHAT
  "$lint/$1_check.sh" "$tree" >"$tree.log" 2>&1 && return
  echo "$1 should pass: $2"
  cat "$tree.log"
  failures=$((failures + 1))
}

fails() { # CHECK WHAT TEXT-OF-FINDING
  if "$lint/$1_check.sh" "$tree" >"$tree.log" 2>&1; then
    echo "$1 should fail: $2"
  elif ! grep -qF -- "$3" "$tree.log"; then
    echo "$1 should fail for its own reason: $2"
    cat "$tree.log"
  else
    return 0
  fi
  failures=$((failures + 1))
}
trap 'rm -rf "$tree" "$tree.log"' EXIT

# Writes one line into a file of a clean tree and expects the finding there.
fails_on() { # CHECK FILE LINE
  clean_tree
  printf '%b\n' "$3" >>"$tree/$2"
  fails "$1" "$2: $3" "$2:"
}

clean_tree
for check in "$lint"/*_check.sh; do
  check=${check##*/}
  passes "${check%_check.sh}" "a clean tree"
done

fails_on format consent/a.cc 'int   x ;'
fails_on shell tests/run 'cd $1'

# Split, so that these lines are not findings themselves.
for call in 'absl::No''w()' 'std::random_dev''ice rd;' 'absl::Bit''Gen g;' 'RAND_byt''es(b, 8);' \
  'std::this_thread::sleep_f''or(d)' 'absl::Sleep''For(d)' 'usl''eep(1)' 'sle''ep(1)' \
  'std::chrono::steady_clo''ck::now()' 'std::chrono::system_clo''ck::now()' \
  'gettimeof''day(&t, nullptr)' 'x = time(null''ptr);' 'request.DebugStr''ing()' \
  'request->ShortDebugStr''ing()' 'request.Utf8DebugStr''ing()' 'f();  // why\ny = ra''nd();'; do
  fails_on banned_calls consent/a.cc "  $call"
done
fails_on banned_calls benchmarks/bench.cc 'absl::Sleep''For(d);'
clean_tree
printf '// absl::No''w() is for broker/base.\nint x;  // not absl::No''w()\n' >>"$tree/consent/a.cc"
passes banned_calls "a comment"
clean_tree
printf '  absl::Sleep''For(d);\n' >>"$tree/consent/a.cc"
printf 'consent/a.cc | absl::Sleep''For(d); | waits for a child process\n' \
  >"$tree/tests/lint/banned_calls_allowed.txt"
passes banned_calls "an allowed line"
printf 'consent/a.cc | absl::Sleep''For(d); | \n' >"$tree/tests/lint/banned_calls_allowed.txt"
fails banned_calls "no reason" "allowed.txt:1: want"
clean_tree
printf 'consent/a.cc | absl::Sleep''For(d); | gone\n' >"$tree/tests/lint/banned_calls_allowed.txt"
fails banned_calls "an entry for nothing" "allowed.txt:1: stands nowhere"

fails_on hygiene consent/a.cc 'int x; '
fails_on hygiene consent/a.cc 'int x;\r'
fails_on hygiene consent/a.cc '\tint x;'
fails_on hygiene consent/a.cc '<<<<<<< HEAD'
fails_on hygiene consent/a.cc '// see /ho''me/someone/notes'
fails_on hygiene consent/a.cc '"/wo''rk/x"'
fails_on hygiene consent/key.pem '-----BEGIN EC PRIVATE K''EY-----'
fails_on hygiene consent/a.cc 'int x;\c'
fails_on hygiene consent/a.h '#define X'
fails_on hygiene consent/b_test.cc 'int x;'
fails_on hygiene consent/BUILD 'x'
fails_on hygiene consent/BUILD.bazel 'package(default_visibility = ["//visibility:public"])'
fails_on hygiene proto/naru/v1/b.proto 'syntax = "proto3";\npackage naru.v2;'
fails_on hygiene proto/naru/v1/a.proto 'enum F {\n  F_NONE = 0;\n}'
fails_on hygiene proto/naru/v1/a.proto 'import "google.protobuf.Empty";'

fails_on proto proto/naru/v1/a.proto '// M.\nmessage M {\n  int32 n = 1;\n}'
clean_tree
"$lint/proto_check.sh" --accept "$tree"
passes proto "what was released"
sed -i 's/E_UNSPECIFIED = 0;/&\n  \/\/ More.\n  E_MORE = 1;/' "$tree/proto/naru/v1/a.proto"
passes proto "more than was released"
sed -i 's/^enum E/enum F/; s/ E_/ F_/' "$tree/proto/naru/v1/a.proto"
fails proto "less than was released" "proto"
fails_on build consent/BUILD.bazel 'x=1'
fails_on tidy consent/a.cc 'struct B { virtual void F(); };\nstruct D : B { virtual void F(); };'

exit $((failures > 0))
