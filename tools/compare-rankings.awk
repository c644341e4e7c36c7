# SPDX-License-Identifier: MIT
# Compares two rankings of the same files number by number, those of the first being right:
#
#   awk -f compare-rankings.awk [-v json=FILE] [-v solved_by=BACKEND] CPU.tsv DEVICE.tsv
#
# Both are tables of `modesweep rank --format tsv` with the columns that `wanted` has. Prints what it
# found, into `json` as members of a JSON object; exit code 1 where something is not as it should be.
# The second is to be solved by a backend whose name begins with BACKEND (default: cuda).
#
# The tolerances are those of tests/golden (see README.md there): an eigenvalue has an error of 1e-14
# of the largest one, which is 52 for a protein at 15 angstrom. A share has that of the softest
# eigenvalue, a collectivity twenty times that of the gap to the nearest other eigenvalue.

function is_number(text) { return text ~ /^-?[0-9.]+([eE][-+]?[0-9]+)?$/ }
function largest(a, b) { return a > b ? a : b }
function smallest(a, b) { return a < b ? a : b }
function magnitude(x) { return x < 0 ? -x : x }

# A number of the first table.
function right(file, column) { return table[file, column] }

function tolerance(file, column,    mode, here, gap) {
  if (column ~ /^ev/) return largest(least, eigenvalue_error / right(file, column))
  if (column ~ /^fv/) return largest(least, eigenvalue_error / right(file, "ev1"))
  mode = substr(column, 5) + 0
  here = right(file, "ev" mode)
  gap = mode == 1 ? here : here - right(file, "ev" mode - 1)
  if (is_number(right(file, "ev" mode + 1)))
    gap = smallest(gap, right(file, "ev" mode + 1) - here)
  return gap > 0 ? largest(least, 20 * eigenvalue_error / gap) : 1
}

function wrong(what) {
  if (++wrongs <= most_named) print "  " what
}

function named(file) {
  if (elsewhere <= most_named) elsewhere_names = elsewhere_names "\n  " file
}

BEGIN {
  FS = "\t"
  if (solved_by == "") solved_by = "cuda"
  least = 1e-9
  eigenvalue_error = 52e-14
  most_named = 12
  split("file zero_modes fv1 fv2 fv3 coll1 coll2 coll3 ev1 ev2 ev3 ev4 backend", wanted, " ")
  compared = split("ev1 ev2 ev3 ev4 fv1 fv2 fv3 coll1 coll2 coll3", numbers, " ")
}

FNR == 1 {
  ++tables
  split("", at)
  for (i = 1; i <= NF; ++i) at[$i] = i
  for (i in wanted)
    if (!(wanted[i] in at)) {
      printf "%s has no column %s\n", FILENAME, wanted[i]
      broken = 1
      exit
    }
  next
}

tables == 1 {
  rows[$at["file"]] = 1
  ++expected
  for (i in wanted) table[$at["file"], wanted[i]] = $at[wanted[i]]
  next
}

{
  file = $at["file"]
  ++found
  if (!(file in rows)) {
    wrong(file " is not in the first table")
    next
  }
  seen[file] = 1
  if (index($at["backend"], solved_by) == 1) {
    ++as_meant
  } else {
    ++elsewhere
    named(file ": " $at["backend"])
  }
  if ($at["zero_modes"] != right(file, "zero_modes")) {
    ++zero_modes
    wrong(file ": " $at["zero_modes"] " zero modes instead of " right(file, "zero_modes"))
    next
  }
  for (i = 1; i <= compared; ++i) {
    column = numbers[i]
    ours = $at[column]
    expect = right(file, column)
    if (!is_number(ours) || !is_number(expect) || expect + 0 == 0) {
      if (ours != expect) wrong(file ": " column " is " ours " instead of " expect)
      continue
    }
    difference = magnitude(ours - expect) / magnitude(expect)
    allowed = tolerance(file, column)
    if (difference > allowed)
      wrong(sprintf("%s: %s is %s instead of %s, a relative difference of %.1e where %.1e is allowed", \
                    file, column, ours, expect, difference, allowed))
    if (!(difference / allowed < worst)) {
      worst = difference / allowed
      worst_difference = difference
      worst_allowed = allowed
      worst_file = file
      worst_column = column
    }
  }
}

END {
  if (broken) exit 1
  for (file in rows)
    if (!(file in seen)) {
      ++missing
      wrong(file " is missing")
    }
  if (expected == 0) wrong("the first table has no rows")
  if (as_meant == 0) wrong("no row was solved by " solved_by)
  if (wrongs > most_named) printf "  and %d more\n", wrongs - most_named
  printf "%d rows of %d, %d missing, zero modes differ in %d, %d solved by %s\n", \
         found, expected, missing, zero_modes, as_meant, solved_by
  if (worst_file != "")
    printf "worst: %s of %s, a relative difference of %.1e where %.1e is allowed\n", \
           worst_column, worst_file, worst_difference, worst_allowed
  if (elsewhere > 0) printf "%d not solved by %s:%s\n", elsewhere, solved_by, elsewhere_names
  if (json != "")
    printf "\"rows\":%d,\"missing\":%d,\"zero_modes_differ\":%d,\"on_device\":%d,\"not_on_device\":%d,\"wrong\":%d,\"worst_difference\":%.3e,\"worst_allowed\":%.3e,\"worst_column\":\"%s\"", \
           found, missing, zero_modes, as_meant, elsewhere, wrongs, worst_difference, \
           worst_allowed, worst_column > json
  exit wrongs > 0
}
