#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""contrib/slurm, contrib/snakemake and the lines of docs/cluster.md with a real Slurm of two nodes
on this machine (loopback_slurm.py), and Snakemake without one: the table of the shards is that of
one process to the byte.

    cluster_test.py CASE --program MODESWEEP [--standin MODESWEEP_STANDIN] [--files few|all]

Exit code 77: skipped, for the reason that is printed.
"""
import argparse
import gzip
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.dont_write_bytecode = True  # in the sources

from loopback_slurm import (WORK, Slurm, end_of, in_namespaces, jobs, need, need_slurm, run, skip,
                            wait_for)

SOURCE = Path(__file__).resolve().parent.parent.parent
DEMO = SOURCE / "data/demo"
SLURM = SOURCE / "contrib/slurm"
SNAKEMAKE = SOURCE / "contrib/snakemake"
UBIQUITIN = DEMO / "ubiquitin/pdb1ubi.pdb.gz"
SHARDS = 8

# What is compared beside the default columns: what a row says of its structure and of its modes.
COLUMNS = ("rank,pdb_id,file,sha256,chains,residues,fv1,fv2,fv3,coll1,coll2,coll3,zero_modes,"
           "components,eigenvalues,shares,notes,title,protein,solver,backend")


def is_structure(path):
    return re.search(r"\.(pdb|ent|cif)(\.gz)?$", path.name) is not None


def structure_files(which):
    """A few small files, or all of data/demo and of those packages that the other tests read."""
    demo = sorted(path for path in DEMO.rglob("*") if is_structure(path))
    if which == "few":
        return sorted(demo, key=lambda path: (path.stat().st_size, path))[:15]
    table = (SOURCE / "tests/support/data_files.cpp").read_text(encoding="utf-8")
    folders = re.findall(r'\{"[\w-]+", "(/usr/[^"]+)"\}', table)
    assert len(folders) >= 6, folders
    packages = sorted(path for folder in folders for path in Path(folder).rglob("*")
                      if is_structure(path) and path.is_file())
    return demo + packages


def show(folder, *options):
    """All rows of a run."""
    run("modesweep", "show", folder, "--top", "0", *options)


class Sweep:
    """A list of files in a folder of its own, with the program under test first in PATH."""

    def __init__(self, options, program=None):
        self.folder = WORK / "sweep"
        self.folder.mkdir()
        os.chdir(self.folder)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "modesweep").symlink_to(program or options.program)
        os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
        self.files = structure_files(options.files)
        self.list = self.folder / "list.txt"
        self.write_list()
        print(f"{len(self.files)} files", flush=True)

    def write_list(self):
        self.list.write_text("".join(f"{path}\n" for path in self.files), encoding="utf-8")

    def add_pipe(self):
        """A file that is not there until it is written to: whoever reads it waits."""
        self.pipe = self.folder / "later.pdb"
        os.mkfifo(self.pipe)
        self.files.append(self.pipe)
        self.write_list()

    def write_to_pipe(self):
        """For whom waits. From then on the file is an ordinary one."""
        content = gzip.decompress(UBIQUITIN.read_bytes())
        writer = threading.Thread(target=self.pipe.write_bytes, args=[content], daemon=True)
        writer.start()
        wait_for("the pipe was read", lambda: not writer.is_alive())
        other = self.folder / "content"
        other.write_bytes(content)
        other.rename(self.pipe)

    def copy_files(self):
        """Into a folder of them, as a user has it."""
        Path("structures").mkdir()
        originals, self.files = self.files, []
        for number, path in enumerate(originals):
            copy = self.folder / f"structures/{number}-{path.name}"
            copy.write_bytes(path.read_bytes())
            self.files.append(copy)
        self.write_list()

    @staticmethod
    def rank_in_one(kind="files", options=()):
        """The whole list by one process."""
        run("modesweep", "rank", f"--{kind}", "@list.txt", "--run", "one", "--no-result-cache",
            "--top", "1", *options)
        show("one", "-o", "one.tsv", "--failures", "one-failures.tsv")

    def compare_tables(self, table):
        """The table with that of a run of all files by one process."""
        self.rank_in_one()
        run("cmp", "one.tsv", table)
        rows = len(Path(table).read_text(encoding="utf-8").splitlines()) - 1
        print(f"equal to the byte: {rows} rows", flush=True)
        assert rows == len(self.files)

    def compare(self, out, options=(), kind="files"):
        """The merged run in the folder `out` with a run of the whole list by one process."""
        self.rank_in_one(kind, options)
        out = Path(out)
        run("cmp", "one.tsv", out / "table.tsv")
        run("cmp", "one-failures.tsv", out / "failures.tsv")
        for name, folder in (("one", "one"), ("merged", out / "merged")):
            show(folder, "-o", f"{name}-all.tsv", "--columns", COLUMNS)
        run("cmp", "one-all.tsv", "merged-all.tsv")
        lines = Path("merged-all.tsv").read_text(encoding="utf-8").splitlines()
        failures = Path("one-failures.tsv").read_text(encoding="utf-8").splitlines()
        print(f"equal to the byte: {len(lines) - 1} rows, {len(failures) - 1} left out", flush=True)
        assert len(lines) + len(failures) - 2 == len(self.files), "each file is a row or left out"
        return lines


def rows_of(folder):
    """Of a run, as far as it is."""
    result = subprocess.run(["modesweep", "show", folder, "--top", "0", "--format", "tsv"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False)
    return max(0, len(result.stdout.splitlines()) - 1)


def submit(out, *options):
    """The numbers of the array and of the merge."""
    printed = run(SLURM / "submit.sh", "list.txt", out, SHARDS, *options)
    print(printed, end="", flush=True)
    return re.fullmatch(r"array (\d+), merge (\d+)\n", printed).groups()


def queue():
    """Number, name and state of each job that Slurm has in its queue."""
    shown = subprocess.run(["squeue", "--noheader", "--format=%i %j %T"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    return [line.split() for line in shown.splitlines()]


def log_of(out, array, shard):
    path = Path(out) / f"log/{array}_{shard}.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def check_ended_well(array, merge):
    tasks = end_of(array)
    print("  " + " ".join(f"{task}:{state}" for task, state in sorted(tasks.items())), flush=True)
    assert tasks == {str(shard): "COMPLETED" for shard in range(SHARDS)}, tasks
    assert end_of(merge) == {"": "COMPLETED"}


def starts(out, array):
    """The line that each task begins with: shard -> node, restarts, GPUs of each time."""
    line = re.compile(r"^shard (\d+) of \d+ on (\S*), restarts (\d+), GPUs (\S+)$", re.MULTILINE)
    found = {}
    for shard in range(SHARDS):
        found[shard] = [match.groups()[1:] for match in line.finditer(log_of(out, array, shard))]
        print(f"  shard {shard}: " + "; ".join(
            f"on {node}, restarts {restarts}, GPUs {gpus}"
            for node, restarts, gpus in found[shard]), flush=True)
    return found


def one_cpu():
    """As the nodes have them, for sbatch."""
    return ["--cpus-per-task=1", "--mem=2000"]


def array_case(options):
    sweep = Sweep(options)
    Slurm(cpus=1)
    array, merge = submit("sweep", *one_cpu())
    check_ended_well(array, merge)
    began = starts("sweep", array)
    assert all(len(times) == 1 for times in began.values()), began
    assert {times[0][0] for times in began.values()} == {"n1", "n2"}, "both nodes work"
    sweep.compare("sweep")


def processes_of(run_folder):
    """Numbers of the modesweep processes that keep a run in the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                program = os.readlink(entry / "exe")
            except OSError:
                continue
            if str(run_folder) in words and "srun" not in Path(program).name:
                found.append(int(entry.name))
    return found


