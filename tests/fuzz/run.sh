#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the readers' fuzzers and runs them: exit code 0 is no finding.
#
#   tests/fuzz/run.sh [SECONDS [FORMAT...]]      # 600 each by default; pdb pqr mmcif binary_cif
#
# As many run at once as there are cores. Needs clang and its runtime (Debian: clang,
# libclang-rt-14-dev). Inputs that they find worth keeping stay in build/fuzz/corpus for the next
# run, findings in build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-600}
shift $(($# > 0 ? 1 : 0))
formats=("$@")
if [[ $# -eq 0 ]]; then formats=(pdb mmcif binary_cif pqr); fi

cmake -S . -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DMODESWEEP_FUZZ=ON -DMODESWEEP_TESTS=OFF \
  -DMODESWEEP_BENCH=OFF -DMODESWEEP_CUDA=OFF --log-level=WARNING
cmake --build build/fuzz --target "${formats[@]/#/fuzz_}" fuzz_seeds --parallel "$(nproc)"
build/fuzz/tests/fuzz/fuzz_seeds build/fuzz/seeds
cd build/fuzz

fuzz() {
  mkdir -p "corpus/$1" "findings/$1"
  nice "tests/fuzz/fuzz_$1" -max_total_time="$seconds" -max_len=65536 -timeout=20 \
    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 -reload=0 \
    -artifact_prefix="findings/$1/" "corpus/$1" "seeds/$1" >"$1.log" 2>&1
}

# A signal to this script ends those that run.
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 143' INT TERM HUP

failed=no
for ((i = 0; i < ${#formats[@]}; i += $(nproc))); do
  running=()
  for format in "${formats[@]:i:$(nproc)}"; do
    fuzz "$format" &
    running+=("$format" $!)
  done
  for ((j = 0; j < ${#running[@]}; j += 2)); do
    if wait "${running[j + 1]}"; then verdict="nothing found"; else verdict="FOUND SOMETHING" failed=yes; fi
    echo "${running[j]}: $verdict"
    tail -n 8 "${running[j]}.log"
  done
done
[[ $failed == no ]]
