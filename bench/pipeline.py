#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whole runs over thousands of entries: throughput, memory, and what a quarter of a million takes.

    bench/pipeline.py [--program build/release/modesweep] [--entries 5000] [--sample 100]

Builds a local archive of mmCIF files (.cif.gz) under distinct IDs out of the real structures of
Debian packages. Residues are drawn from a log-normal distribution with the median and mean of the
PDB; where no real file has such a size, rotated copies of one that touch are written (`assembled`).
Then runs `modesweep rank` over it, results not cached: from files with a warm and a cold file
cache, over HTTP from a server with a delay, and a part of the archive to compare memory; and, on a
sample of the entries, by turns with ProDy in a multiprocessing.Pool. Prints a report and writes the
record to bench/results/. Ends with 1 where numbers disagree or an entry is missing.
"""

import argparse
import csv
import datetime
import gzip
import http.server
import itertools
import json
import math
import multiprocessing
import os
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import numpy
import prody
from scipy.spatial import cKDTree

import compare_prody

HERE = Path(__file__).resolve().parent
PACKAGES = [  # folders of real files
    "/usr/share/doc/theseus/examples",
    "/usr/share/doc/t-coffee/examples",
    "/usr/share/EMBOSS/test/data/structure",
    "/usr/lib/python3/dist-packages/prody/tests/datafiles",
    "/usr/lib/python3/dist-packages/csb/test/data",
]
MEDIAN, SPREAD = 450, 1.38  # of residues: with the ends cut off, a mean of about 950
LEAST, MOST = 25, 10320
NEAR = 0.05  # a file stands for a size that it differs from by at most so much
STEP = 1.04  # sizes drawn are rounded to powers of it, so that bodies repeat
VARIANTS = 4  # bodies of one size
SAMPLE_MOST = 1500  # residues of an entry in the sample
WHOLE_PDB, MANY_CORES = 250_000, 16
COLUMNS = "pdb_id,file,residues,fv1,fv2,fv3,coll1,ev1,seconds_parse,seconds_network,seconds_modes"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--program", default=str(HERE.parent / "build" / "release" / "modesweep")
    )
    parser.add_argument("--python", default="/usr/bin/python3", help="the one that has ProDy")
    parser.add_argument("--entries", type=int, default=5000)
    parser.add_argument("--part", type=int, default=1000, help="entries of the smaller run")
    parser.add_argument("--sample", type=int, default=100, help="entries that ProDy solves as well")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before each answer")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--folder", help="where the archive is built (else a temporary folder)")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    return parser.parse_args()


# The archive.


def read_atoms(path):
    """The first model, or nothing where ProDy cannot read it or finds no C-alpha."""
    try:
        if path.name.endswith((".cif", ".cif.gz")):
            atoms = prody.parseMMCIF(str(path), model=1)
        else:
            with (gzip.open if path.name.endswith(".gz") else open)(path, "rt") as stream:
                atoms = prody.parsePDBStream(stream, model=1)
        return atoms if atoms is not None and atoms.select("calpha") is not None else None
    except Exception:  # whatever a strange file makes ProDy end with
        return None


def are_apart(atoms):
    """Whether no two C-alphas have the same place: modesweep and ProDy refuse such files."""
    tree = cKDTree(atoms.select("calpha").getCoords())
    return not tree.query_pairs(1e-3)


def real_files():
    """(C-alphas, path, atoms) of every real file, each entry's name once."""
    found = {}
    for folder in PACKAGES:
        for path in sorted(Path(folder).rglob("*")):
            if not path.is_file() or not path.name.endswith(compare_prody.ENDINGS):
                continue
            atoms = read_atoms(path)
            if atoms is None:
                continue
            calphas = atoms.select("calpha").numAtoms()
            if LEAST <= calphas <= MOST and are_apart(atoms):
                found.setdefault(path.name.split(".")[0].lower(), (calphas, path, atoms))
    return sorted(found.values(), key=lambda item: (item[0], str(item[1])))


def turned(coordinates, generator):
    """The coordinates turned at random about their centre (by a random unit quaternion)."""
    q = numpy.array([generator.gauss(0, 1) for _ in range(4)])
    w, x, y, z = q / numpy.linalg.norm(q)
    rotation = numpy.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return (coordinates - coordinates.mean(axis=0)) @ rotation.T