class Interrupted:
    """An array of which one task waits for a pipe in the middle of its shard, and the others are
    through."""

    def __init__(self, sweep, out):
        self.sweep, self.out = sweep, out

    def wait(self, array, restarts):
        """Until it waits, in the middle of its shard. Its name: the last task of an array has the
        number of the array, by which all tasks would be requeued."""
        def waiting():
            left = [job for job in jobs(array) if job["JobState"] != "COMPLETED"]
            return left[0] if len(left) == 1 and left[0]["JobState"] == "RUNNING" else None
        job = wait_for("one task is left", waiting)
        self.shard = int(job["ArrayTaskId"])
        self.run = Path(self.out) / "shards" / str(self.shard)
        begin = f"restarts {restarts}, "
        wait_for(f"it is shard {self.shard}, {begin.strip(', ')}",
                 lambda: begin in log_of(self.out, array, self.shard))
        wait_for("its process runs", lambda: processes_of(self.run))
        rows = wait_for("it has rows", lambda: rows_of(self.run))
        print(f"  rows: {rows}", flush=True)
        return f"{array}_{self.shard}"

    def expect_end(self, array, merge, state):
        """Of the task in this state, so that there is nothing to merge."""
        states = end_of(array)
        assert states.pop(str(self.shard)) == state, states
        assert set(states.values()) == {"COMPLETED"}, states
        assert end_of(merge) == {"": "CANCELLED"}


