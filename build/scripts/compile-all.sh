#!/usr/bin/env bash
# Compiles every program for every system it is meant for, and throws the results away: what compiles here can be packaged
# there. The window on macOS needs a Mac's own headers and is left to one.
#
#   compile-all.sh TAGS     TAGS: the build tags of the desktop window on Linux
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly tags=$1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

compile() { # NAME, then environment and arguments of go build
  local name=$1
  shift
  echo "compile $name"
  env "$@" || { echo "$name does not compile" >&2; exit 1; }
}

for system in linux windows darwin; do
  compile "parley-server for $system" CGO_ENABLED=0 GOOS=$system go build -o "$out/server" ./backend/cmd/parley-server
  compile "parley-core for $system" CGO_ENABLED=0 GOOS=$system go build -o "$out/core" ./app/cmd/parley-core
done
compile "parley for windows" CGO_ENABLED=0 GOOS=windows go build -tags desktop,production -ldflags "-H windowsgui" -o "$out/window.exe" .
compile "parley for linux" CGO_ENABLED=1 GOOS=linux go build -tags "$tags" -o "$out/window" .
