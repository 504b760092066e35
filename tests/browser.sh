#!/usr/bin/env bash
# Prints where Chromium and its driver are, as lines for a shell to source. Installs Debian's where it may.
set -eu

find_on_path() {
  for name in "$@"; do
    command -v "$name" && return
  done
  return 1
}

chrome=${CHROME:-$(find_on_path chromium chromium-browser google-chrome || true)}
driver=${CHROMEDRIVER:-$(find_on_path chromedriver || true)}

if [ -z "$chrome" ] || [ -z "$driver" ]; then
  if command -v apt-get >&2 && [ "$(id -u)" = 0 ]; then
    (apt-get update && apt-get install --yes --no-install-recommends chromium chromium-driver) >&2
    chrome=${chrome:-$(find_on_path chromium)}
    driver=${driver:-$(find_on_path chromedriver)}
  else
    echo "The browser tests need Chromium and its driver of the same version: install both (Debian: chromium and" >&2
    echo "chromium-driver), or set CHROME and CHROMEDRIVER to where they are." >&2
    exit 1
  fi
fi

printf 'export CHROME=%q CHROMEDRIVER=%q\n' "$chrome" "$driver"