def requeue_case(options):
    sweep = Sweep(options)
    sweep.add_pipe()
    Slurm(cpus=1)
    array, merge = submit("sweep", *one_cpu())
    task = Interrupted(sweep, "sweep")
    name = task.wait(array, restarts=0)
    run("scontrol", "requeue", name)
    task.wait(array, restarts=1)
    sweep.write_to_pipe()
    check_ended_well(array, merge)
    starts("sweep", array)
    print(log_of("sweep", array, task.shard), flush=True)
    sweep.compare("sweep")


def interrupts_case(options):
    """What else may end a task: its time, a kill, a user."""
    sweep = Sweep(options)
    sweep.add_pipe()
    Slurm(cpus=1)
    array, merge = submit("sweep", *one_cpu())
    task = Interrupted(sweep, "sweep")
    name = task.wait(array, restarts=0)
    print("--- the signal that comes before the time is over", flush=True)
    run("scancel", "--signal=TERM", name)
    task.wait(array, restarts=1)
    print("--- its process is killed", flush=True)
    [process] = processes_of(task.run)
    os.kill(process, signal.SIGKILL)
    task.expect_end(array, merge, "FAILED")
    print(log_of("sweep", array, task.shard), flush=True)

    before = rows_of(task.run)
    array, merge = submit("sweep", *one_cpu())
    name = task.wait(array, restarts=0)
    assert rows_of(task.run) == before, "what was solved is there"
    # A task that a user ends does not put itself back into the queue.
    run("scancel", name)
    task.expect_end(array, merge, "CANCELLED")

    array, merge = submit("sweep", *one_cpu())
    task.wait(array, restarts=0)
    sweep.write_to_pipe()
    check_ended_well(array, merge)
    sweep.compare("sweep")


