#!/usr/bin/env bash
# Checks what dist.sh has packed, as far as one Debian machine can: installs both packages with apt, serves and opens the window with
# what they brought, removes them, and looks that nothing is left; unpacks the archive; and looks into the installer. Needs root, a
# machine without these packages, and what "need.sh test" installs.
set -euo pipefail
cd "$(dirname "$0")/../../build/bin/dist"

fail() { printf '%s\n' "$@" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || fail "This installs packages: run it as root."
for name in parley parley-server; do
  ! dpkg-query -W "$name" >/dev/null 2>&1 || fail "$name is installed already; it would be removed. Use another machine."
done
sha256sum --quiet --check SHA256SUMS
work=$(mktemp -d)
children=()
finish() {
  for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq parley parley-server >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

# until WHAT COMMAND...: tries for a while.
until_true() {
  local what=$1 try
  shift
  for try in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  fail "$what: it did not come to that." "$(tail -n 20 "$work"/*.log 2>/dev/null)"
}

echo "installing both packages"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ./parley_*.deb ./parley-server_*.deb </dev/null >"$work/apt.log" 2>&1 \
  || fail "apt could not install them:" "$(cat "$work/apt.log")"
[ "$(stat -c '%U %a' /var/lib/parley)" = "parley 700" ] || fail "the server's folder is not its own"
! command -v systemd-analyze >/dev/null || systemd-analyze verify /usr/lib/systemd/system/parley-server.service

echo "the server serves as its own user"
runuser -u parley -- parley-server serve --data /var/lib/parley --listen 127.0.0.1:8429 >"$work/server.log" 2>&1 &
children+=($!)
until_true "the server is ready" curl -fsS http://127.0.0.1:8429/readyz
curl -fsS http://127.0.0.1:8429/ | grep -q '<title>Parley' || fail "the server does not serve the page"

echo "the window opens"
Xvfb :97 -screen 0 1280x800x24 -nolisten tcp >"$work/xvfb.log" 2>&1 &
children+=($!)
until_true "the display is there" xdpyinfo -display :97
DISPLAY=:97 HOME=$work XDG_CONFIG_HOME=$work/config parley --server http://127.0.0.1:8429 >"$work/window.log" 2>&1 &
children+=($!)
until_true "the window is there" env DISPLAY=:97 xdotool search --onlyvisible --name Parley

echo "removing them"
for pid in "${children[@]}"; do kill "$pid" 2>/dev/null || true; done
wait 2>/dev/null || true
children=()
dpkg-query -L parley parley-server | sort -u >"$work/files"
DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq parley parley-server >"$work/apt.log" 2>&1 || fail "apt could not remove them:" "$(cat "$work/apt.log")"
while read -r path; do [ ! -f "$path" ] || fail "$path is left"; done <"$work/files"
[ -d /var/lib/parley ] || fail "the messages are gone with the package"
rm -rf /var/lib/parley
userdel parley

echo "the archive runs where it is unpacked"
tar -C "$work" -xf parley-*-linux-*.tar.gz
"$work"/parley-*/parley-server version >/dev/null

echo "the installer is whole"
for file in parley-*-windows-amd64-setup.exe; do
  [ "$(head -c 2 "$file")" = MZ ] || fail "$file is no program for Windows"
  grep -q NullsoftInst "$file" || fail "$file holds no installer's data"
done
echo "dist-check: all well"