def touching_copies(atoms, copies, generator):
    """Coordinates of each copy, moved from outside until its C-alphas are 5 angstrom from those
    that are there already."""
    calphas = atoms.select("calpha").getIndices()
    first = atoms.getCoords() - atoms.getCoords().mean(axis=0)
    placed, there = [first], first[calphas]
    for _ in range(copies - 1):
        copy = turned(atoms.getCoords(), generator)
        direction = numpy.array([generator.gauss(0, 1) for _ in range(3)])
        direction /= numpy.linalg.norm(direction)
        tree, low, high = cKDTree(there), 0.0, 2 * float(numpy.ptp(there, axis=0).sum()) + 500
        for _ in range(40):
            middle = (low + high) / 2
            if tree.query(copy[calphas] + middle * direction)[0].min() > 5:
                high = middle
            else:
                low = middle
        copy = copy + high * direction
        placed.append(copy)
        there = numpy.vstack([there, copy[calphas]])
    return placed


ATOM_COLUMNS = """group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id
label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy B_iso_or_equiv
pdbx_formal_charge auth_seq_id auth_comp_id auth_asym_id auth_atom_id pdbx_PDB_model_num""".split()


def quoted(name):
    return f'"{name}"' if "'" in name else name or "X"


def atom_site(atoms, copies):
    """The table of the atoms as text, chains of further copies with a number behind them."""
    lines = ["loop_"] + [f"_atom_site.{name}" for name in ATOM_COLUMNS]
    serial = 0
    fields = list(
        zip(
            numpy.where(atoms.getFlags("hetatm"), "HETATM", "ATOM"),
            # "N A" of a haem in old files: ProDy splits lines at blanks, quoted or not.
            [name.replace(" ", "") for name in atoms.getNames()],
            [name.strip() or "." for name in atoms.getAltlocs()],
            [name.strip() or "UNK" for name in atoms.getResnames()],
            [chain.strip() or "A" for chain in atoms.getChids()],
            atoms.getResnums(),
            [code.strip() or "?" for code in atoms.getIcodes()],
            atoms.getOccupancies(),
            atoms.getBetas(),
        )
    )
    for k, coordinates in enumerate(copies):
        suffix = str(k + 1) if k else ""
        for (group, name, altloc, residue, chain, number, code, occupancy, b), (x, y, z) in zip(
            fields, coordinates
        ):
            serial += 1
            element = name.lstrip(string.digits)[:1] or "X"
            name, chain = quoted(name), chain + suffix
            lines.append(
                f"{group} {serial} {element} {name} {altloc} {residue} {chain} 1 {number} {code} "
                f"{x:.3f} {y:.3f} {z:.3f} {occupancy:.2f} {b:.2f} ? {number} {residue} {chain} "
                f"{name} 1"
            )
    return "\n".join(lines) + "\n#\n"


def member(text):
    """One gzip member; a file of several is read as if they were one."""
    return gzip.compress(text.encode(), 6, mtime=0)


def draw_sizes(entries, generator):
    sizes = []
    while len(sizes) < entries:
        size = MEDIAN * math.exp(generator.gauss(0, SPREAD))
        if LEAST <= size <= MOST:
            sizes.append(round(math.log(size) / math.log(STEP)))
    return [STEP**power for power in sizes]


class Bodies:
    """For each size drawn a few tables of atoms, made when they are first asked for."""

    def __init__(self, generator):
        self.generator = generator
        self.files = real_files()
        self.of_size = {}

    def make(self, size):
        near = [f for f in self.files if abs(f[0] - size) <= NEAR * size]
        chosen = self.generator.sample(near, min(VARIANTS, len(near)))
        bodies = [(n, member(atom_site(atoms, [atoms.getCoords()])), 1) for n, _, atoms in chosen]
        if bodies:
            return bodies
        # As few copies as do: of the files that fit a whole number of times.
        fits = []
        for calphas, path, atoms in self.files:
            copies = round(size / calphas)
            if 2 <= copies <= 40 and abs(copies * calphas - size) <= NEAR * size:
                fits.append((copies, calphas, str(path), atoms))
        fits.sort(key=lambda fit: fit[:3])
        for copies, calphas, _, atoms in fits[:2]:
            placed = touching_copies(atoms, copies, self.generator)
            bodies.append((copies * calphas, member(atom_site(atoms, placed)), copies))
        return bodies

    def choose(self, size):
        if size not in self.of_size:
            self.of_size[size] = self.make(size)
        return self.generator.choice(self.of_size[size]) if self.of_size[size] else None


