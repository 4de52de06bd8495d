#!/usr/bin/env bash
# Packs Parley on a Mac, into build/bin/dist: an application with the server inside, signed ad hoc (toasts need a signature, and this one
# suffices for them; whoever publishes it signs and notarises with their own), as a disk image. Needs the Xcode command line tools.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/.*"productVersion": "\(.*\)".*/\1/p' wails.json)
dist=build/bin/dist
app=$dist/Parley.app
rm -rf "$dist"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"

CGO_ENABLED=1 CGO_LDFLAGS="-framework UniformTypeIdentifiers" go build -trimpath -tags desktop,production -ldflags "-s -w" -o "$app/Contents/MacOS/parley" .
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$app/Contents/MacOS/parley-server" ./backend/cmd/parley-server
sed "s/@VERSION@/$version/" build/darwin/Info.plist >"$app/Contents/Info.plist"
cp LICENSE README.md "$app/Contents/Resources/"

set=$(mktemp -d)/parley.iconset
mkdir -p "$set"
for size in 16 32 128 256 512; do
  sips -z $size $size build/appicon.png --out "$set/icon_${size}x$size.png" >/dev/null
  sips -z $((size * 2)) $((size * 2)) build/appicon.png --out "$set/icon_${size}x$size@2x.png" >/dev/null
done
iconutil -c icns "$set" -o "$app/Contents/Resources/parley.icns"

codesign --force --deep --sign - "$app"
codesign --verify --deep --strict "$app"
hdiutil create -quiet -volname Parley -srcfolder "$app" -ov -format UDZO "$dist/parley-$version-macos-$(go env GOARCH).dmg"
(cd "$dist" && shasum -a 256 -- *.dmg >SHA256SUMS)
ls -l "$dist"
