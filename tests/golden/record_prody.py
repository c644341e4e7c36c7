#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records what ProDy says about real structure files: the numbers of the golden tests.

    nice /usr/bin/python3 tests/golden/record_prody.py [TABLE...]

Each table (default: prody.tsv and prody_variants.tsv beside this script) names its own rows: all
columns up to `modes` are read, the others are recorded anew. To add a row, append a line with
those columns and run the script. The files come from the Debian packages of PACKAGES.
"""

import csv
import hashlib
import os
import sys
import tempfile
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
# ~/.prodyrc can change the protein residue set; a recording must not depend on it.
HOME = tempfile.TemporaryDirectory(prefix="record-prody-")
os.environ["HOME"] = HOME.name

import numpy
import prody
import scipy.linalg
import scipy.sparse.linalg
from prody.utilities.eigtools import ZERO

PACKAGES = {
    "emboss-test": "/usr/share/EMBOSS/test",
    "mustang-testdata": "/usr/share/doc/mustang-testdata/examples/pdbs",
    "python3-csb": "/usr/lib/python3/dist-packages/csb/test/data",
    "python3-prody-tests": "/usr/lib/python3/dist-packages/prody/tests/datafiles",
    "t-coffee-examples": "/usr/share/doc/t-coffee/examples",
    "theseus-examples": "/usr/share/doc/theseus/examples",
}
SELECTIONS = {
    "prody": "calpha",
    "prody-app": "protein and name CA or nucleic and name P C4' C2",
}
KEYS = ["package", "file", "nodes", "cutoff", "gamma", "modes"]
RECORDED = (
    ["sha256", "residues", "zero_modes", "n_modes", "fv1", "fv2", "fv3", "coll1", "coll2", "coll3"]
    + ["ev1", "ev2", "ev3", "ev4", "ev_last", "solver", "status"]
)
# Above this ProDy's dense path takes minutes; its sparse one gives the same numbers.
DENSE_LIMIT = 1500
# Above this its sparse one, which iterates without a factorisation, takes hours: ProDy's Hessian
# then goes to SciPy's shift-invert.
SPARSE_LIMIT = 5000
SHIFT = -0.01


def parse(path):
    if path.suffix == ".cif":
        return prody.parseMMCIF(str(path))
    # parsePDB takes the ending .ent for mmCIF.
    ending = ".pdb.gz" if path.suffix == ".gz" else ".pdb"
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / ("entry" + ending)
        link.symlink_to(path)
        return prody.parsePDB(str(link))


def shift_invert(anm, n_modes):
    """Sets the modes of a large ANM and returns how many zero modes it has."""
    pairs = n_modes + 10
    values, vectors = scipy.sparse.linalg.eigsh(anm.getHessian().tocsc(), k=pairs, sigma=SHIFT)
    order = numpy.argsort(values)
    values, vectors = values[order], vectors[:, order]
    zeros = int(numpy.sum(values < ZERO))
    if zeros + n_modes > pairs:
        raise ArithmeticError(f"{pairs} pairs are too few: {zeros} zero modes")
    anm.setEigens(vectors[:, zeros : zeros + n_modes], values[zeros : zeros + n_modes])
    return zeros


def count_zero_modes(hessian, sparse):
    if sparse:
        values = scipy.sparse.linalg.eigsh(hessian, k=26, which="SA", return_eigenvectors=False)
    else:
        values = scipy.linalg.eigvalsh(hessian)
    return int(numpy.sum(values < ZERO))


def record(row):
    path = Path(PACKAGES[row["package"]]) / row["file"]
    out = {key: row[key] for key in KEYS}
    out["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    atoms = parse(path)
    nodes = atoms.select(SELECTIONS[row["nodes"]]) if atoms is not None else None
    if nodes is None:
        return out | {"status": "no_ca"}
    out["residues"] = len(nodes)
    sparse = len(nodes) > DENSE_LIMIT
    large = len(nodes) > SPARSE_LIMIT
    out["solver"] = "scipy" if large else "sparse" if sparse else "dense"
    try:
        anm = prody.ANM()
        anm.buildHessian(nodes, cutoff=float(row["cutoff"]), gamma=float(row["gamma"]), sparse=sparse)
        if large:
            out["zero_modes"] = shift_invert(anm, int(row["modes"]))
        else:
            anm.calcModes(n_modes=int(row["modes"]))
            out["zero_modes"] = count_zero_modes(anm.getHessian(), sparse)
    except ValueError as error:
        return out | {"status": f"error: {error}"}
    out["n_modes"] = anm.numModes()
    shares = prody.calcFractVariance(anm)
    values = anm.getEigvals()
    for i in range(min(3, anm.numModes())):
        out[f"fv{i + 1}"] = f"{shares[i]:.15g}"
        out[f"coll{i + 1}"] = f"{prody.calcCollectivity(anm[i]):.15g}"
    for i in range(min(4, anm.numModes())):
        out[f"ev{i + 1}"] = f"{values[i]:.15g}"
    if anm.numModes():
        out["ev_last"] = f"{values[-1]:.15g}"
    return out | {"status": "ok"}


def record_table(table, keys, recorded, record):
    """Rewrites a table: `keys` of each row are read, `recorded` is what `record` makes of it."""
    with open(table, newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    results = sorted((record(row) for row in rows), key=lambda r: [r[key] for key in keys])
    with open(table, "w", newline="") as stream:
        writer = csv.DictWriter(
            stream, keys + recorded, restval="", delimiter="\t", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(results)


def main():
    prody.confProDy(verbosity="none")
    numpy.seterr(all="ignore")
    here = Path(__file__).resolve().parent
    for table in sys.argv[1:] or [here / "prody.tsv", here / "prody_variants.tsv"]:
        record_table(table, KEYS, RECORDED, record)


if __name__ == "__main__":
    main()
