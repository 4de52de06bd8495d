#!/usr/bin/env bash
# Installs what a make target needs and is missing; quiet and quick when nothing is.
#
#   need.sh THING...     things: go, node, modules (npm), desktop (to build the window), test (to run everything), dist (to pack it)
#
# Go and Node are not installed, only asked for. Debian packages are installed as root or by sudo; npm modules when the lock
# file has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly go_minor=26 node_major=20
readonly desktop_packages=(gcc libc6-dev pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev)
readonly test_packages=(chromium xvfb xauth openbox dbus dunst xdotool x11-utils curl imagemagick strace fonts-inter fonts-noto-color-emoji)
readonly dist_packages=(nsis dpkg)

fail() { printf '\n%s\n' "$@" >&2; exit 1; }

need_go() {
  command -v go >/dev/null || fail "Parley needs Go 1.$go_minor or newer, and there is no go on the PATH." "Install it (your distribution's package or the Go project's archive) and run make again."
  local minor
  minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ -z "$minor" ] || [ "$minor" -ge "$go_minor" ] || fail "Parley needs Go 1.$go_minor or newer; this is $(go env GOVERSION)."
}

need_node() {
  command -v npm >/dev/null || fail "Parley needs Node $node_major.19 or newer with npm, and there is no npm on the PATH." "Install it and run make again."
  local major
  major=$(node --version | sed -n 's/^v\([0-9]*\).*/\1/p')
  [ "$major" -ge "$node_major" ] || fail "Parley needs Node $node_major.19 or newer; this is $(node --version)."
}

# Installing takes half a minute, so a stamp remembers for which lock file it was last done. It is npm install that leaves the
# lock file alone, not npm ci, which refuses one that does not list the optional packages of every other system.
need_modules() {
  need_node
  local stamp=frontend/node_modules/.parley-lock lock
  lock=$(sha256sum frontend/package-lock.json | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" = "$lock" ] && return
  echo "Installing the frontend's npm modules ..."
  # The browser for the tests is Debian's.
  (cd frontend && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --no-audit --no-fund --loglevel=error </dev/null)
  echo "$lock" >"$stamp"
}

need_packages() {
  command -v dpkg-query >/dev/null || { need_commands "$@"; return; }
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "These Debian packages are missing, and installing them needs root (there is no sudo here):" "  apt-get install ${missing[*]}" "Have them installed and run make again."
    become=(sudo)
  fi
  echo "Installing Debian packages: ${missing[*]} ..."
  "${become[@]}" apt-get update -qq </dev/null
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null \
    || fail "The packages could not be installed. Try it by hand to see why:" "  apt-get install ${missing[*]}"
}

# On systems other than Debian's kin nothing is installed; what can be found is looked for, and what is missing is named.
need_commands() {
  local missing=()
  pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null || missing+=("GTK 3 and WebKitGTK 4.1 with headers")
  if [[ " $* " == *" xvfb "* ]]; then
    local command
    for command in chromium Xvfb openbox dbus-run-session dunst xdotool xprop import strace; do
      command -v "$command" >/dev/null || missing+=("$command")
    done
  fi
  [ ${#missing[@]} -eq 0 ] || fail "This is not a Debian-like system, so nothing is installed for you. Missing:" "${missing[@]/#/  }"
}

for thing in "$@"; do
  case $thing in
    go) need_go ;;
    node) need_node ;;
    modules) need_modules ;;
    desktop) need_packages "${desktop_packages[@]}" ;;
    dist) need_packages "${desktop_packages[@]}" "${dist_packages[@]}" ;;
    test) need_packages "${desktop_packages[@]}" "${test_packages[@]}" ;;
    *) fail "need.sh: unknown thing: $thing" ;;
  esac
done
