#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How near the solver is to what one core can do, and how its cost grows with size.

    bench/limits.py [--build build/release] [--repetitions 5] [--min-time 0.5]

Runs step_benchmark on one core and prints the factorisation's rate beside that of OpenBLAS's dgemm,
the rate at which the substitution and the Krylov iteration read memory beside that of a plain sum,
both of the same run, and the exponent of cost against residues. The record goes to bench/results/.
"""

import argparse
import datetime
import json
import math
import pathlib
import subprocess

import compare_prody

HERE = pathlib.Path(__file__).resolve().parent
FILTER = "^limit/|^(network|ordering|analysis|factorisation|substitution|krylov|modes/shift-invert)/"


def exponent(points):
    """Slope of log(time) against log(residues), by least squares."""
    xs, ys = zip(*((math.log(n), math.log(t)) for n, t in points))
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=HERE.parent / "build" / "release", type=pathlib.Path)
    parser.add_argument("--repetitions", default=5, type=int)
    parser.add_argument("--min-time", default=0.5, type=float, help="seconds of each repetition")
    arguments = parser.parse_args()
    compare_prody.name_blas_kernels()
    command = [
        "taskset", "-c", "0", str(arguments.build / "bench/micro/step_benchmark"),
        f"--benchmark_filter={FILTER}", f"--benchmark_repetitions={arguments.repetitions}",
        f"--benchmark_min_time={arguments.min_time}",
        "--benchmark_enable_random_interleaving=true", "--benchmark_format=json",
    ]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for name in ("executable", "host_name"):  # of this machine alone
        report["context"].pop(name, None)

    best = {}  # the fastest repetition of each
    for run in report["benchmarks"]:
        if run["run_type"] == "iteration" and not run.get("error_occurred"):
            name = run["run_name"]
            if name not in best or run["cpu_time"] < best[name]["cpu_time"]:
                best[name] = run
    dgemm = best["limit/dgemm"]["flops"]
    read = best["limit/read"]["bytes_per_second"]

    steps = ["network", "ordering", "analysis", "factorisation", "krylov", "modes/shift-invert"]
    files = sorted(
        {name.removeprefix("network/") for name in best if name.startswith("network/")},
        key=lambda file: best[f"network/{file}"]["residues"],
    )
    lines = [
        f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {compare_prody.cpu_model()}, "
        f"load {report['context']['load_avg']}",
        f"command: bench/limits.py --repetitions {arguments.repetitions}; CPU time, best repetition",
        f"one core: dgemm {dgemm * 1e-9:.1f} Gflop/s, read {read * 1e-9:.1f} GB/s",
        "",
        f"{'file':24}{'residues':>9}" + "".join(f"{s.split('/')[0] + ' ms':>18}" for s in steps)
        + f"{'Gflop/s':>9}{'of dgemm':>9}{'solve GB/s':>11}{'Krylov GB/s':>12}{'of read':>8}",
    ]
    for file in files:
        found = [best.get(f"{step}/{file}") for step in steps]
        line = f"{file[-23:]:24}{best[f'network/{file}']['residues']:9.0f}"
        line += "".join(f"{f['cpu_time']:18.3f}" if f else f"{'-':>18}" for f in found)
        flops = best[f"factorisation/{file}"]["flops"]
        solve = best[f"substitution/{file}"]["bytes_per_second"]
        line += f"{flops * 1e-9:9.1f}{flops / dgemm:9.0%}{solve * 1e-9:11.1f}"
        if f"krylov/{file}" in best:
            rate = best[f"krylov/{file}"]["bytes_per_second"]
            line += f"{rate * 1e-9:12.1f}{rate / read:8.0%}"
        lines.append(line)
    lines.append("")
    for step in steps:
        points = [
            (best[f"{step}/{f}"]["residues"], best[f"{step}/{f}"]["cpu_time"])
            for f in files if f"{step}/{f}" in best
        ]
        large = [p for p in points if p[0] > 200]
        lines.append(f"{step}: N^{exponent(points):.2f} over all, N^{exponent(large):.2f} above 200")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    stamp = f"{datetime.datetime.now():%Y%m%dT%H%M%S}"
    results = HERE / "results"
    (results / f"limits-{stamp}.txt").write_text(text)
    (results / f"limits-{stamp}.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
