#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ProDy over many files in a multiprocessing.Pool: the other side of compare_prody.py.

    OPENBLAS_NUM_THREADS=1 prody_pool.py PROCESSES OUTPUT < list of files

Writes JSON: the seconds of the files alone (imports done and pool started), versions, and each
file's numbers or ProDy's error.
"""

import gzip
import json
import multiprocessing
import sys
import time

import numpy
import prody
import scipy
import scipy.linalg  # ProDy loads it at its first solve: before the clock starts, and once


def parse(path):
    if path.endswith((".cif", ".cif.gz")):
        return prody.parseMMCIF(path)
    if path.endswith((".ent", ".ent.gz")):  # parsePDB takes this ending for mmCIF
        opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
        with opened as stream:
            return prody.parsePDBStream(stream)
    return prody.parsePDB(path)


def numbers(path):
    try:
        calphas = parse(path).select("calpha")
        anm = prody.ANM()
        anm.buildHessian(calphas)
        anm.calcModes()
        shares = [float(share) for share in prody.calcFractVariance(anm)[:3]]
        collectivities = [float(prody.calcCollectivity(anm[i])) for i in range(min(3, len(anm)))]
        return path, {"fv": shares, "coll": collectivities, "ev1": float(anm.getEigvals()[0])}
    except Exception as error:  # whatever ProDy ends with, the other files go on
        return path, {"error": f"{type(error).__name__}: {error}"}


def ready(_):
    time.sleep(0.05)  # long enough that every process takes part


def main():
    processes, output = int(sys.argv[1]), sys.argv[2]
    files = sys.stdin.read().splitlines()
    prody.confProDy(verbosity="none")
    numpy.seterr(all="ignore")
    with multiprocessing.Pool(processes) as pool:
        pool.map(ready, range(processes), chunksize=1)
        start = time.perf_counter()
        results = dict(pool.imap_unordered(numbers, files, chunksize=1))
        seconds = time.perf_counter() - start
    versions = {
        "prody": prody.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "python": sys.version.split()[0],
    }
    with open(output, "w") as stream:
        json.dump({"seconds": seconds, "versions": versions, "results": results}, stream)


if __name__ == "__main__":
    main()
