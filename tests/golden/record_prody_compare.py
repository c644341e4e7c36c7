#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records how ProDy compares the modes of two structures of one protein.

    nice /usr/bin/python3 tests/golden/record_prody_compare.py [TABLE]

As record_prody.py, whose files it takes: packages, files and chains (empty: all) are read, the rest
is recorded anew. Residues are matched by their numbers, which both files of a row share.
"""

import hashlib
import sys
from pathlib import Path

import record_prody
import numpy
import prody

KEYS = ["package", "file", "chain", "package2", "file2", "chain2"]
RECORDED = ["sha256", "sha256_2", "residues", "residues2", "matched", "identical", "rmsd"] + [
    "rmsip10", "rmsip20", "deformation", "cumulative", "deformation2", "cumulative2", "overlaps"
]
SHOWN = 6  # of the table of overlaps, each way


def text(values):
    return ",".join(f"{value:.15g}" for value in numpy.atleast_1d(values).ravel())


def nodes_of(row, suffix):
    path = Path(record_prody.PACKAGES[row["package" + suffix]]) / row["file" + suffix]
    atoms = record_prody.parse(path)
    chain = row["chain" + suffix]
    return path, atoms.select("calpha" + (f" and chain {chain}" if chain else "")).copy()


def residues(atoms):
    """Index of each residue by number and insertion code, chains counted."""
    chains = list(dict.fromkeys(atoms.getChids()))
    return {
        (chains.index(atom.getChid()), atom.getResnum(), atom.getIcode()): index
        for index, atom in enumerate(atoms)
    }


def modes(atoms, matched):
    anm = prody.ANM()
    anm.buildHessian(atoms)
    anm.calcModes()
    mask = numpy.zeros(len(atoms), dtype=bool)
    mask[matched] = True
    # Unit vectors over the matched residues.
    return prody.dynamics.editing.sliceModelByMask(anm, mask, norm=True)


def orthonormalised(model):
    """The same where all residues match."""
    vectors, _ = numpy.linalg.qr(model.getEigvecs())
    basis = prody.NMA("basis")
    basis.setEigens(vectors, model.getEigvals())
    return basis


def record(row):
    (path, first), (path2, second) = nodes_of(row, ""), nodes_of(row, "2")
    out = {key: row[key] for key in KEYS}
    out["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    out["sha256_2"] = hashlib.sha256(path2.read_bytes()).hexdigest()
    ours, theirs = residues(first), residues(second)
    common = sorted(ours.keys() & theirs.keys(), key=ours.get)
    places = [ours[key] for key in common]
    places2 = [theirs[key] for key in common]
    # Slices keep the order of the atoms, which must be the same on both sides.
    assert places == sorted(places) and places2 == sorted(places2)
    # ProDy's ANM does not turn with its atoms: superpose first.
    part, part2 = first[places].copy(), second[places2].copy()
    transformation = prody.calcTransformation(part2, part)
    transformation.apply(second)
    part2 = second[places2].copy()
    step = prody.calcDeformVector(part, part2)
    out |= {
        "residues": len(first),
        "residues2": len(second),
        "matched": len(common),
        "identical": int(numpy.sum(part.getResnames() == part2.getResnames())),
        "rmsd": text(prody.calcRMSD(part, part2)),
    }
    a, b = modes(first, places), modes(second, places2)
    basis, basis2 = orthonormalised(a), orthonormalised(b)
    out["rmsip10"] = text(prody.calcSubspaceOverlap(basis[:10], basis2[:10]))
    out["rmsip20"] = text(prody.calcSubspaceOverlap(basis[:20], basis2[:20]))
    for key, model, space in (("", a, basis), ("2", b, basis2)):
        out["deformation" + key] = text(abs(prody.calcOverlap(step, model)))
        out["cumulative" + key] = text(prody.calcCumulOverlap(step, space))
    out["overlaps"] = text(abs(prody.calcOverlap(a[:SHOWN], b[:SHOWN])))
    return out


def main():
    prody.confProDy(verbosity="none")
    table = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("prody_compare.tsv")
    record_prody.record_table(table, KEYS, RECORDED, record)


if __name__ == "__main__":
    main()