def gpus_case(options):
    if not options.standin:
        skip("the stand-in for CUDA is not built: the CUDA toolkit's headers are not here")
    sweep = Sweep(options, options.standin)
    # What a node has. Which of them a process sees is said by CUDA_VISIBLE_DEVICES, as of CUDA.
    os.environ["MODESWEEP_STANDIN"] = "devices=2 visible=1"
    on_gpu = ["--backend", "cuda"]
    os.environ["OPTIONS"] = " ".join(on_gpu)
    Slurm(cpus=2)
    array, merge = submit("sweep", "--gres=gpu:1", *one_cpu())
    check_ended_well(array, merge)
    began = starts("sweep", array)
    seen = {times[0][2] for times in began.values()}
    assert seen == {"0", "1"}, f"each process sees one device, and both are used: {seen}"
    print("--- a second device is asked for", flush=True)
    second = subprocess.run(
        ["srun", "--gres=gpu:1", *one_cpu(), "modesweep", "rank", "--files", UBIQUITIN, *on_gpu,
         "--devices", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(second.stdout, flush=True)
    assert second.returncode and "there is no device 1" in second.stdout
    os.environ["CUDA_VISIBLE_DEVICES"] = "1"
    lines = sweep.compare("sweep", on_gpu)
    backends = {line.split("\t")[-1] for line in lines[1:]}
    print("  " + " ".join(sorted(backends)), flush=True)
    assert backends == {"cuda:0 stand-in"}, backends


def offline_case(options):
    """What the login node fetched, ranked by nodes without a network."""
    sweep = Sweep(options)
    texts = {}
    for number, path in enumerate(sweep.files):
        name = f"9X{number:02}"
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("ascii")
        atoms = [line for line in text.splitlines() if line.startswith(("ATOM", "TER"))]
        lines = [f"{'HEADER':62}{name}", *atoms, "END", ""]
        texts[f"/{name.lower()}.pdb"] = "\n".join(lines).encode()
    Path("list.txt").write_text("".join(f"9X{number:02}\n" for number in range(len(texts))),
                                encoding="ascii")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = texts.get(self.path)
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Length", str(len(text or b"")))
            self.end_headers()
            self.wfile.write(text or b"")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The cache knows files by where they are from.
    cache = ["--cache-dir", "cache", "--file-format", "pdb", "--download-url",
             f"http://127.0.0.1:{server.server_port}/<id>.pdb"]
    printed = run("modesweep", "fetch", "--ids", "@list.txt", *cache)
    assert len(re.findall("^cache/.*/9X.*[.]pdb$", printed, re.MULTILINE)) == len(texts), printed
    server.shutdown()
    server.server_close()

    os.environ["KIND"] = "ids"
    os.environ["OPTIONS"] = " ".join(["--offline", *cache])
    Slurm(cpus=1)
    check_ended_well(*submit("sweep", *one_cpu()))
    sweep.compare("sweep", ["--offline", *cache], kind="ids")


def snakemake(*arguments):
    # With CI, Snakemake looks each second instead of each tenth.
    return ["snakemake", "--snakefile", SNAKEMAKE / "Snakefile", "--nocolor", *arguments,
            "--config", "list=list.txt", "out=sweep", f"shards={SHARDS}", "threads=1",
            "memory_mb=2000"]


def need_snakemake():
    need(("snakemake", "snakemake"))
    os.environ["CI"] = "true"


def snakemake_case(options):
    need_snakemake()
    sweep = Sweep(options)
    printed = run(*snakemake("--cores", "2"))
    print(*printed.splitlines()[-3:], sep="\n", flush=True)
    sweep.compare("sweep")
    assert "Nothing to be done" in run(*snakemake("--cores", "2"))


def snakemake_slurm_case(options):
    need_snakemake()
    sweep = Sweep(options)
    sweep.add_pipe()
    Slurm(cpus=2)
    # As a user has it.
    shutil.copytree(SNAKEMAKE / "slurm", "slurm")
    with open("snakemake.log", "w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(word) for word in snakemake("--profile", "slurm")], stdout=log,
            stderr=subprocess.STDOUT)
        try:
            wait_for_pipe_and_cancel()
            sweep.write_to_pipe()
            wait_for("snakemake has ended", lambda: process.poll() is not None)
        finally:
            log.seek(0)
            print(*log.read().splitlines()[-40:], sep="\n", flush=True)
        assert process.returncode == 0, process.returncode
    sweep.compare("sweep")


def wait_for_pipe_and_cancel():
    """The job whose shard waits for the pipe is cancelled, and Snakemake starts it anew."""
    done = Path("sweep/done")
    wait_for("all shards but one are done",
             lambda: done.exists() and len(list(done.iterdir())) == SHARDS - 1)
    [[first, name, _]] = wait_for("one job is left",
                                  lambda: left if len(left := queue()) == 1 else None)
    run("scancel", first)
    wait_for(f"{name} runs again", lambda: [
        job for job, _, state in queue() if job != first and state == "RUNNING"])


def copied_lines(section):
    """The lines to copy of docs/cluster.md, in a folder that has what they need."""
    page = (SOURCE / "docs/cluster.md").read_text(encoding="utf-8")
    text = page.split(f"\n## {section}\n")[1]
    return re.search(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL).group(1)


def docs_case(options):
    sweep = Sweep(options)
    sweep.copy_files()
    Slurm(cpus=4)
    print(run("bash", "-euc", copied_lines("Slurm")), flush=True)
    wait_for("no job is left", lambda: not queue())
    sweep.compare_tables("table.tsv")


def snakemake_docs_case(options):
    need_snakemake()
    sweep = Sweep(options)
    sweep.copy_files()
    Path("contrib").symlink_to(SOURCE / "contrib")
    run("bash", "-euc", copied_lines("Snakemake"))
    sweep.compare_tables("trial/sweep/table.tsv")


CASES = {"array": array_case, "requeue": requeue_case, "interrupts": interrupts_case,
         "gpus": gpus_case, "offline": offline_case, "docs": docs_case,
         "snakemake-docs": snakemake_docs_case,
         "snakemake": snakemake_case, "snakemake-slurm": snakemake_slurm_case}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--standin", type=Path)
    parser.add_argument("--files", choices=["few", "all"], default="few")
    options = parser.parse_args()
    if options.case not in ("snakemake", "snakemake-docs"):
        need_slurm()
    in_namespaces(lambda: CASES[options.case](options))


if __name__ == "__main__":
    main()
