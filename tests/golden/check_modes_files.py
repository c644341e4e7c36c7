#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads what `modesweep modes` wrote with ProDy, and compares it with ProDy's own modes.

    /usr/bin/python3 tests/golden/check_modes_files.py FOLDER STRUCTURE...

FOLDER holds NAME.npz, NAME.nmd and NAME.pdb (--mode 2,1 --amplitude 1.5 --frames 8 --b-column
displacement) of each file.
Prints the largest differences of each entry. Exit code 1 where one is too large, 77 without ProDy.
"""

import os
import sys
import warnings
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
try:
    import numpy
    import prody
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)

MODES, AMPLITUDE, FRAMES = (2, 1), 1.5, 8
# Three decimals, and the last one rounded.
ROUNDING = 0.000501
LIMITS = {
    "fract_variance": 1e-6,
    "collectivity": 1e-6,
    "sq_flucts": 1e-6,
    "nmd_coordinates": ROUNDING,
    "nmd_vectors": ROUNDING,
    "nmd_eigenvalues": 1e-4,
    "animation": ROUNDING,
    "rmsd": ROUNDING,
    "b_column": 0.00501,
}


def relative(ours, theirs):
    return numpy.max(numpy.abs(ours / theirs - 1))


def absolute(ours, theirs):
    return numpy.max(numpy.abs(ours - theirs))


def compare(folder, path):
    name = path.name.removesuffix(".gz").removesuffix(".pdb")
    atoms = prody.parsePDB(str(path)).select("calpha")
    theirs = prody.ANM(name)
    theirs.buildHessian(atoms)
    theirs.calcModes()

    # The recipe of docs/modes.md.
    npz = numpy.load(folder / f"{name}.npz", allow_pickle=False)
    ours = prody.ANM(name)
    ours.setEigens(npz["eigenvectors"], npz["eigenvalues"])

    assert ours.numModes() == theirs.numModes() == 20
    assert not any(npz[key].dtype.hasobject for key in npz.files)
    assert absolute(npz["coordinates"], atoms.getCoords()) == 0
    assert list(npz["residue_numbers"]) == list(atoms.getResnums())
    assert list(npz["chains"]) == list(atoms.getChids())
    assert list(npz["residue_names"]) == list(atoms.getResnames())
    assert list(npz["insertion_codes"]) == list(atoms.getIcodes())
    assert absolute(npz["b_factors"], atoms.getBetas()) == 0
    vectors = npz["eigenvectors"]
    assert (vectors.max(axis=0) >= -vectors.min(axis=0) * (1 - 1e-6)).all(), "sign rule"

    nmd, nmd_atoms = prody.parseNMD(str(folder / f"{name}.nmd"), type=prody.ANM)
    assert nmd.numModes() == 20 and list(nmd_atoms.getResnums()) == list(atoms.getResnums())
    # Signs are open between ProDy and us.
    own = theirs.getEigvecs()
    own = own * numpy.sign(numpy.sum(own * vectors, axis=0))

    animation = prody.parsePDB(str(folder / f"{name}.pdb"))
    assert animation.numCoordsets() == len(MODES) * FRAMES, animation.numCoordsets()
    frames = animation.getCoordsets()
    waves = numpy.sin(2 * numpy.pi * numpy.arange(FRAMES) / FRAMES)[:, None, None]
    shifts = [
        numpy.sqrt(len(atoms)) * AMPLITUDE * vectors[:, mode - 1].reshape(-1, 3) for mode in MODES
    ]
    expected = npz["coordinates"] + numpy.concatenate([waves * shift for shift in shifts])
    extremes = [
        k * FRAMES + extreme
        for k in range(len(MODES))
        for extreme in (FRAMES // 4, 3 * FRAMES // 4)
    ]
    rmsd = [prody.calcRMSD(frames[extreme], atoms.getCoords()) for extreme in extremes]
    # ProDy keeps the B factors of the first model.
    b_column = numpy.minimum(numpy.linalg.norm(shifts[0], axis=1), 999.99)

    return len(atoms), {
        "fract_variance": relative(
            prody.calcFractVariance(ours), prody.calcFractVariance(theirs)
        ),
        "collectivity": relative(prody.calcCollectivity(ours), prody.calcCollectivity(theirs)),
        "sq_flucts": relative(prody.calcSqFlucts(ours), prody.calcSqFlucts(theirs)),
        "nmd_coordinates": absolute(nmd_atoms.getCoords(), atoms.getCoords()),
        "nmd_vectors": absolute(nmd.getEigvecs(), own),
        "nmd_eigenvalues": relative(nmd.getEigvals(), theirs.getEigvals()),
        "animation": absolute(frames, expected),
        "rmsd": absolute(numpy.array(rmsd), AMPLITUDE),
        "b_column": absolute(animation.getBetas(), b_column),
    }


def main():
    prody.confProDy(verbosity="none")
    folder, paths = Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]]
    largest = dict.fromkeys(LIMITS, 0.0)
    good = True
    for path in paths:
        residues, differences = compare(folder, path)
        too_large = [key for key in LIMITS if not differences[key] <= LIMITS[key]]
        good = good and not too_large
        for key, value in differences.items():
            largest[key] = max(largest[key], value)
        values = "  ".join(f"{key} {value:.1e}" for key, value in differences.items())
        print(path.name, residues, values, *(f"TOO LARGE: {key}" for key in too_large))
    print("largest", "  ".join(f"{key} {value:.1e}" for key, value in largest.items()))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
