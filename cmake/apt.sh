# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by examples/demo/run and tests/run: installs Debian packages that are missing. A package counts as there when the command
# or file that it is wanted for is, wherever that came from; with nothing missing, apt is not called at all.

apt_missing=()

# apt_need PACKAGE PROBE...: notes PACKAGE as missing unless every probe is there: a path (/usr/include/…) or a command.
apt_need() {
  local package=$1 probe
  shift
  for probe; do
    case $probe in
      /*) [ -e "$probe" ] && continue ;;
      *) command -v "$probe" >/dev/null && continue ;;
    esac
    apt_missing+=("$package")
    return 0
  done
}

# What building jail needs; cmake/Dependencies.cmake checks the same.
apt_need_build() {
  apt_need gcc cc
  apt_need libc6-dev /usr/include/stdlib.h
  apt_need cmake cmake
  apt_need ninja-build ninja
  apt_need pkg-config pkg-config
  apt_need libseccomp-dev /usr/include/seccomp.h
  apt_need libelf-dev /usr/include/libelf.h
  apt_need libjansson-dev /usr/include/jansson.h
  apt_need libmd-dev /usr/include/sha2.h
  apt_need uthash-dev /usr/include/uthash.h
}

# Installs what apt_need noted; says so first. Fails when that is not possible.
apt_install() {
  [ ${#apt_missing[@]} -gt 0 ] || return 0
  local as_root=()
  if ! command -v apt-get >/dev/null; then
    echo "missing, and this system has no apt-get to install them with: ${apt_missing[*]}" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "missing, and neither root nor sudo to install them: apt-get install ${apt_missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "installing with ${as_root[*]:+${as_root[*]} }apt-get: ${apt_missing[*]}"
  # Lists that are old are no reason to fail: the installation tells.
  "${as_root[@]}" apt-get update -qq || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${apt_missing[@]}" >/dev/null
  apt_missing=()
}
