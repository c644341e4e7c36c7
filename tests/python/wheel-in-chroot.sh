#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the wheel in a chroot of a Debian release that has scikit-build-core, and tries it in
# another one in which nothing but python3-numpy is installed:
#
#   tests/python/wheel-in-chroot.sh [RELEASE [FOLDER]]
#
#   RELEASE  for instance trixie, the default; debootstrap makes both (variant minbase)
#   FOLDER   where to, and kept; else a temporary one. Chroots that are there are taken as they are
#
# The wheel has its libraries with it: what the module is linked with there but for glibc's and the
# compiler's. Modes of data/demo are compared with ProDy's, as tests/golden/prody.tsv has them. Needs
# root and debootstrap; the mirror is that of this machine's apt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() {
  printf 'wheel-in-chroot: %s\n' "$1" >&2
  exit 2
}

release=${1:-trixie}
[[ $release =~ ^[a-z]+$ ]] || die "a release has a name such as trixie, not $release"
[[ $EUID -eq 0 ]] || die "only root can make such a chroot"
command -v debootstrap >/dev/null || die "debootstrap is not installed"
work=${2:-$(mktemp -d)}
if [[ -z ${2:-} ]]; then trap 'rm -rf --one-file-system "$work"' EXIT; fi
trap 'exit 130' INT
trap 'exit 143' TERM

mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
  grep -E '^(deb|URIs:) ' | grep -oE '[a-z]+://[^ ]+/debian/?' | head -n 1) ||
  die "no Debian mirror in this machine's apt sources"
proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
if [[ -n $proxy && -z ${http_proxy:-} ]]; then export http_proxy=$proxy; fi

# inside ROOT COMMAND: its processes and mounts end with it.
inside() {
  unshare --mount --pid --fork --kill-child --root="$work/$1" --mount-proc \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+"http_proxy=$http_proxy"} bash -euc "$2"
}

# chroot_with ROOT PACKAGE...
chroot_with() {
  local root=$1
  shift
  [[ -e $work/$root/etc/os-release ]] ||
    debootstrap --variant=minbase --include=ca-certificates "$release" "$work/$root" "$mirror"
  inside "$root" "apt-get install -y -qq --no-install-recommends $*" >/dev/null
}

# The packages that a build needs, as tools/install-deps.sh lists them.
mapfile -t needed < <(sed -n '/^required=(/,/)$/p' tools/install-deps.sh | tr -d '()' |
  sed 's/^required=//' | tr -s ' ' '\n' | grep .)
chroot_with root "${needed[@]}" python3-dev pybind11-dev python3-scikit-build-core python3-build
chroot_with bare python3-numpy

mkdir -p "$work/root/src"
tar --create --exclude=./build --exclude=./.git . | tar --extract -C "$work/root/src"
inside root 'cd /src && CXXFLAGS=-Werror python3 -m build --wheel --no-isolation \
  -Cbuild-dir=build/wheel -o /wheels'

rm -rf "$work/bare/try"
mkdir -p "$work/bare/try"
cp "$work"/root/wheels/modesweep-*.whl tests/golden/prody.tsv "$work/bare/try"
cp data/demo/ubiquitin/pdb1ubi.pdb.gz "$work/bare/try"
cp tests/python/try_wheel.py "$work/bare/try"
# There is no pip.
inside bare 'cd /try && python3 -m zipfile -e modesweep-*.whl package && ls -l modesweep-*.whl &&
  ls package/modesweep package/modesweep/lib && PYTHONPATH=package python3 try_wheel.py'
