#!/usr/bin/Rscript
# SPDX-License-Identifier: MIT
# Compares eigenvalues with those of bio3d's `nma` with its ANM force field.
#
#   Rscript tests/golden/check_bio3d.R TABLE
#
# TABLE is what `modesweep rank --format tsv --columns file,residues,ev1,...,ev20` printed of PDB
# files. Prints the largest differences of each entry; exit code 1 where one is too large, 77
# without bio3d.
#
# bio3d's force field is ANM's, spring constants of 1 within 15 angstrom, inclusive, so that no
# factor stands between its eigenvalues and ours. `nma` rounds its own to six decimals, to which
# they are held; the eigenvalues of its Hessian are held to 1e-9, relative.

if (!requireNamespace("bio3d", quietly = TRUE)) {
  message("the R package bio3d is not here")
  quit(status = 77)
}
rounding <- 0.5e-6
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.delim(arguments[1], check.names = FALSE)
good <- nrow(table) > 0
for (row in seq_len(nrow(table))) {
  pdb <- bio3d::read.pdb(table$file[row], verbose = FALSE)
  ours <- unname(unlist(table[row, paste0("ev", 1:20)]))
  residues <- length(bio3d::atom.select(pdb, "calpha", verbose = FALSE)$atom)
  # Of gaps in the chain it warns, which matters to its other force fields.
  theirs <- suppressWarnings(
    bio3d::nma(pdb, ff = "anm", mass = FALSE, temp = NULL, cutoff = 15)$force.constants
  )
  calpha <- bio3d::trim.pdb(pdb, bio3d::atom.select(pdb, "calpha", verbose = FALSE))
  hessian <- bio3d::build.hessian(calpha$xyz, bio3d::load.enmff("anm"), cutoff = 15)
  values <- sort(eigen(hessian, symmetric = TRUE, only.values = TRUE)$values)
  absolute <- max(abs(ours - theirs[7:26]))
  relative <- max(abs(ours / values[7:26] - 1))
  passed <- residues == table$residues[row] && max(abs(theirs[1:6])) == 0 &&
    absolute <= rounding * 1.001 && relative <= 1e-9
  good <- good && passed
  cat(sprintf(
    "%s residues %d nma %.1e hessian %.1e%s\n", basename(table$file[row]), residues, absolute,
    relative, if (passed) "" else " TOO LARGE"
  ))
}
quit(status = if (good) 0 else 1)
