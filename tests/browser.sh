#!/usr/bin/env bash
# Finds a Chromium and its driver for the tests and prints them as `export CHROME=…` and `export CHROMEDRIVER=…`:
# what the environment says, else what is on PATH, else Debian's packages where they can be installed.
set -euo pipefail

first_on_path() {
  local name
  for name in "$@"; do
    command -v "$name" && return
  done
  return 1
}

browser() { [[ -n "${CHROME:-}" ]] && echo "$CHROME" || first_on_path chromium chromium-browser google-chrome google-chrome-stable; }
driver() { [[ -n "${CHROMEDRIVER:-}" ]] && echo "$CHROMEDRIVER" || first_on_path chromedriver; }

if ! { browser && driver; } > /dev/null; then
  if [[ "$(id -u)" == 0 ]] && command -v apt-get > /dev/null; then
    {
      apt-get update
      DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium chromium-driver
    } >&2
  fi
fi

if ! { browser && driver; } > /dev/null; then
  cat >&2 << 'MESSAGE'
The browser tests need Chromium or Chrome and the chromedriver of the same version. Install them (on Debian and Ubuntu:
chromium and chromium-driver), or set CHROME and CHROMEDRIVER to where they are.
MESSAGE
  exit 1
fi

printf 'export CHROME=%q\nexport CHROMEDRIVER=%q\n' "$(browser)" "$(driver)"
