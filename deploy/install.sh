#!/bin/bash
# Installs the Debian packages that Naru is built, run and tested with: only those that are missing,
# so that a second run does nothing.
#
#   deploy/install.sh           install what is missing
#   deploy/install.sh --bench   also what benchmarks/run.sh measures against
#   deploy/install.sh --check   name what is missing and install nothing; fails if anything is

set -euo pipefail

packages=(
  # The build.
  bazel-bootstrap bazel-platforms bazel-rules-java bazel-rules-proto bazel-skylib
  g++ pkg-config protobuf-compiler protobuf-compiler-grpc python3
  # Libraries. SOCI's headers include Boost's, which libsoci-dev does not bring along.
  libabsl-dev libboost-dev libcairo2-dev libcli11-dev libcpp-httplib-dev libgoogle-glog-dev
  libgrpc++-dev libpango1.0-dev libpq-dev libprotobuf-dev libqpdf-dev libqrcodegencpp-dev
  librocksdb-dev libsoci-dev libsqlite3-dev libssl-dev prometheus-cpp-dev unixodbc-dev
  # The Python package, and the program that verifies without sharing code.
  python3-cryptography python3-grpcio python3-protobuf python3-setuptools python3-venv python3-wheel
  # Printed documents are set in these.
  fonts-nanum
  # Tests and benchmarks. Where systemd runs, Debian starts a Prometheus of its own on port 9090, which
  # Naru has no use for: systemctl disable --now prometheus. So does PostgreSQL with a cluster on 5432.
  clang-format clang-tidy-14 libbenchmark-dev libgmock-dev libgtest-dev librapidcheck-dev
  libsqliteodbc odbc-postgresql openssl poppler-utils postgresql-15 procps prometheus shellcheck xxd
)
# Linters that only npm has. A Node.js from elsewhere brings npm along, and Debian's conflicts with it.
command -v npm >/dev/null || packages+=(nodejs npm)

# What Naru is measured against.
bench_packages=(nginx postgresql-15 rocksdb-tools)

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

check_only=false
for option in "$@"; do
  case "$option" in
    --bench) packages+=("${bench_packages[@]}") ;;
    --check) check_only=true ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  echo "install: this is not a Debian system; Naru is built from Debian 12's packages" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done

if ((${#missing[@]} == 0)); then
  echo "install: all ${#packages[@]} packages are installed"
  exit 0
fi
echo "install: missing: ${missing[*]}"
if $check_only; then exit 1; fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "install: neither root nor sudo here; as root, run:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
  # Nobody is there to type a password.
  [[ -t 0 ]] || as_root=(sudo -n)
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}
install_missing() { apt_get install -y --no-install-recommends "${missing[@]}"; }

# Package lists that are absent or out of date fail the first attempt.
if ! install_missing; then
  echo "install: trying again with fresh package lists"
  apt_get update
  install_missing
fi
echo "install: installed ${#missing[@]} packages"
