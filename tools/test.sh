#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh clone to all tests run: installs what is missing, builds everything, and runs ctest
# with the arguments given (default: -LE slow, all but the slow tests). MODESWEEP_PRESET chooses
# another preset than release (CMakePresets.json), for instance asan. Kernels are compiled for the card
# that is here, or for one target, which takes less time than all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=${MODESWEEP_PRESET:-release}

tools/install-deps.sh --tests --report
tools/build.sh "$preset" -DMODESWEEP_TESTS=ON -DMODESWEEP_CUDA_TARGETS=ONE

if [[ $# -eq 0 ]]; then set -- -LE slow; fi
printf '\n$ ctest --test-dir build/%s %s\n' "$preset" "$*"
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
