#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Times `modesweep rank --files` against ProDy on the same files, and checks that they agree.

    bench/compare_prody.py [--program build/release/modesweep] [--repetitions 5] [FOLDER...]

ProDy runs in a multiprocessing.Pool with as many processes as cores and one BLAS thread each; the
two take turns. Prints a table and writes the record to bench/results/. Ends with 1 where a number
differs by more than the tolerance or only one of the two has an answer.
"""

import argparse
import csv
import datetime
import gzip
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
THESEUS = "/usr/share/doc/theseus/examples"
ENDINGS = tuple(f".{kind}{gz}" for kind in ("pdb", "ent", "cif") for gz in ("", ".gz"))
COLUMNS = "pdb_id,file,fv1,fv2,fv3,coll1,ev1"
# Largest eigenvalue of a protein at 15 angstrom: see tests/golden/README.md.
LARGEST_EIGENVALUE = 52
# modesweep writes 12 significant digits.
LEAST_TOLERANCE = 1e-9


def name_blas_kernels():
    """Has OpenBLAS take kernels for this CPU where it is older than the CPU and would take those of
    any x86-64, five times slower. For the processes to come: call it before NumPy is imported."""
    if "OPENBLAS_CORETYPE" in os.environ:
        return
    name = (
        "import ctypes; blas = ctypes.CDLL('libopenblas.so.0');"
        "blas.openblas_get_corename.restype = ctypes.c_char_p;"
        "print(blas.openblas_get_corename().decode())"
    )
    taken = subprocess.run(["/usr/bin/python3", "-c", name], capture_output=True, text=True).stdout
    flags = Path("/proc/cpuinfo").read_text().split()
    if taken.strip() == "Prescott" and "avx2" in flags:
        os.environ["OPENBLAS_CORETYPE"] = "SkylakeX" if "avx512vl" in flags else "Haswell"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", metavar="FOLDER", default=[THESEUS])
    parser.add_argument("--program", default=str(HERE.parent / "build" / "release" / "modesweep"))
    parser.add_argument("--python", default="/usr/bin/python3", help="the one that has ProDy")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument(
        "--max-residues", type=int, default=1500, help="files with more C-alphas are left out"
    )
    parser.add_argument("--results", type=Path, default=HERE / "results")
    return parser.parse_args()


def calphas(path):
    """C-alphas of the first model, from the text alone; also brings the file into memory."""
    count = 0
    with (gzip.open if path.name.endswith(".gz") else open)(path, "rt", errors="replace") as stream:
        for line in stream:
            if line.startswith("ENDMDL"):
                break
            if line.startswith(("ATOM", "HETATM")) and " CA " in line:
                count += 1
    return count


def find_files(folders, most_residues):
    files = sorted(
        path
        for folder in folders
        for path in Path(folder).resolve().rglob("*")
        if path.is_file() and path.name.endswith(ENDINGS)
    )
    counts = {path: calphas(path) for path in files}
    return [str(path) for path in files if 0 < counts[path] <= most_residues]


class Clock:
    """Seconds and CPU seconds of the child processes since its creation."""

    def __init__(self):
        self.start, self.start_cpu = time.perf_counter(), self.children()

    @staticmethod
    def children():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def read(self):
        return time.perf_counter() - self.start, self.children() - self.start_cpu


def run_modesweep(program, files, cores, folder):
    output = Path(folder) / "modesweep.tsv"
    command = [program, "rank", "--threads", str(cores), "--format", "tsv", "-o", str(output)]
    command += ["--top", "0", "--columns", COLUMNS, "--min-residues", "1", "--quiet", "--files"]
    cache = Path(folder) / "cache"
    shutil.rmtree(cache, ignore_errors=True)  # results of the last repetition are in it
    environment = dict(os.environ, MODESWEEP_CACHE_DIR=str(cache))
    clock = Clock()
    subprocess.run(command + files, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = clock.read()
    with open(output, newline="") as stream:
        rows = {
            str(Path(row["file"]).resolve()): row for row in csv.DictReader(stream, delimiter="\t")
        }
    return seconds, rows


def run_prody(python, files, cores, folder):
    output = Path(folder) / "prody.json"
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    clock = Clock()
    subprocess.run(
        [python, str(HERE / "prody_pool.py"), str(cores), str(output)],
        env=environment,
        check=True,
        input="\n".join(files),
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return clock.read(), json.loads(output.read_text())


def compare(ours, theirs):
    """Largest relative difference of shares and of the collectivity, and who disagrees."""
    largest = {"share": (0.0, ""), "collectivity": (0.0, "")}
    outside, one_sided, both = [], [], 0
    for path, expected in theirs.items():
        row = ours.get(path)
        if "error" in expected or row is None:
            if ("error" in expected) != (row is None):
                one_sided.append(f"{path}: ProDy {expected.get('error', 'ok')}")
            continue
        both += 1
        tolerance = max(LEAST_TOLERANCE, 1e-14 * LARGEST_EIGENVALUE / expected["ev1"])
        for i, share in enumerate(expected["fv"]):
            difference = abs(float(row[f"fv{i + 1}"]) - share) / share
            largest["share"] = max(largest["share"], (difference, row["pdb_id"]))
            if difference > tolerance:
                outside.append(f"{path}: fv{i + 1} differs by {difference:.1e}")
        difference = abs(float(row["coll1"]) - expected["coll"][0]) / expected["coll"][0]
        largest["collectivity"] = max(largest["collectivity"], (difference, row["pdb_id"]))
    one_sided += [f"{path}: only modesweep knows it" for path in ours if path not in theirs]
    return largest, outside, one_sided, both


def cpu_model():
    """And for which one OpenBLAS takes it, where it had to be told."""
    model = platform.processor() or platform.machine()
    for line in subprocess.run(["lscpu"], capture_output=True, text=True).stdout.splitlines():
        if line.startswith("Model name:"):
            model = line.split(":", 1)[1].strip()
    told = os.environ.get("OPENBLAS_CORETYPE")
    return f"{model} (OPENBLAS_CORETYPE={told})" if told else model


def output_of(command):
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE)
    return done.stdout.strip().splitlines()[0] if done.returncode == 0 and done.stdout else ""


def main():
    options = arguments()
    name_blas_kernels()
    program = str(Path(options.program).resolve())
    if not os.access(program, os.X_OK):
        sys.exit(f"{options.program} is not a program: build it, or name it with --program")
    files = find_files(options.folders, options.max_residues)
    if not files:
        sys.exit(f"no structure file in {' '.join(options.folders)}")

    ours_seconds, theirs_seconds, warm_seconds = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for repetition in range(options.repetitions):
            seconds, ours = run_modesweep(program, files, options.cores, folder)
            ours_seconds.append(seconds)
            seconds, theirs = run_prody(options.python, files, options.cores, folder)
            theirs_seconds.append(seconds)
            warm_seconds.append(theirs["seconds"])
            print(
                f"{repetition + 1}/{options.repetitions}: modesweep {ours_seconds[-1][0]:.2f} s, "
                f"ProDy {theirs_seconds[-1][0]:.2f} s ({warm_seconds[-1]:.2f} s for the files)",
                file=sys.stderr,
            )
    largest, outside, one_sided, both = compare(ours, theirs["results"])

    median = statistics.median
    (ours_wall, ours_cpu), (theirs_wall, theirs_cpu) = zip(*ours_seconds), zip(*theirs_seconds)
    record = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "cores": options.cores,
        "load_average": os.getloadavg(),
        "command": f"compare_prody.py --repetitions {options.repetitions} --cores {options.cores} "
        f"--max-residues {options.max_residues} {' '.join(options.folders)}",
        "environment": {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("OPENBLAS_", "OMP_"))
        },
        "versions": {
            "modesweep": output_of([program, "--version"]),
            "commit": output_of(["git", "describe", "--always", "--dirty"]),
            **theirs["versions"],
        },
        "files": len(files),
        "files_compared": both,
        "seconds_modesweep": ours_wall,
        "seconds_prody": theirs_wall,
        "seconds_prody_files_only": warm_seconds,
        "cpu_seconds_modesweep": ours_cpu,
        "cpu_seconds_prody": theirs_cpu,
        "ratio": median(theirs_wall) / median(ours_wall),
        "ratio_files_only": median(warm_seconds) / median(ours_wall),
        "ratio_cpu": median(theirs_cpu) / median(ours_cpu),
        "largest_difference_of_a_share": largest["share"],
        "largest_difference_of_a_collectivity": largest["collectivity"],
        "outside_tolerance": outside,
        "answer_on_one_side_only": one_sided,
    }
    lines = [
        f"{record['files']} files, {record['cores']} cores, {record['cpu']}, {record['date']}",
        f"median of {options.repetitions} runs each, taking turns",
        "",
        f"{'':<44}{'time':>9}{'CPU time':>12}{'ratio':>9}",
        f"{'modesweep, whole command':<44}{median(ours_wall):7.2f} s{median(ours_cpu):10.2f} s",
        f"{'ProDy pool, whole command':<44}{median(theirs_wall):7.2f} s"
        f"{median(theirs_cpu):10.2f} s{record['ratio']:9.2f}",
        f"{'ProDy pool, without imports and pool start':<44}{median(warm_seconds):7.2f} s"
        f"{'':12}{record['ratio_files_only']:9.2f}",
        f"{'CPU time, which other load disturbs less':<65}{record['ratio_cpu']:9.2f}",
        "",
        f"numbers of {both} files compared:",
        "largest relative difference of fv1-fv3: {:.1e} ({})".format(*largest["share"]),
        "largest relative difference of coll1:   {:.1e} ({})".format(*largest["collectivity"]),
        f"outside the tolerance: {len(outside)}; answer on one side only: {len(one_sided)}",
        *outside,
        *one_sided,
    ]
    text = "\n".join(lines)
    print(text)
    options.results.mkdir(parents=True, exist_ok=True)
    name = "compare_prody-" + record["date"][:19].replace(":", "").replace("-", "")
    (options.results / f"{name}.txt").write_text(text + "\n")
    (options.results / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    return 1 if outside or one_sided else 0


if __name__ == "__main__":
    sys.exit(main())
