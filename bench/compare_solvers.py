#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times the modes of single structures, coordinates in memory: modesweep against its rivals.

    bench/compare_solvers.py [--program build/release/bench/solve_once] [--repetitions 7] [ENTRY...]

The rivals: ProDy as it comes (dense), ProDy with sparse=True, and what an expert would write with
SciPy: vectorised assembly and the dense partial solver, or shift-invert by SuperLU with its usual
column ordering or with a symmetric minimum-degree one. Every solver gets the same coordinates and
one thread, stays loaded between repetitions, and takes turns with the others; contacts, Hessian
and 26 eigenpairs with vectors count. modesweep's solver `filtered` stands beside shift-invert, to
which it goes where it has to. Prints a table and writes the record to bench/results/. Ends
with 1 where a share differs by more than the tolerance or modesweep has no answer.
"""

import argparse
import datetime
import gzip
import itertools
import json
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

for _library in ("OPENBLAS", "OMP", "MKL"):  # read when NumPy loads its BLAS
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import compare_prody

compare_prody.name_blas_kernels()

import numpy
import prody
import scipy
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from scipy.spatial import cKDTree

SMALL = 500  # residues
CUTOFF = 15.0
MODES = 20
ZERO = 1e-6  # ProDy's: an eigenvalue below it is a zero mode
HERE = Path(__file__).resolve().parent
PRODY_TESTS = "/usr/lib/python3/dist-packages/prody/tests/datafiles"
T_COFFEE = "/usr/share/doc/t-coffee/examples"

# Name, Debian package, file, copies. Two copies: the second is rotated and touches the first.
ENTRIES = [
    ("1UBI", "python3-prody-tests", f"{PRODY_TESTS}/pdb1ubi.pdb", 1),
    ("1A5Z_A", "theseus-examples", "/usr/share/doc/theseus/examples/ldh/1a5z_A.pdb.gz", 1),
    ("3HSY", "python3-prody-tests", f"{PRODY_TESTS}/pdb3hsy.pdb", 1),
    ("3O21", "python3-prody-tests", f"{PRODY_TESTS}/pdb3o21.pdb", 1),
    ("3V2U", "t-coffee-examples", f"{T_COFFEE}/3V2U.pdb.gz", 1),
    ("3V2U-twice", "t-coffee-examples", f"{T_COFFEE}/3V2U.pdb.gz", 2),
    ("6ZU5", "python3-prody-tests", f"{PRODY_TESTS}/mmcif_6zu5.cif", 1),
    ("3SHM", "python3-csb", "/usr/lib/python3/dist-packages/csb/test/data/3shm_ca.pdb", 1),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "entries", nargs="*", metavar="ENTRY", help=" ".join(name for name, *_ in ENTRIES)
    )
    parser.add_argument("--program", default=str(HERE.parent / "build" / "release" / "bench" / "solve_once"))
    parser.add_argument(
        "--repetitions",
        type=int,
        default=7,
        help=f"of each solver; five times as many up to {SMALL} residues",
    )
    parser.add_argument(
        "--time-limit", type=float, default=120, help="seconds for one repetition of a rival"
    )
    parser.add_argument(
        "--enough",
        type=float,
        default=30,
        help="a rival that has spent this many seconds on an entry is not repeated further",
    )
    parser.add_argument(
        "--dense-limit", type=int, default=2000, help="residues up to which dense rivals run"
    )
    parser.add_argument(
        "--prody-sparse-limit",
        type=int,
        default=4000,
        help="residues up to which ProDy sparse=True runs; beyond, its assembly takes minutes",
    )
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args()
    options.entries = [name.upper().replace("-TWICE", "-twice") for name in options.entries]
    unknown = set(options.entries) - {name for name, *_ in ENTRIES}
    if unknown:
        parser.error(f"no entry is called {' '.join(sorted(unknown))}")
    return options


def read_calphas(path):
    if path.endswith(".cif"):
        atoms = prody.parseMMCIF(path)
    else:
        with (gzip.open if path.endswith(".gz") else open)(path, "rt") as stream:
            atoms = prody.parsePDBStream(stream)
    return atoms.select("calpha").getCoords()


def touching_copy(coordinates):
    """The coordinates turned by 40 and 70 degrees and moved until they are 5 angstrom away."""
    a, b = math.radians(40), math.radians(70)
    about_z = [[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]]
    about_y = [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
    center = coordinates.mean(axis=0)
    turned = (coordinates - center) @ numpy.array(about_z).T @ numpy.array(about_y).T + center
    tree = cKDTree(coordinates)
    apart = numpy.array([2 * numpy.ptp(coordinates, axis=0).max(), 0, 0])
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if tree.query(turned + middle * apart)[0].min() > 5:
            high = middle
        else:
            low = middle
    return turned + high * apart


def load(path, copies):
    coordinates = read_calphas(path)
    if copies == 2:
        coordinates = numpy.vstack([coordinates, touching_copy(coordinates)])
    return numpy.ascontiguousarray(coordinates, dtype=float)


# The rivals: coordinates and number of zero modes in, ascending eigenvalues out; each computes the
# eigenvectors too.


def prody_default(coordinates, _, sparse=False):
    anm = prody.ANM()
    anm.buildHessian(coordinates, cutoff=CUTOFF, sparse=sparse)
    anm.calcModes(MODES)
    return anm.getEigvals()


def prody_sparse(coordinates, zero_modes):
    return prody_default(coordinates, zero_modes, sparse=True)


def contact_blocks(coordinates):
    """Pairs in contact, the 3x3 block of each pair, and those of the diagonal."""
    pairs = cKDTree(coordinates).query_pairs(CUTOFF, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    difference = coordinates[second] - coordinates[first]
    scaled = difference / -numpy.einsum("ij,ij->i", difference, difference)[:, None]
    blocks = difference[:, :, None] * scaled[:, None, :]
    count = len(coordinates)
    diagonal = numpy.empty((count, 3, 3))
    for a, b in itertools.combinations_with_replacement(range(3), 2):
        weights = blocks[:, a, b]
        diagonal[:, a, b] = diagonal[:, b, a] = -(
            numpy.bincount(first, weights, count) + numpy.bincount(second, weights, count)
        )
    return first, second, blocks, diagonal


def dense_hessian(coordinates):
    first, second, blocks, diagonal = contact_blocks(coordinates)
    count = len(coordinates)
    hessian = numpy.zeros((count, 3, count, 3))
    every = numpy.arange(count)
    hessian[first, :, second, :] = blocks
    hessian[second, :, first, :] = blocks
    hessian[every, :, every, :] = diagonal
    return hessian.reshape(3 * count, 3 * count)


def sparse_hessian(coordinates):
    first, second, blocks, diagonal = contact_blocks(coordinates)
    count = len(coordinates)
    every = numpy.arange(count)
    rows = numpy.concatenate([first, second, every]).astype(numpy.int32)
    columns = numpy.concatenate([second, first, every]).astype(numpy.int32)
    axis = numpy.arange(3, dtype=numpy.int32)
    shape = (len(rows), 3, 3)
    return scipy.sparse.coo_matrix(
        (
            numpy.concatenate([blocks, blocks, diagonal]).ravel(),
            (
                numpy.broadcast_to(3 * rows[:, None, None] + axis[:, None], shape).ravel(),
                numpy.broadcast_to(3 * columns[:, None, None] + axis, shape).ravel(),
            ),
        ),
        (3 * count, 3 * count),
    ).tocsc()


SHIFT = -0.01


def scipy_dense(coordinates, zero_modes):
    values, _ = scipy.linalg.eigh(
        dense_hessian(coordinates).T,  # symmetric, and in the order that LAPACK takes
        subset_by_index=[0, MODES + zero_modes - 1],
        overwrite_a=True,
        check_finite=False,
    )
    return values


def scipy_colamd(coordinates, zero_modes):
    values, _ = scipy.sparse.linalg.eigsh(
        sparse_hessian(coordinates), k=MODES + zero_modes, sigma=SHIFT
    )
    return values


def scipy_mmd(coordinates, zero_modes):
    hessian = sparse_hessian(coordinates)
    size = hessian.shape[0]
    factor = scipy.sparse.linalg.splu(
        hessian - SHIFT * scipy.sparse.identity(size, format="csc"),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    inverse = scipy.sparse.linalg.LinearOperator((size, size), factor.solve, dtype=float)
    values, _ = scipy.sparse.linalg.eigsh(
        hessian, k=MODES + zero_modes, sigma=SHIFT, OPinv=inverse
    )
    return values


RIVALS = {
    "ProDy": prody_default,
    "ProDy sparse": prody_sparse,
    "SciPy eigh": scipy_dense,
    "SciPy COLAMD": scipy_colamd,
    "SciPy MMD": scipy_mmd,
}
OURS = "modesweep"
FILTERED = "filtered"


def reason_to_skip(rival, residues, options):
    if rival in ("ProDy", "SciPy eigh") and residues > options.dense_limit:
        gigabytes = 8 * (3 * residues) ** 2 / 1e9
        return f"dense above {options.dense_limit} residues: {gigabytes:.0f} GB for each matrix"
    if rival == "ProDy sparse" and residues > options.prody_sparse_limit:
        return f"above {options.prody_sparse_limit} residues its assembly in Python takes minutes"
    return ""


def rival_process(pipe, name, coordinates, zero_modes):
    prody.confProDy(verbosity="none")
    warnings.simplefilter("ignore")
    while True:
        pipe.recv()
        try:
            start, start_cpu = time.perf_counter(), time.process_time()
            values = RIVALS[name](coordinates, zero_modes)
            seconds = time.perf_counter() - start, time.process_time() - start_cpu
            values = numpy.sort(values)
            pipe.send((*seconds, values[values >= ZERO][:MODES].tolist()))
        except Exception as error:
            pipe.send(f"{type(error).__name__}: {error}")


class Rival:
    """A process that repeats one rival's solution on demand."""

    def __init__(self, name, coordinates, zero_modes, time_limit):
        self.time_limit = time_limit
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=rival_process, args=(theirs, name, coordinates, zero_modes), daemon=True
        )
        self.process.start()
        theirs.close()  # so that the end of the process ends the pipe

    def solve(self):
        try:
            self.pipe.send("again")
            if not self.pipe.poll(self.time_limit):
                return f"not done within {self.time_limit:g} s"
            return self.pipe.recv()
        except (EOFError, BrokenPipeError):
            return "ended without an answer, perhaps for lack of memory"

    def stop(self):
        self.process.kill()
        self.process.join()


