#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a list costs in shards, and what plan estimates of it.

    bench/shards.py PROGRAM FILE-OR-FOLDER... [--shards 8] [--pairs 5]

First, by turns: CPU time of ranking all files in one process, and of that in so many shards of one
thread each, one after another, with the merge; the tables of both are compared byte for byte. Then
CPU time and peak memory by the sizes of files, a process for each twelfth of them, beside what
`plan` says of it. Debian: python3-numpy.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

COMPRESSED = (".gz", ".zst", ".xz", ".bz2")


def cpu_seconds(commands):
    """Of all of them together, with what they wait for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def peak_megabytes(command):
    code = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
            "stdout=subprocess.DEVNULL); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True,
                          text=True)
    return int(done.stdout) * 1024 / 1e6


def likely_size(path):
    size = os.path.getsize(path)
    return 4 * size if str(path).lower().endswith(COMPRESSED) else size


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def rank(self, listed, *options):
        return [self.program, "rank", "--files", f"@{listed}", "--threads", "1", "--quiet", "--top",
                "1", "--allow-empty", "--no-result-cache", *options]

    def in_one(self, listed, run):
        return [self.rank(listed, "--run", run)]

    def in_shards(self, listed, run, count):
        parts = [f"{run}-{number}" for number in range(count)]
        commands = [self.rank(listed, "--shard", f"{number}/{count}", "--run", part)
                    for number, part in enumerate(parts)]
        return [*commands, [self.program, "merge", run, *parts, "--quiet"]]

    def table(self, run):
        return subprocess.run([self.program, "show", run, "--top", "0", "--format", "tsv",
                               "--quiet"], check=True, capture_output=True).stdout

    def compare(self, listed, count, pairs):
        ratios = []
        for pair in range(pairs):
            one, all_ = self.folder / f"one{pair}", self.folder / f"all{pair}"
            turns = [("one", self.in_one(listed, one)),
                     ("shards", self.in_shards(listed, all_, count))]
            seconds = {}
            for name, commands in turns if pair % 2 == 0 else reversed(turns):
                seconds[name] = cpu_seconds(commands)
            same = self.table(one) == self.table(all_)
            ratios.append(seconds["shards"] / seconds["one"])
            print(f"one process {seconds['one']:.2f} s, {count} shards and merge "
                  f"{seconds['shards']:.2f} s, ratio {ratios[-1]:.3f}, tables "
                  f"{'the same' if same else 'DIFFER'}")
        print(f"ratio of CPU times, median of {pairs} pairs: {numpy.median(ratios):.3f}\n")

    def by_size(self, files, parts):
        print(f"{'files':>5} {'MB':>8} {'CPU s':>8} {'plan s':>8} {'peak MB':>8} {'plan MB':>8}")
        for group in numpy.array_split(numpy.array(sorted(files, key=likely_size)), parts):
            listed = self.folder / "group.txt"
            listed.write_text("".join(f"{path}\n" for path in group))
            plan = subprocess.run([self.program, "plan", "--files", f"@{listed}", "--shards", "1",
                                   "--quiet"], check=True, capture_output=True, text=True).stdout
            megabytes, seconds, memory = plan.splitlines()[-1].split()[2:]
            command = self.rank(listed)
            print(f"{len(group):5} {megabytes:>8} {cpu_seconds([command]):8.2f} {seconds:>8} "
                  f"{peak_megabytes(command):8.0f} {memory:>8}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MODESWEEP_CACHE_DIR"] = str(Path(folder) / "cache")
        bench = Bench(options.program, Path(folder))
        ranked = subprocess.run([options.program, "rank", "--files", *options.paths, "--columns",
                                 "file", "--format", "tsv", "--top", "0", "--quiet"], check=True,
                                capture_output=True, text=True).stdout.splitlines()[1:]
        print(f"{len(ranked)} files that can be ranked, {sum(map(likely_size, ranked)) / 1e6:.0f} MB")
        listed = Path(folder) / "list.txt"
        listed.write_text("".join(f"{path}\n" for path in ranked))
        bench.compare(listed, options.shards, options.pairs)
        bench.by_size(ranked, 12)


if __name__ == "__main__":
    main()
