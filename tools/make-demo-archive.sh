#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rebuilds the bundled archive data/demo from the installed Debian packages that its SOURCES.tsv
# names, and checks every file's SHA-256.
#
#   tools/make-demo-archive.sh [--record] [FOLDER]
#
#   FOLDER    where to write (default: data/demo)
#   --record  write the versions and hashes found into SOURCES.tsv; for a changed selection of
#             files (put `-` into the columns that are not known yet)
#
# A file is copied as it lies in its package, or compressed with `gzip -n -9` where its name ends in
# .gz and that in the package does not.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
sources=$root/data/demo/SOURCES.tsv

record=no
if [[ ${1:-} == --record ]]; then
  record=yes
  shift
fi
folder=${1:-$root/data/demo}

recorded=$(mktemp)
trap 'rm -f "$recorded"' EXIT
head -n 1 "$sources" >"$recorded"
wrong=0
while IFS=$'\t' read -r file entry package version path sha256 licence; do
  if [[ ! -r $path ]]; then
    echo "make-demo-archive: $path is missing; install the package $package" >&2
    exit 1
  fi
  mkdir -p "$(dirname "$folder/$file")"
  if [[ $file == *.gz && $path != *.gz ]]; then
    gzip -n -9 -c "$path" >"$folder/$file"
  else
    cat "$path" >"$folder/$file"
  fi
  found=$(sha256sum "$folder/$file" | cut -d ' ' -f 1)
  if [[ $record == yes ]]; then
    version=$(dpkg-query -W -f '${Version}' "$package")
  elif [[ $found != "$sha256" ]]; then
    echo "make-demo-archive: $file differs from its hash in SOURCES.tsv" >&2
    wrong=$((wrong + 1))
  fi
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
    "$file" "$entry" "$package" "$version" "$path" "$found" "$licence" >>"$recorded"
done < <(tail -n +2 "$sources")

if [[ $record == yes ]]; then cat "$recorded" >"$sources"; fi
if [[ $wrong -gt 0 ]]; then exit 1; fi
echo "make-demo-archive: $(($(wc -l <"$recorded") - 1)) files in $folder"
