#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# deb.sh ROOT BUILD: makes the .deb, installs it into an empty root with dpkg, compiles the embedding example against what is there, and
# runs the demo's attacks under the packaged jail and under the example.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
build=$2

for tool in dpkg dpkg-shlibdeps file; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v fakeroot >/dev/null || skip "neither root nor fakeroot"
  as_root=(fakeroot)
fi
build_victim

mkdir "$tmp/package"
(cd "$build" && cpack -G DEB -B "$tmp/package") >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "cpack"; }
deb=$(echo "$tmp"/package/*.deb)
dpkg-deb --info "$deb"
[ -z "$(dpkg-deb --field "$deb" Depends)" ] || fail "the static jail in the package needs libraries"

# An empty root has nothing that the package depends on.
new=$tmp/new
mkdir -p "$new"/var/lib/dpkg/{info,updates,triggers}
touch "$new"/var/lib/dpkg/{status,available}
PATH=$PATH:/usr/sbin:/sbin "${as_root[@]}" dpkg --root="$new" --force-not-root --force-depends --log=/dev/null --install "$deb" ||
  fail "dpkg"
for file in bin/jail lib/libjail.a lib/pkgconfig/jail.pc include/jail/jail.h include/jail/version.h share/doc/jail/README.md; do
  [ -f "$new/usr/$file" ] || fail "the package lacks $file"
done
if [ -e "$root/docs/man/jail.1.scd" ] && command -v scdoc >/dev/null; then
  [ -f "$new/usr/share/man/man1/jail.1" ] || fail "the package lacks the manual page"
fi

attack_under packaged "$new/usr/bin/jail" run --go-mod="$root/examples/demo/victim/go.mod" -- "$tmp/victim"
grep -q '^jail: denied .* by example\.com/evil v1\.2\.3 \[exec, confined\]' "$tmp/packaged.err" || fail "the packaged jail reports nothing"

# The example comes from the package too. Were the headers or the archive taken from elsewhere, there would be none.
cp -R "$new/usr/share/doc/jail/examples/embed" "$tmp/embed"
PKG_CONFIG_PATH=$new/usr/lib/pkgconfig make -C "$tmp/embed" CFLAGS="-O1 -Wall -Wextra -Werror"
attack_under embedded "$tmp/embed/embed" "$root/examples/demo/victim/go.mod" "$tmp/victim"
grep -q '^embed: example\.com/evil wanted exec' "$tmp/embedded.err" || fail "the example's callback was not called"
grep -qE '^embed: [1-9][0-9]* calls denied$' "$tmp/embedded.err" || fail "the example was not given the summary"

# The archive shows public names only.
others=$(nm -g --defined-only "$new/usr/lib/libjail.a" | awk 'NF == 3 && $3 !~ /^jail_/ { print $3 }')
[ -z "$others" ] || fail "libjail.a shows names that are not public: $others"

# The packaged demo runs with the packaged jail.
"$new/usr/share/doc/jail/examples/demo/run" --jail="$new/usr/bin/jail"
