#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tries a bundle in a bare installation of another Debian release, in which nothing is installed:
#
#   tests/bundle/try-in-chroot.sh RELEASE [BUNDLE]
#
#   RELEASE  for instance trixie; debootstrap makes it (variant minbase) in a temporary folder
#   BUNDLE   a .tar.xz of tools/bundle.sh (default: one is made, for compute capability 9.0)
#
# As an ordinary user there, from a folder of another name: the program ranks data/demo as it does
# here, the CPU's self-test passes, the tests that need a GPU say why they skip, and tools/check-gpu.sh
# comes to its end without one. Needs root and debootstrap; the mirror is that of this machine's apt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() {
  printf 'try-in-chroot: %s\n' "$1" >&2
  exit 2
}

[[ $# -eq 1 || $# -eq 2 ]] || die "usage: tests/bundle/try-in-chroot.sh RELEASE [BUNDLE]"
release=$1 bundle=${2:-}
[[ $release =~ ^[a-z]+$ ]] || die "a release has a name such as trixie, not $release"
[[ -z $bundle || -f $bundle ]] || die "there is no bundle $bundle"
[[ $EUID -eq 0 ]] || die "only root can make such a chroot"
command -v debootstrap >/dev/null || die "debootstrap is not installed"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ -z $bundle ]]; then
  bundle=$work/modesweep.tar.xz
  tools/bundle.sh --cuda-architectures 90-real -o "$bundle"
  most=20000000
  if [[ $(stat -c %s "$bundle") -ge $most ]]; then
    echo "try-in-chroot: the bundle is larger than $most bytes" >&2
    exit 1
  fi
fi

mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
  grep -E '^(deb|URIs:) ' | grep -oE '[a-z]+://[^ ]+/debian/?' | head -n 1) ||
  die "no Debian mirror in this machine's apt sources"
proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
if [[ -n $proxy && -z ${http_proxy:-} ]]; then export http_proxy=$proxy; fi

echo "try-in-chroot: $release from $mirror"
root=$work/root
debootstrap --variant=minbase "$release" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 || {
  tail -n 5 "$work/debootstrap.log" >&2
  exit 1
}
place="opt/another folder"
mkdir -p "$root/$place"
tar -xf "$bundle" -C "$root/$place" --strip-components=1
grep -E '^PRETTY_NAME' "$root/etc/os-release"

# Processes and mounts of such a command end with it.
inside() {
  unshare --mount --pid --fork --kill-child --root="$root" --mount-proc \
    setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all \
    env -i PATH=/usr/bin:/bin HOME=/tmp bash -c "cd '/$place' && $1"
}

failed=0
check() { # WHAT STATUS
  if [[ $2 -eq 0 ]]; then
    echo "passed  $1"
  else
    echo "FAILED  $1"
    failed=1
  fi
}

# Another glibc may round its functions otherwise: the order is the same, and the numbers to the
# golden tests' tolerance.
ranking='rank --files data/demo --top 0 --format tsv --min-residues 1 --no-result-cache --quiet'
ranking+=' --columns rank,file,residues,zero_modes,fv1,fv2,fv3,coll1,coll2,coll3,ev1,ev2,ev3,ev4,backend'
program=$PWD/build/bundle/modesweep
if [[ ! -x $program ]]; then program=$root/$place/modesweep; fi
# shellcheck disable=SC2086 # words
MODESWEEP_CACHE_DIR=$work/cache "$program" $ranking >"$work/here.tsv"
inside "./modesweep $ranking" >"$work/there.tsv" || true
rows=$(($(wc -l <"$work/here.tsv") - 1))
status=0
[[ $rows -ge 40 ]] && cmp <(cut -f 1-4 "$work/here.tsv") <(cut -f 1-4 "$work/there.tsv") || status=1
check "data/demo: $rows rows in the order that they have here" $status
status=0
awk -f tools/compare-rankings.awk -v solved_by=cpu "$work/here.tsv" "$work/there.tsv" || status=1
check 'data/demo: the numbers that it has here' $status

status=0
inside './modesweep selftest' >"$work/selftest.log" 2>&1 || status=$?
cat "$work/selftest.log"
[[ $status -eq 4 ]] && grep -q '^pass  cpu solver' "$work/selftest.log" &&
  ! grep -q '^FAIL' "$work/selftest.log" && status=0 || status=1
check "selftest of the CPU's solvers" $status

status=0
inside './gpu_test' >"$work/gpu_test.log" 2>&1 || status=$?
grep -m 1 'no device: ' "$work/gpu_test.log" || status=1
if grep -q '^\[       OK' "$work/gpu_test.log"; then status=1; fi
check 'gpu_test skips with the reason' $status

status=0
inside './gpu_golden_test' >"$work/golden.log" 2>&1 || status=$?
skipped=$(grep -c '^\[  SKIPPED \].* ms)' "$work/golden.log")
[[ $skipped -ge 100 ]] || status=1
check "gpu_golden_test skips $skipped cases with the reason" $status

# Recorded files, where they are installed here, are found below `files`; where none are, a variable
# that names them makes that a failure.
status=0
inside "MODESWEEP_TEST_DATA=\$PWD ./golden_test" >"$work/golden.log" 2>&1 && status=1
grep -q 'MODESWEEP_TEST_DATA is set, and no recorded file is here' "$work/golden.log" || status=1
check 'golden_test fails where it is told of files that are not there' $status
examples=/usr/share/doc/theseus/examples
if [[ -d $examples ]]; then
  mkdir -p "$root/$place/files$examples"
  cp -RL "$examples/." "$root/$place/files$examples"
  status=0
  inside "MODESWEEP_TEST_DATA=\$PWD ./golden_test --gtest_filter='*/theseus_examples_cytochromes*'" \
    >"$work/golden.log" 2>&1 || status=$?
  agree=$(grep -c '^\[       OK' "$work/golden.log") || status=1
  check "golden_test: $agree files agree with ProDy" $status
fi

status=0
inside 'tools/check-gpu.sh all --out /tmp/results' || status=$?
[[ $status -eq 4 ]] && status=0
check 'check-gpu.sh all ends with exit code 4' $status
[[ $(find "$root/tmp/results" -type f | wc -l) -le 8 ]] || check 'eight result files at most' 1

if [[ $failed -eq 1 ]]; then exit 1; fi
echo "try-in-chroot: all passed in $release, ${SECONDS} s"
