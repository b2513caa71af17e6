#!/bin/bash
# deploy/install.sh installs what is missing and nothing else, and says so when it cannot.
# dpkg-query, apt-get and sudo are replaced by scripts that only take notes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export SCRATCH=$scratch
tools=$scratch/tools
mkdir "$tools"
chmod 755 "$scratch" "$tools"
for tool in bash env rm sed; do ln -s "$(command -v "$tool")" "$tools/$tool"; done
cp "$here/install.sh" "$scratch/install.sh"

cat >"$tools/dpkg-query" <<'X'
#!/bin/bash
if [[ ${!#} =~ ^($(<"$SCRATCH/missing"))$ ]]; then exit 1; fi
printf installed
X
cat >"$tools/apt-get" <<'X'
#!/bin/bash
echo "$*" | sed -E 's/-o \S+ //g' >>"$SCRATCH/calls"
[[ $* != *" install "* || ! -e $SCRATCH/stale ]] || { rm -f "$SCRATCH/stale"; exit 100; }
X
chmod +x "$tools"/{dpkg-query,apt-get}

install() { # whose account, then arguments
  local as=()
  if [[ $1 == user && $EUID == 0 ]]; then
    as=("$(command -v setpriv)" --reuid=65534 --regid=65534 --clear-groups)
  fi
  : >"$scratch/calls"
  chmod 666 "$scratch/calls"
  PATH=$tools "${as[@]}" "$tools/bash" "$scratch/install.sh" "${@:2}" >"$scratch/out" 2>&1 </dev/null
}
calls() { # what apt-get must have been told
  diff -u <(printf '%s' "$1") "$scratch/calls" || { cat "$scratch/out"; exit 1; }
}
says() { grep -q -- "$1" "$scratch/out" || { echo "does not say: $1"; cat "$scratch/out"; exit 1; }; }

echo nothing >"$scratch/missing"
install user
calls ""
install user --check
says "are installed"

echo 'libabsl-dev|openssl' >"$scratch/missing"
if install user --check; then echo "--check passes though something is missing"; exit 1; fi
calls ""
if install user; then echo "passes without root and sudo"; exit 1; fi
calls ""
says "apt-get install -y --no-install-recommends libabsl-dev openssl"

printf '#!/bin/bash\n[[ $1 == -n ]] && shift\nexec "$@"\n' >"$tools/sudo"
chmod +x "$tools/sudo"
install user
calls $'-q install -y --no-install-recommends libabsl-dev openssl\n'

if ((EUID == 0)); then
  rm "$tools/sudo"
  touch "$scratch/stale"
  install root
  want=$'-q install -y --no-install-recommends libabsl-dev openssl\n'
  calls "$want"$'-q update\n'"$want"
fi
