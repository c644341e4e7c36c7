#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Packs modesweep for machines with a GPU that have no compiler and no packages: a folder that runs
# from anywhere, and the .tar.xz of it.
#
#   tools/bundle.sh [--cuda-architectures LIST] [-o FILE] [--files PATH...]
#
#   --cuda-architectures LIST  as CMake takes them, for instance 90-real (default: all that an
#                              ordinary build is for)
#   -o FILE                    the archive (default: build/modesweep-VERSION-MACHINE.tar.xz); the
#                              folder lies beside it, without the ending
#   --files PATH...            structure files, and folders of them, that the tests and
#                              tools/check-gpu.sh are to find: they lie in `files`, below the paths that
#                              they have here
#
# In it: the program and its CUDA module, the tests that need a GPU and those of ProDy's recorded
# numbers with their tables, data/demo, tools/check-gpu.sh, and the libraries that these are linked
# with, the compiler's own included (libstdc++, libgcc_s: a machine may have older ones, or none). Of
# the machine are glibc (the version is printed), the driver, and the CUDA toolkit's libraries, which
# are many times as large as all the rest.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A path as the caller means it.
from_caller() { if [[ $1 == /* ]]; then echo "$1"; else echo "$caller/$1"; fi; }

die() {
  printf 'bundle: %s\n' "$1" >&2
  exit 2
}

architectures=-UCMAKE_CUDA_ARCHITECTURES archive='' files=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --cuda-architectures | -o)
      [[ $# -ge 2 && -n $2 ]] || die "$1 needs a value"
      if [[ $1 == -o ]]; then archive=$2; else architectures=-DCMAKE_CUDA_ARCHITECTURES=$2; fi
      shift 2
      ;;
    --files)
      shift
      while [[ $# -gt 0 && $1 != -* ]]; do
        path=$(realpath -s "$(from_caller "$1")")
        [[ -r $path ]] || die "$1 cannot be read"
        files+=("$path")
        shift
      done
      [[ ${#files[@]} -gt 0 ]] || die "--files needs files or folders"
      ;;
    -h | --help)
      sed -n '3,/^[^#]/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *) die "unknown argument $1 (known: --cuda-architectures LIST, -o FILE, --files PATH...)" ;;
  esac
done
[[ -z $archive || $archive == *.tar.xz ]] || die "the archive's name ends in .tar.xz, not as $archive"

build=build/bundle
tests=(gpu/gpu_test gpu/gpu_golden_test golden/golden_test golden/properties_golden_test
  golden/compare_golden_test)
tools/build.sh bundle "$architectures" -- modesweep_program modesweep_cuda "${tests[@]##*/}"
version=$("$build/modesweep" --version | awk '{ print $NF }')
archive=$(from_caller "${archive:-$PWD/build/modesweep-$version-$(uname -m).tar.xz}")
folder=${archive%.tar.xz}

# Only what an earlier run left here is removed.
if [[ -e $folder && ! -e $folder/BUNDLE.txt ]]; then die "$folder is there and is no bundle"; fi
rm -rf "$folder"
mkdir -p "$folder/lib/copyright" "$folder/tests/golden" "$folder/tools" "$folder/data"
cp "$build/modesweep" "$build/modesweep_cuda.so" "${tests[@]/#/$build/tests/}" LICENSE "$folder"
cp -R data/demo "$folder/data"
cp tests/golden/*.tsv "$folder/tests/golden"
cp tools/check-gpu.sh tools/*.awk "$folder/tools"

# The libraries of all that, and whose they are; not those of glibc, nor the CUDA toolkit's.
for binary in "$folder"/modesweep "$folder"/modesweep_cuda.so "$folder"/*_test; do ldd "$binary"; done |
  awk '$2 == "=>" && $3 ~ /^\// { print $1, $3 }' | sort -u |
  grep -v -E '^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|anl|nsl|mvec)|lib(cuda|cublas|cusolver|cusparse|nv)[A-Za-z]*)\.so' |
  while read -r name path; do
    cp -L "$path" "$folder/lib/$name"
    path=$(realpath "$path")
    # dpkg knows some by the paths that they had before /lib became a link.
    package=$({ dpkg-query -S "$path" || dpkg-query -S "${path#/usr}"; } 2>/dev/null | cut -d : -f 1) || true
    if [[ -n $package && -r /usr/share/doc/$package/copyright ]]; then
      cp -L "/usr/share/doc/$package/copyright" "$folder/lib/copyright/$package"
    fi
  done
strip --strip-unneeded "$folder"/modesweep "$folder"/modesweep_cuda.so "$folder"/*_test "$folder"/lib/*.so*

if [[ ${#files[@]} -gt 0 ]]; then
  mkdir "$folder/files"
  find -L "${files[@]}" -regextype posix-extended -type f -regex '.*\.(pdb|ent|cif|bcif)(\.gz)?' -print0 |
    tar --create --dereference --absolute-names --null --files-from=- |
    tar --extract --directory="$folder/files" --transform='s,^/*,,' --absolute-names
fi

glibc=$(objdump -T "$folder"/modesweep "$folder"/modesweep_cuda.so "$folder"/*_test "$folder"/lib/*.so* 2>/dev/null |
  grep -o 'GLIBC_[0-9.]*' | sort -V | tail -n 1)
targets=$(tools/cuda-targets "$folder/modesweep_cuda.so" | tr '\n' ' ')
cat >"$folder/BUNDLE.txt" <<END
modesweep $version for machines with an NVIDIA GPU, the driver and the CUDA toolkit's libraries.
It runs from any folder, with glibc ${glibc#GLIBC_} or newer.

  ./modesweep rank trypsin --archive data/demo
  tools/check-gpu.sh all        correctness and speed of this machine's cards; --help tells more

The module holds code for: $targets
The libraries in lib are Debian's or of where this was built; lib/copyright has their licences.
END

mkdir -p "$(dirname "$archive")"
tar --create --sort=name --owner=0 --group=0 --numeric-owner -C "$(dirname "$folder")" "$(basename "$folder")" |
  xz -9 --threads=1 >"$archive.part"
mv "$archive.part" "$archive"
size=$(stat -c %s "$archive")
printf 'bundle: %s, %d.%d MB, needs glibc %s\n' "$archive" $((size / 1000000)) $((size / 100000 % 10)) "${glibc#GLIBC_}"
