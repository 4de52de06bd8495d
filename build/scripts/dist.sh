#!/usr/bin/env bash
# Packs what people install, into build/bin/dist: a Debian package for the desktop and one for the server, an archive of both for any
# Linux, an installer for Windows, and their checksums. macOS is packed on a Mac, by dist-mac.sh.
#
#   dist.sh TAGS     TAGS: the build tags of the desktop window on Linux
#
# The programs must be in build/bin. Packages are for the kind of processor this runs on, the installer for x86-64.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
version=$(sed -n 's/.*"productVersion": "\(.*\)".*/\1/p' wails.json)
arch=$(go env GOARCH)
readonly tags=$1 root version arch
readonly bin=$root/build/bin dist=$root/build/bin/dist
work=$(mktemp -d)
trap 'rm -rf "$work" "$root"/rsrc_windows_*.syso' EXIT
rm -rf "$dist"
mkdir -p "$dist"

# Files of an earlier day make the same package from the same source.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}

put() { install -D -m "$1" "$2" "$3"; }

# deb NAME SUMMARY DEPENDS: packs $work/NAME, in which the files lie already.
deb() {
  local name=$1 summary=$2 depends=$3 tree=$work/$1
  put 644 LICENSE "$tree/usr/share/doc/$name/copyright"
  put 644 README.md "$tree/usr/share/doc/$name/README.md"
  gzip -9n <CHANGELOG.md >"$tree/usr/share/doc/$name/changelog.gz"
  mkdir -p "$tree/DEBIAN"
  cat >"$tree/DEBIAN/control" <<CONTROL
Package: $name
Version: $version
Architecture: $arch
Maintainer: The Parley authors <parley@localhost>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $depends
Section: net
Priority: optional
Description: $summary
 Parley is messaging for contact centres: agents, supervisors, administrators
 and experts talk to each other, and a server decides who may talk to whom.
CONTROL
  (cd "$tree" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$work/sums"
  mv "$work/sums" "$tree/DEBIAN/md5sums"
  chmod 644 "$tree/DEBIAN/md5sums" "$tree/DEBIAN/control"
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz --build "$tree" "$dist/${name}_${version}_$arch.deb" >/dev/null
}

echo "Debian packages ..."
tree=$work/parley
put 755 "$bin/parley" "$tree/usr/bin/parley"
put 644 build/linux/parley.desktop "$tree/usr/share/applications/parley.desktop"
put 644 build/appicon.svg "$tree/usr/share/icons/hicolor/scalable/apps/parley.svg"
deb parley "Messaging for contact centres, the desktop program" "libgtk-3-0 | libgtk-3-0t64, libwebkit2gtk-4.1-0"

tree=$work/parley-server
put 755 "$bin/parley-server" "$tree/usr/bin/parley-server"
put 644 build/linux/parley-server.service "$tree/usr/lib/systemd/system/parley-server.service"
put 644 build/linux/parley-server.default "$tree/etc/default/parley-server"
for script in postinst prerm postrm; do put 755 "build/linux/parley-server.$script" "$tree/DEBIAN/$script"; done
echo /etc/default/parley-server >"$tree/DEBIAN/conffiles"
deb parley-server "Messaging for contact centres, the server" "adduser"

echo "Archive for Linux ..."
tree=$work/parley-$version
put 755 "$bin/parley" "$tree/parley"
put 755 "$bin/parley-server" "$tree/parley-server"
for file in README.md CHANGELOG.md LICENSE build/linux/parley.desktop build/linux/parley-server.service; do
  put 644 "$file" "$tree/$(basename "$file")"
done
put 644 build/appicon.svg "$tree/parley.svg"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -czf "$dist/parley-$version-linux-$arch.tar.gz" "parley-$version"

echo "Installer for Windows ..."
# The icon (under the number at which Wails looks for it), the version and the manifest of the window's program are a resource that the
# Go linker takes from beside main.go.
go tool -modfile=build/tools.mod go-winres make --arch amd64 --in build/windows/winres.json --product-version "$version" --file-version "$version"
export GOOS=windows GOARCH=amd64 CGO_ENABLED=0
go build -trimpath -tags "${tags%,webkit2_41}" -ldflags "-s -w -H windowsgui" -o "$work/windows/parley.exe" .
go build -trimpath -ldflags "-s -w" -o "$work/windows/parley-server.exe" ./backend/cmd/parley-server
unset GOOS GOARCH CGO_ENABLED
makensis -V2 -INPUTCHARSET UTF8 -DVERSION="$version" -DROOT="$root" -DFROM="$work/windows" -DTO="$dist/parley-$version-windows-amd64-setup.exe" build/windows/installer.nsi

(cd "$dist" && sha256sum -- * >SHA256SUMS)
echo
(cd "$dist" && du -h -- * | awk '{ print $1 "\t" $2 }')
