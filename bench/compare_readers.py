#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two builds of reader_benchmark, or step_benchmark, by turns: what the second takes of the first.

    bench/compare_readers.py OLD NEW [--pairs 20] [--filter ours] [-o FILE]

Each pair runs both programs, in turn the one and the other first. Of each benchmark the medians of
both and the median ratio of the pairs are printed, with the interval that holds the median with
95 % (order statistics, the binomial distribution).
"""
import argparse
import json
import math
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path


def run(program, benchmark_filter, seconds):
    """Milliseconds of CPU by benchmark."""
    command = [program, f"--benchmark_filter={benchmark_filter}", "--benchmark_format=json",
               f"--benchmark_min_time={seconds}"]
    reply = subprocess.run(command, check=True, capture_output=True, text=True)
    return {b["name"]: b["cpu_time"] for b in json.loads(reply.stdout)["benchmarks"]
            if not b.get("error_occurred")}


def interval(values, confidence=0.95):
    """Of the median: the narrowest symmetric pair of order statistics."""
    values, n = sorted(values), len(values)
    below = 0.0
    k = 0
    while below + math.comb(n, k) / 2**n <= (1 - confidence) / 2 and k < n // 2:
        below += math.comb(n, k) / 2**n
        k += 1
    k = max(k - 1, 0)
    return values[k], values[n - 1 - k]


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--filter", default="ours")
    parser.add_argument("--seconds", type=float, default=0.1, help="of each benchmark in each run")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()

    times = {}
    for pair in range(options.pairs):
        programs = [("old", options.old), ("new", options.new)]
        if pair % 2:
            programs.reverse()
        for which, program in programs:
            for name, value in run(program, options.filter, options.seconds).items():
                times.setdefault(name, {"old": [], "new": []})[which].append(value)

    lines = [f"bench/compare_readers.py OLD NEW --pairs {options.pairs} --filter '{options.filter}' "
             f"--seconds {options.seconds}",
             f"{date.today()}, {cpu_name()}, CPU time of reader_benchmark, by turns",
             f"{'benchmark':44} {'old ms':>9} {'new ms':>9} {'new/old':>8}  interval of the median"]
    for name, both in times.items():
        if len(both["old"]) != len(both["new"]):
            lines.append(f"{name:44} not in both")
            continue
        ratios = [new / old for old, new in zip(both["old"], both["new"])]
        low, high = interval(ratios)
        lines.append(f"{name:44} {statistics.median(both['old']):9.3f} "
                     f"{statistics.median(both['new']):9.3f} {statistics.median(ratios):8.3f}  "
                     f"{low:.3f} to {high:.3f}")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.output:
        Path(options.output).write_text(text)


if __name__ == "__main__":
    main()
