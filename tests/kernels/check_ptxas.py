#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compiles the kernels once more as the build does, has ptxas say what each one takes, and fails
where one spills registers, takes more than its budget, or has none.

usage: check_ptxas.py BUILD_DIRECTORY BUDGETS
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys


def compile_commands(build):
    """The commands of the CUDA compiler, by source."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        command = shlex.split(entry["command"])
        compilers = [i for i, word in enumerate(command[:2]) if pathlib.Path(word).name == "nvcc"]
        if compilers and entry["file"].endswith(".cu"):
            yield entry["directory"], command[compilers[0]:]


def compile_with_report(directory, command):
    command = list(command)
    output = command.index("-o")
    command[output + 1] = os.devnull
    command += ["-Xptxas", "-v"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}\n{done.stderr}")
    return done.stderr


def kernels_of(report):
    """(name, architecture, registers, bytes of spills, bytes of stack) of each kernel."""
    names = subprocess.run(["c++filt"], input=report, capture_output=True, text=True,
                           check=True).stdout
    kernel = None
    for line in names.splitlines():
        if entry := re.search(r"Compiling entry function '(.*)' for '(sm_\w+)'", line):
            # void modesweep::gpu::(anonymous namespace)::name<arguments>(parameters)
            name = re.search(r"(\w+(?:<[^()]*>)?)\([^()]*\)$", entry[1])
            kernel = (name[1], entry[2])
        elif spills := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, "
                                 r"(\d+) bytes spill loads", line):
            stack, spilled = int(spills[1]), int(spills[2]) + int(spills[3])
        elif used := re.search(r"Used (\d+) registers", line):
            yield (*kernel, int(used[1]), spilled, stack)


def main():
    build, budgets_file = map(pathlib.Path, sys.argv[1:])
    budgets = {}
    for line in budgets_file.read_text().splitlines():
        if line and not line.startswith("#"):
            kernel, registers = line.split()
            budgets[kernel] = int(registers)
    commands = list(compile_commands(build))
    if not commands:
        sys.exit("the build has no CUDA sources")
    failures, seen = [], set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = list(pool.map(lambda c: compile_with_report(*c), commands))
    print(f"{'kernel':28}{'device':8}{'registers':>10}{'budget':>8}{'spills':>8}{'stack':>7}")
    for report in reports:
        for name, device, registers, spilled, stack in sorted(kernels_of(report)):
            exact = name.replace(" ", "")
            base = exact if exact in budgets else name.split("<")[0]
            seen.add(base)
            budget = budgets.get(base, 0)
            print(f"{name:28}{device:8}{registers:10}{budget:8}{spilled:8}{stack:7}")
            if spilled:
                failures.append(f"{name} on {device} spills {spilled} bytes")
            if registers > budget:
                failures.append(f"{name} on {device} takes {registers} registers, its budget is "
                                f"{budget}")
    failures += [f"{name} has a budget and is no kernel" for name in sorted(budgets.keys() - seen)]
    print("\n".join(failures) or "no spills, all within their budgets")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