class Modesweep:
    def __init__(self, program, coordinates, folder, solver):
        path = Path(folder) / "coordinates"
        coordinates.tofile(path)
        self.process = subprocess.Popen(
            [program, str(path), str(MODES), "1", solver],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def solve(self):
        try:
            self.process.stdin.write("again\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        fields = self.process.stdout.readline().split()
        if not fields:
            return self.process.stderr.read().strip() or "ended without an answer"
        self.solver, self.zero_modes = fields[2], int(fields[3])
        return float(fields[0]), float(fields[1]), [float(value) for value in fields[4:]]

    def stop(self):
        self.process.kill()
        self.process.communicate()


def shares(eigenvalues):
    inverse = 1 / numpy.array(eigenvalues)
    return inverse / inverse.sum()


def compare_entry(name, package, path, copies, options, folder):
    coordinates = load(path, copies)
    residues = len(coordinates)
    record = {"entry": name, "package": package, "file": path, "residues": residues}
    record |= {"copies": copies, "times": {}, "not_run": {}, "differences": {}}
    ours = Modesweep(options.program, coordinates, folder, "shift-invert")
    ours_filtered = Modesweep(options.program, coordinates, folder, "filtered")
    solvers = {OURS: ours, FILTERED: ours_filtered}
    try:
        # The first answer says how many zero modes the rivals have to compute beside the others.
        # For every solver the first repetition, with pages and code to load, is not counted.
        answer = ours.solve()
        if isinstance(answer, str):
            return record | {"failure": f"modesweep: {answer}"}
        record |= {"zero_modes": ours.zero_modes, "solver": ours.solver}
        for rival in RIVALS:
            reason = reason_to_skip(rival, residues, options)
            if reason:
                record["not_run"][rival] = reason
            else:
                solvers[rival] = Rival(rival, coordinates, ours.zero_modes, options.time_limit)
        times = {solver: [] for solver in solvers}
        values, spent = {}, dict.fromkeys(solvers, 0.0)
        repetitions = options.repetitions * (5 if residues <= SMALL else 1)
        for repetition in range(repetitions + 1):
            for solver, process in list(solvers.items()):
                if solver not in (OURS, FILTERED) and spent[solver] > options.enough:
                    continue
                answer = process.solve()
                if isinstance(answer, str):
                    record["not_run"][solver] = answer
                    solvers.pop(solver).stop()
                    del times[solver]
                    if solver == OURS:
                        return record | {"failure": f"modesweep: {answer}"}
                    continue
                wall, cpu, values[solver] = answer
                spent[solver] += wall
                # What takes seconds is not made faster by a warm start: all of it counts.
                if repetition > 0 or wall > 1:
                    times[solver].append((wall, cpu))
    finally:
        for process in solvers.values():
            process.stop()
    record["times"] = times
    record["filtered_by"] = ours_filtered.solver
    others = [solver for solver in times if solver != OURS]
    for rival in others:
        theirs, mine = shares(values[rival]), shares(values[OURS])
        if len(theirs) != len(mine):
            return record | {"failure": f"{len(mine)} modes, {rival} {len(theirs)}"}
        record["differences"][rival] = float(numpy.max(abs(mine - theirs) / theirs))
    largest = compare_prody.LARGEST_EIGENVALUE
    record["eigenvalue_1"] = values[OURS][0]
    record["tolerance"] = max(
        compare_prody.LEAST_TOLERANCE, 1e-14 * largest / values[OURS][0]
    )
    return record


def medians(record):
    """Solver to median wall and CPU seconds."""
    return {
        solver: tuple(statistics.median(column) for column in zip(*times))
        for solver, times in record["times"].items()
        if times
    }


def time_text(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def ratio_text(ratio):
    return "-" if ratio is None else f"{ratio:.1f}x"


def summarise(record):
    """Adds the ratios to the record; says which rival was the fastest."""
    middle = medians(record)
    rivals = {name: times for name, times in middle.items() if name not in (OURS, FILTERED)}
    record["medians"] = middle
    for column, kind in enumerate(("wall", "cpu")):
        ours = middle[OURS][column]
        best = min(rivals, key=lambda rival: rivals[rival][column], default=None)
        record[f"best_rival_{kind}"] = best
        record[f"ratio_{kind}"] = best and rivals[best][column] / ours
        record[f"ratio_prody_{kind}"] = (
            rivals["ProDy"][column] / ours if "ProDy" in rivals else None
        )
    return record


def table(records):
    solvers = [OURS, FILTERED, *RIVALS]
    head = f"{'entry':<11}{'N':>6}{'zeros':>6}" + "".join(f"{name:>14}" for name in solvers)
    head += f"{'best/ours':>11}{'CPU':>8}{'ProDy/ours':>12}{'CPU':>8}{'shares':>9}"
    lines = [head]
    for record in records:
        line = f"{record['entry']:<11}{record['residues']:>6}"
        if "failure" in record:
            lines.append(f"{line}  FAILED: {record['failure']}")
            continue
        line += f"{record['zero_modes']:>6}"
        for solver in solvers:
            times = record["medians"].get(solver)
            line += f"{time_text(times[0]) if times else '-':>14}"
        line += f"{ratio_text(record['ratio_wall']):>11}{ratio_text(record['ratio_cpu']):>8}"
        line += f"{ratio_text(record['ratio_prody_wall']):>12}"
        line += f"{ratio_text(record['ratio_prody_cpu']):>8}"
        largest = max(record["differences"].values(), default=math.nan)
        lines.append(f"{line}{largest:>9.0e}")
    return lines


def outside_tolerance(record):
    return [
        f"{record['entry']}: shares differ from {rival} by {difference:.1e}, "
        f"tolerance {record['tolerance']:.1e}"
        for rival, difference in record["differences"].items()
        if difference > record.get("tolerance", 0)
    ]


def main():
    options = arguments()
    options.program = str(Path(options.program).resolve())
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is not a program: build it, or name it with --program")
    prody.confProDy(verbosity="none")
    start = datetime.datetime.now(datetime.timezone.utc)
    load_at_start = os.getloadavg()
    records = []
    for name, package, path, copies in ENTRIES:
        if options.entries and name not in options.entries:
            continue
        if not Path(path).is_file():
            print(f"{name}: left out, Debian package {package} is not installed", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            record = compare_entry(name, package, path, copies, options, folder)
        records.append(record if "failure" in record else summarise(record))
        print("\n".join(table(records)[-1:]), file=sys.stderr)

    outside = [line for record in records for line in outside_tolerance(record)]
    failures = [record["entry"] for record in records if "failure" in record]
    load = f"{load_at_start[0]:.1f} at the start, {os.getloadavg()[0]:.1f} at the end"
    # A record is read elsewhere: no path of this machine.
    typed = (Path(a).name if Path(a).is_absolute() else a for a in sys.argv[1:])
    command = " ".join(["compare_solvers.py", *typed])
    text = "\n".join(
        [
            command,
            f"{compare_prody.cpu_model()}, {os.cpu_count()} cores, {start:%Y-%m-%d %H:%M} UTC",
            f"load average of one minute: {load}",
            f"contacts, Hessian and {MODES} modes beside the zero modes, with vectors; one thread "
            f"each; medians of up to {options.repetitions} repetitions by turns "
            f"({5 * options.repetitions} up to {SMALL} residues)",
            "",
            *table(records),
            "",
            "best/ours: fastest rival, wall time; CPU: the same of CPU times, which other load "
            "disturbs less; shares: largest relative difference",
            "of the shares of the modes from any rival. Not run, or not to the end:",
            *[
                f"  {record['entry']}, {rival}: {reason}"
                for record in records
                for rival, reason in record["not_run"].items()
            ],
            f"shares outside the tolerance: {len(outside)}",
            *outside,
        ]
    )
    print(text)
    stem = f"compare_solvers-{start:%Y%m%dT%H%M%S}"
    record = {
        "date": start.isoformat(timespec="seconds"),
        "cpu": compare_prody.cpu_model(),
        "load_average": [load_at_start, os.getloadavg()],
        "command": command,
        "environment": {
            key: value
            for key, value in os.environ.items()
            if key.endswith("_NUM_THREADS") or key == "OPENBLAS_CORETYPE"
        },
        "versions": {
            "commit": compare_prody.output_of(["git", "describe", "--always", "--dirty"]),
            "prody": prody.__version__,
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
            "python": sys.version.split()[0],
        },
        "entries": records,
    }
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / f"{stem}.txt").write_text(text + "\n")
    (options.results / f"{stem}.json").write_text(json.dumps(record, indent=2) + "\n")
    return 1 if outside or failures else 0


if __name__ == "__main__":
    sys.exit(main())
