#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times the Python package: single structures against ProDy and SciPy in the same process, what a
call costs over the library, and a batch against `modesweep rank --files` less its reading.

    bench/compare_python.py [--build build/release] [--repetitions 5] [--batch FOLDER] [FILE...]

One thread each but for the batch, which has as many as CPUs may be used. Numbers are the best of
the repetitions, which take turns. Prints the table, with the load of the machine while it ran.
"""
import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
HERE = Path(__file__).resolve().parent
THESEUS = "/usr/share/doc/theseus/examples"
DATAFILES = Path("/usr/lib/python3/dist-packages/prody/tests/datafiles")
DEMO = HERE.parent / "data/demo"


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def best(calls, repetitions):
    """The least seconds of each call; they take turns."""
    return [min(times) for times in
            zip(*[[seconds(call) for call in calls] for _ in range(repetitions)])]


def with_prody(coords, n_modes):
    import prody
    model = prody.ANM()
    model.buildHessian(coords)
    model.calcModes(n_modes)
    return model.getEigvals()


def with_scipy(coords, n_modes):
    """ProDy's sparse Hessian and SciPy's shift-invert Lanczos."""
    import prody
    import scipy.sparse.linalg
    model = prody.ANM()
    model.buildHessian(coords, sparse=True)
    return scipy.sparse.linalg.eigsh(model.getHessian().tocsc(), k=n_modes + 6, sigma=-0.01)[0][6:]


def single_structures(modesweep, files, repetitions):
    import numpy
    print("| structure | nodes | modesweep, ms | ProDy, ms | ProDy's Hessian and SciPy, ms | times ProDy | agree to |")
    print("|---|---|---|---|---|---|---|")
    for file in files:
        coords = modesweep.read_structure(file).coords
        calls = [lambda: modesweep.anm(coords, threads=1), lambda: with_prody(coords, 20),
                 lambda: with_scipy(coords, 20)]
        ours, prody, scipy = best(calls, repetitions if len(coords) < 1000 else 1)
        values = modesweep.anm(coords).eigenvalues
        difference = numpy.max(numpy.abs(with_prody(coords, 20) / values - 1))
        print(f"| {Path(file).name} | {len(coords)} | {1e3 * ours:.2f} | {1e3 * prody:.1f} | "
              f"{1e3 * scipy:.1f} | {prody / ours:.1f} | {difference:.0e} |")


def cost_of_a_call(modesweep, repetitions):
    """Of the smallest network there is, whose solution is all but nothing."""
    coords = modesweep.read_structure(DEMO / "ubiquitin/pdb1ubi.pdb.gz").coords[:2]

    def hundred():
        for _ in range(100):
            modesweep.anm(coords)

    print(f"\na call of two nodes: {10 * best([hundred], repetitions)[0]:.4f} ms")


def rank_seconds(program, files, folder):
    """Wall time of `modesweep rank` for the files, its CPU time, and what of that reading took."""
    environment = dict(os.environ, MODESWEEP_CACHE_DIR=folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    result = subprocess.run([program, "rank", "--no-result-cache", "--min-residues", "1", "-v",
                             "-o", f"{folder}/ranking.tsv", "--files", *files],
                            capture_output=True, text=True, check=True, env=environment)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, float(re.search(r"parse ([0-9.]+)", result.stderr)[1])


def cpu_seconds(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def batch(modesweep, program, folder, repetitions):
    files = sorted(str(path) for path in Path(folder).rglob("*.pdb*"))
    coords = []
    for file in files:
        try:
            coords.append(modesweep.read_structure(file).coords)
        except modesweep.Error:
            continue
    threads = modesweep.info()["cpus"]

    def solve(**options):
        return lambda: modesweep.anm_batch(coords, progress=False, **options)

    calls = {"anm_batch, 1 thread": solve(threads=1, vectors=False),
             f"anm_batch, {threads} threads": solve(vectors=False),
             f"anm_batch with vectors, {threads} threads": solve()}
    print(f"\n| {len(coords)} structures | wall, s | CPU, s |\n|---|---|---|")
    for name, wall, call in zip(calls, best(list(calls.values()), repetitions), calls.values()):
        print(f"| {name} | {wall:.2f} | {min(cpu_seconds(call) for _ in range(2)):.2f} |")
    with tempfile.TemporaryDirectory() as cache:
        wall, cpu, reading = (min(values) for values in zip(
            *[rank_seconds(program, files, cache) for _ in range(repetitions)]))
    print(f"| modesweep rank --files, of which reading {reading:.2f} s over {threads} threads | "
          f"{wall:.2f} | {cpu:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=HERE.parent / "build/release")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--batch", default=THESEUS)
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    sys.path.insert(0, str(options.build / "python"))
    import modesweep
    import prody
    prody.confProDy(verbosity="none")
    files = options.files or [DEMO / "ubiquitin/pdb1ubi.pdb.gz",
                              DEMO / "trypsin/1PPZ_A.pdb.gz",
                              DEMO / "lactate-dehydrogenase/6ldh_A.pdb.gz"]
    print(f"modesweep {modesweep.__version__}, {modesweep.info()['cpu']}, "
          f"{modesweep.info()['cpus']} CPUs, load {os.getloadavg()[0]:.1f}\n")
    single_structures(modesweep, [str(file) for file in files], options.repetitions)
    cost_of_a_call(modesweep, options.repetitions)
    if Path(options.batch).is_dir():
        batch(modesweep, options.build / "modesweep", options.batch, options.repetitions)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
