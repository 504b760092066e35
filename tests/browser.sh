#!/usr/bin/env bash
# Finds a Chromium for the tests and prints it as `export CHROME=…`: the one in $CHROME, else the one on PATH, else Debian's
# package if it can be installed.
set -euo pipefail

browser() {
  local name
  [[ -n "${CHROME:-}" ]] && echo "$CHROME" && return
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return
  done
  return 1
}

if ! browser > /dev/null && [[ "$(id -u)" == 0 ]] && command -v apt-get > /dev/null; then
  {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium
  } >&2
fi

if ! browser > /dev/null; then
  cat >&2 << 'MESSAGE'
The browser tests need Chromium or Chrome. Install it (on Debian and Ubuntu: the package chromium), or set CHROME to its
path.
MESSAGE
  exit 1
fi

printf 'export CHROME=%q\n' "$(browser)"
