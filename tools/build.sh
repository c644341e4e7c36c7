#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Configures and builds one preset: the step that demo.sh and test.sh share.
#
#   tools/build.sh PRESET [CMAKE_OPTION...] [-- TARGET...]
#
# Ninja and ccache are used where they are installed; everything is built where no target is named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:?usage: tools/build.sh PRESET [CMAKE_OPTION...] [-- TARGET...]}
shift
options=()
while [[ $# -gt 0 && $1 != -- ]]; do
  options+=("$1")
  shift
done
if [[ $# -gt 0 ]]; then shift; fi
targets=()
if [[ $# -gt 0 ]]; then targets=(--target "$@"); fi

# A build folder keeps the generator that it was made with.
if [[ ! -f build/$preset/CMakeCache.txt ]] && command -v ninja >/dev/null; then
  options+=(-G Ninja)
fi
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_CUDA_COMPILER_LAUNCHER=ccache)
fi
cmake --preset "$preset" --log-level=WARNING "${options[@]}"
cmake --build "build/$preset" --parallel "$(nproc)" "${targets[@]}"
