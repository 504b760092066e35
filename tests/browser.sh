#!/usr/bin/env bash
# Finds a Chromium for the tests and prints it as `export CHROME=…`: the one in $CHROME, else one on PATH, else Debian's package
# if it can be installed. Its headless shell, the same browser without windows, is preferred: the portal's tests then take two
# thirds of the time.
set -euo pipefail

SHELL_ONLY=chromium-headless-shell

find_chromium() {
  if [[ -n "${CHROME:-}" ]]; then
    echo "$CHROME"
    return
  fi
  on_path "$SHELL_ONLY" ||
    { install "$SHELL_ONLY" && on_path "$SHELL_ONLY"; } ||
    on_path chromium chromium-browser google-chrome google-chrome-stable ||
    { install chromium && on_path chromium; }
}

# Prints the path of the first of these programs that there is.
on_path() {
  local name
  for name in "$@"; do
    command -v "$name" && return
  done
  return 1
}

# Installs a Debian package, where that can be done.
install() {
  [[ "$(id -u)" == 0 ]] && command -v apt-get > /dev/null || return 1
  {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"
  } >&2
}

if ! found="$(find_chromium)"; then
  cat >&2 << 'MESSAGE'
The browser tests need Chromium or Chrome. Install it (on Debian and Ubuntu: the package chromium), or set CHROME to its
path.
MESSAGE
  exit 1
fi

printf 'export CHROME=%q\n' "$found"
