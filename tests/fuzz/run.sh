#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the readers' fuzzer and runs it: exit code 0 is no finding.
#
#   tests/fuzz/run.sh [SECONDS]      # 600 by default; one process
#
# Needs clang and its runtime (Debian: clang, libclang-rt-14-dev). Inputs that it finds worth
# keeping stay in build/fuzz/corpus for the next run, findings in build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

cmake -S . -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DMODESWEEP_FUZZ=ON -DMODESWEEP_TESTS=OFF \
  -DMODESWEEP_BENCH=OFF -DMODESWEEP_CUDA=OFF --log-level=WARNING
cmake --build build/fuzz --target fuzz_readers fuzz_seeds --parallel "$(nproc)"
build/fuzz/tests/fuzz/fuzz_seeds build/fuzz/seeds
mkdir -p build/fuzz/corpus
cd build/fuzz
exec nice tests/fuzz/fuzz_readers -max_total_time="${1:-600}" -max_len=65536 -timeout=20 \
  -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 -reload=0 corpus seeds
