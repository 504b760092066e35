#!/usr/bin/env bash
# Installs the other browsers that `make test-all` needs, on Debian and as root: Firefox, WebKit's driver with its
# MiniBrowser, and a virtual display for the latter. Elsewhere the tests skip what they do not find.
set -euo pipefail

missing=()
for package in firefox-esr webkit2gtk-driver xvfb; do
  case $package in
    webkit2gtk-driver) program=WebKitWebDriver ;;
    xvfb) program=Xvfb ;;
    *) program=$package ;;
  esac
  command -v "$program" > /dev/null || missing+=("$package")
done

[[ ${#missing[@]} == 0 ]] && exit

if [[ "$(id -u)" == 0 ]] && command -v apt-get > /dev/null; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
else
  echo "Not installed, so not tested: ${missing[*]} (Debian packages)" >&2
fi