def entry_ids():
    for digit, letters in itertools.product("123456789", itertools.product(string.ascii_uppercase, repeat=3)):
        yield digit + "".join(letters)


def build_archive(folder, entries):
    """Writes the files; returns [(ID, path, residues, copies)] in a random order."""
    generator = random.Random(2026)
    bodies = Bodies(generator)
    ids = entry_ids()
    archive = []
    for size in draw_sizes(entries, generator):
        body = bodies.choose(size)
        while body is None:  # no file and no number of copies comes near it
            size *= STEP if size < MEDIAN else 1 / STEP
            body = bodies.choose(size)
        residues, atoms, copies = body
        entry = next(ids)
        title = "one structure" if copies == 1 else f"assembled of {copies} touching copies"
        header = (
            f"data_{entry}\n#\n_entry.id {entry}\n#\n_struct.entry_id {entry}\n"
            f"_struct.title '{title}'\n#\n_exptl.entry_id {entry}\n"
            f"_exptl.method 'X-RAY DIFFRACTION'\n#\n"
        )
        path = folder / f"{entry}.cif.gz"
        path.write_bytes(member(header) + atoms)
        archive.append((entry, path, residues, copies))
    generator.shuffle(archive)
    return archive


def part_with_the_largest(archive, count):
    """Paths of so many entries: the largest 2 % of all, which decide what memory is needed, and
    others evenly by size. So the part differs from the whole in number."""
    by_size = sorted(archive, key=lambda entry: (entry[2], entry[1].stat().st_size), reverse=True)
    largest = min(count, len(archive) // 50)
    others = by_size[largest:]
    part = by_size[:largest]
    part += [others[i * len(others) // (count - largest)] for i in range(count - largest)]
    return [path for _, path, *_ in part]


# Runs.


def leave_file_cache(paths):
    """The kernel forgets the files' content."""
    os.sync()
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def bring_into_file_cache(paths):
    for path in paths:
        path.read_bytes()


def run_modesweep(program, cores, inputs, folder):
    """One `modesweep rank`; its rows, wall and CPU seconds and peak memory in bytes."""
    output = folder / "rows.tsv"
    shutil.rmtree(folder / "cache", ignore_errors=True)
    command = [program, "rank", "--threads", str(cores), "--no-result-cache", "--quiet"]
    command += ["--top", "0", "--columns", COLUMNS, "--min-residues", "1", "-o", str(output)]
    command += ["--failures", str(folder / "failures.tsv")]
    environment = dict(os.environ, MODESWEEP_CACHE_DIR=str(folder / "cache"))
    environment.pop("PDB_DIR", None)
    start = time.perf_counter()
    process = subprocess.Popen(command + inputs, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"modesweep ended with {process.returncode}")
    with open(output, newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    failures = (folder / "failures.tsv").read_text().splitlines()[1:]
    return {
        "rows": rows,
        "failures": failures,
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss * 1024,
    }


def list_file(folder, name, items):
    path = folder / name
    path.write_text("\n".join(str(item) for item in items) + "\n")
    return path


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder, latency = None, 0

    def do_GET(self):
        time.sleep(self.latency)
        path = self.folder / Path(self.path).name
        try:
            stream = open(path, "rb")
        except OSError:
            self.send_error(404)
            return
        with stream:
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(os.fstat(stream.fileno()).st_size))
            self.end_headers()
            self.wfile.flush()
            self.connection.sendfile(stream)

    def log_message(self, *_):
        pass


def serve(pipe, folder, latency):
    """A file host on loopback in a process of its own; answers "stop" with its CPU seconds."""
    Handler.folder, Handler.latency = folder, latency
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pipe.send(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.recv()
    server.shutdown()
    pipe.send(time.process_time())


def run_over_http(options, program, archive, folder, archive_folder):
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, archive_folder, options.latency))
    server.start()
    port = ours.recv()
    try:
        ids = list_file(folder, "ids.txt", [entry for entry, *_ in archive])
        template = f"http://127.0.0.1:{port}/<ID>.cif.gz"
        run = run_modesweep(
            program, options.cores, ["--ids", f"@{ids}", "--download-url", template], folder
        )
        ours.send("stop")
        run["server_cpu"] = ours.recv()
        return run
    finally:
        server.terminate()
        server.join()


def run_sample(options, program, archive, folder):
    """The same entries by modesweep and by ProDy's pool, three turns."""
    small = [entry for entry in archive if entry[2] <= SAMPLE_MOST][: options.sample]
    paths = [str(path) for _, path, *_ in small]
    for path in paths:
        Path(path).read_bytes()
    ours, theirs = [], []
    for _ in range(3):
        run = run_modesweep(program, options.cores, ["--files", *paths], folder)
        ours.append(run["wall"])
        if len(theirs) < 2:
            seconds, numbers = compare_prody.run_prody(options.python, paths, options.cores, folder)
            theirs.append(seconds[0])
    rows = {str(Path(row["file"]).resolve()): row for row in run["rows"]}
    results = {str(Path(path).resolve()): found for path, found in numbers["results"].items()}
    largest, outside, one_sided, both = compare_prody.compare(rows, results)
    return {
        "entries": len(small),
        "residues_mean": statistics.mean(entry[2] for entry in small),
        "seconds_modesweep": ours,
        "seconds_prody": theirs,
        "ratio": statistics.median(theirs) / statistics.median(ours),
        "largest_difference_of_a_share": largest["share"],
        "compared": both,
        "outside_tolerance": outside,
        "answer_on_one_side_only": one_sided,
    }


# The report.


def stage_seconds(rows):
    return {
        stage: sum(float(row[f"seconds_{stage}"]) for row in rows)
        for stage in ("parse", "network", "modes")
    }


def described(name, run, entries):
    return (
        f"{name:<28}{run['wall']:9.1f} s{entries / run['wall']:9.1f}/s{run['cpu']:9.1f} s"
        f"{run['memory'] / 1e6:9.0f} MB"
    )


def projection(run, entries):
    stages = stage_seconds(run["rows"])
    each = {stage: 1e3 * seconds / entries for stage, seconds in stages.items()}
    core_seconds = run["cpu"] / entries
    total = WHOLE_PDB * core_seconds
    hours = total / MANY_CORES / 3600
    text = [
        f"a projection for {WHOLE_PDB:,} entries of these sizes on {MANY_CORES} such cores:",
        f"  one entry takes {each['parse']:.1f} ms to read, {each['network']:.1f} ms for contacts and "
        f"{each['modes']:.1f} ms for its modes; {1e3 * core_seconds:.1f} ms of a core with all the rest",
        f"  {WHOLE_PDB:,} x {1e3 * core_seconds:.1f} ms / {MANY_CORES} = {hours * 3600:,.0f} s = "
        f"{hours:.2f} h, if all cores are busy and memory bandwidth grows with them",
    ]
    return text, {"core_seconds_an_entry": core_seconds, "milliseconds": each, "hours": hours}


def main():
    options = arguments()
    compare_prody.name_blas_kernels()
    program = str(Path(options.program).resolve())
    if not os.access(program, os.X_OK):
        sys.exit(f"{options.program} is not a program: build it, or name it with --program")
    prody.confProDy(verbosity="none")
    temporary = tempfile.TemporaryDirectory(dir=options.folder)
    folder = Path(temporary.name)
    archive_folder = folder / "archive"
    archive_folder.mkdir()
    load = [os.getloadavg()[0]]

    def told(text):
        print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr)

    told(f"building {options.entries} entries")
    archive = build_archive(archive_folder, options.entries)
    paths = [path for _, path, *_ in archive]
    sizes = sorted(residues for *_, residues, _ in archive)
    assembled = sum(copies > 1 for *_, copies in archive)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6

    part = folder / "part"
    part.mkdir()
    for path in part_with_the_largest(archive, options.part):
        os.link(path, part / path.name)

    files = ["--files", str(archive_folder)]
    bring_into_file_cache(paths)
    told("from files, warm")
    warm = run_modesweep(program, options.cores, files, folder)
    told("a part of them")
    smaller = run_modesweep(program, options.cores, ["--files", str(part)], folder)
    leave_file_cache(paths)
    told("from files, cold")
    cold = run_modesweep(program, options.cores, files, folder)
    bring_into_file_cache(paths)
    told("over HTTP")
    web = run_over_http(options, program, archive, folder, archive_folder)
    told("the sample, by turns with ProDy")
    sample = run_sample(options, program, archive, folder)
    load.append(os.getloadavg()[0])

    entries = len(archive)
    missing = [entries - len(run["rows"]) for run in (warm, cold, web)]
    shared = web["server_cpu"] / options.cores
    http_part = warm["wall"] / (web["wall"] - shared)
    projected, projection_record = projection(warm, entries)
    date = datetime.datetime.now(datetime.timezone.utc)
    lines = [
        f"{entries} entries, {options.cores} cores, {compare_prody.cpu_model()}, "
        f"{date:%Y-%m-%d %H:%M} UTC",
        f"load average of one minute: {load[0]:.1f} at the start, {load[1]:.1f} at the end",
        f"residues: median {statistics.median(sizes):.0f}, mean {statistics.mean(sizes):.0f}, "
        f"{sizes[0]} to {sizes[-1]}; log-normal (median {MEDIAN}, sigma {SPREAD}), cut at {LEAST} "
        f"and {MOST}",
        f"{assembled} entries ({100 * assembled / entries:.0f} %) are assembled; {megabytes:.0f} MB "
        "of .cif.gz with atoms and a short header only",
        "",
        f"{'':<28}{'wall':>11}{'entries':>11}{'CPU':>11}{'peak memory':>12}",
        described("files, warm file cache", warm, entries),
        described("files, cold file cache", cold, entries),
        described(f"HTTP, {1e3 * options.latency:.0f} ms latency", web, entries),
        described(f"{len(smaller['rows'])} of them, warm", smaller, len(smaller["rows"])),
        "",
        f"HTTP: the server took {web['server_cpu']:.1f} s of CPU, {shared:.1f} s of each core; less "
        f"that, {100 * http_part:.0f} % of the throughput from files",
        f"memory: {100 * (warm['memory'] / smaller['memory'] - 1):+.0f} % from "
        f"{len(smaller['rows'])} (the largest 2 % among them) to {entries} entries",
        f"rows missing (warm, cold, HTTP): {missing}",
        *warm["failures"][:20],
        "",
        f"{sample['entries']} entries of up to {SAMPLE_MOST} residues (mean "
        f"{sample['residues_mean']:.0f}): modesweep {statistics.median(sample['seconds_modesweep']):.2f} s, "
        f"ProDy's pool {statistics.median(sample['seconds_prody']):.1f} s, {sample['ratio']:.0f}x; "
        f"largest relative difference of a share {sample['largest_difference_of_a_share'][0]:.1e}, "
        f"outside the tolerance: {len(sample['outside_tolerance'])}, on one side only: "
        f"{len(sample['answer_on_one_side_only'])}",
        *(Path(item).name for item in sample["outside_tolerance"]),
        *(Path(item).name for item in sample["answer_on_one_side_only"]),
        "",
        *projected,
    ]
    text = "\n".join(lines)
    print(text)
    record = {
        "date": date.isoformat(timespec="seconds"),
        "cpu": compare_prody.cpu_model(),
        "cores": options.cores,
        "load_average": load,
        "command": f"pipeline.py --entries {options.entries} --part {options.part} --sample "
        f"{options.sample} --latency {options.latency}",
        "commit": compare_prody.output_of(["git", "describe", "--always", "--dirty"]),
        "residues": {"median": statistics.median(sizes), "mean": statistics.mean(sizes)},
        "assembled": assembled,
        "megabytes": megabytes,
        **{
            name: {
                **{key: value for key, value in run.items() if key not in ("rows", "failures")},
                "stage_seconds": stage_seconds(run["rows"]),
                "ranked": len(run["rows"]),
            }
            for name, run in (("warm", warm), ("cold", cold), ("http", web), ("part", smaller))
        },
        "sample": {
            key: [Path(item.split(":")[0]).name for item in value]
            if key in ("outside_tolerance", "answer_on_one_side_only")
            else value
            for key, value in sample.items()
        },
        "http_part_of_files": http_part,
        "projection": projection_record,
    }
    options.results.mkdir(parents=True, exist_ok=True)
    name = f"pipeline-{date:%Y%m%dT%H%M%S}"
    (options.results / f"{name}.txt").write_text(text + "\n")
    (options.results / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
    temporary.cleanup()
    return 1 if any(missing) or sample["outside_tolerance"] else 0


if __name__ == "__main__":
    sys.exit(main())
