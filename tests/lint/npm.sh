# shellcheck shell=bash
# Sourced by the checks whose tools only npm has. Installs them from package-lock.json where that was not done yet, and prints
# the path of one: $(npm_tool buf). Nothing but what the lock file names is fetched, and no package's scripts run.

: "${lint_folder=}" # of files.sh

npm_tool() {
  local lock=$lint_folder/package-lock.json modules=$lint_folder/node_modules
  (
    # One at a time: checks may run side by side.
    flock 9
    if ! cmp -s "$lock" "$modules/.installed"; then
      if ! npm ci --prefix "$lint_folder" --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
        echo "lint: npm cannot install tests/lint/package-lock.json (is the registry reachable?)" >&2
        exit 1
      fi
      cp "$lock" "$modules/.installed"
    fi
  ) 9>"${TMPDIR:-/tmp}/naru-lint-npm.$UID.lock" || return
  echo "$modules/.bin/$1"
}
