#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh clone to a ranking: installs what is missing, builds the program, with its CUDA
# module where there is a toolkit, and ranks the trypsins of the bundled archive. Arguments are
# passed on to `modesweep rank`; paths among them are taken from the top of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools/install-deps.sh
tools/build.sh release -DMODESWEEP_TESTS=OFF -DMODESWEEP_BENCH=OFF -- modesweep_program

command=(build/release/modesweep rank trypsin --archive data/demo "$@")
printf '\n$ %s\n' "${command[*]}"
exec "${command[@]}"
