#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other projects that use the libraries: each is configured and built, its examples are run, and
what they print is compared with what ProDy recorded.

    package_test.py --projects NAME... --cmake CMAKE --build FOLDER --work FOLDER -- ARGUMENT...

NAME is a folder beside this file. `installed` and `core` use the installation of the build in
FOLDER; ARGUMENT... are given to CMake where it configures a project.
"""
import argparse
import csv
import gzip
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
DEMO = SOURCE / "data/demo"
UBIQUITIN = DEMO / "ubiquitin/pdb1ubi.pdb.gz"
LDH = [DEMO / f"lactate-dehydrogenase/{name}_A.pdb.gz" for name in ("6ldh", "1ldm")]

# Of the headers and programs of the project's own build alone.
OF_THE_BUILD = ["CLI11", "Eigen3", "OpenSSL", "msgpack", "nlohmann_json"]
NOT_OF_THE_CORE = ["CURL", "SQLite3"]


def run(*command, **options):
    """What the command prints; its end where it fails."""
    command = [str(word) for word in command]
    print("+", " ".join(command), flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)
    if result.returncode:
        raise SystemExit(f"{result.stdout}\nexit code {result.returncode}")
    return result.stdout


def recorded(table, **wanted):
    """The row of a table of tests/golden."""
    with open(SOURCE / "tests/golden" / table, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if all(row[key] == value for key, value in wanted.items()):
                return row
    raise SystemExit(f"{table} has no row with {wanted}")


def check_close(what, ours, theirs):
    print(f"  {what}: {ours}, ProDy {theirs}", flush=True)
    if not math.isclose(float(ours), float(theirs), rel_tol=1e-9):
        raise SystemExit(f"{what} is {ours}, not {theirs}")


def table_rows(text):
    return list(csv.DictReader(text.splitlines(), delimiter="\t"))


def alpha_carbons():
    """x y z of each C-alpha of ubiquitin as the file has them."""
    with gzip.open(UBIQUITIN, "rt", encoding="ascii") as file:
        return [[line[column:column + 8] for column in (30, 38, 46)]
                for line in file if line.startswith("ATOM") and line[12:16] == " CA "]


def check_rank_files(program):
    prody = recorded("prody.tsv", file="pdb1ubi.pdb", cutoff="15", modes="20", nodes="prody")
    rows = table_rows(run(program, UBIQUITIN, *LDH))
    shares = [float(row["fv1"]) for row in rows]
    if len(rows) != 3 or shares != sorted(shares, reverse=True):
        raise SystemExit(f"three files are ranked by fv1, not {rows}")
    row = next(row for row in rows if row["pdb_id"] == "1UBI")
    for column in ("fv1", "fv2", "coll1", "ev1"):
        check_close(column, row[column], prody[column])


def check_modes_of_coordinates(program):
    prody = recorded("prody.tsv", file="pdb1ubi.pdb", cutoff="15", modes="20", nodes="prody")
    coordinates = alpha_carbons()
    assert len(coordinates) == int(prody["residues"])
    modes = table_rows(run(program, input="\n".join(map(" ".join, coordinates))))
    assert len(modes) == int(prody["n_modes"]), modes
    for mode in (1, 2, 3):
        row = modes[mode - 1]
        check_close(f"ev{mode}", row["eigenvalue"], prody[f"ev{mode}"])
        check_close(f"fv{mode}", row["share"], prody[f"fv{mode}"])
        check_close(f"coll{mode}", row["collectivity"], prody[f"coll{mode}"])


def check_compare_structures(program):
    prody = recorded("prody_compare.tsv", file="ldh/6ldh_A.pdb.gz", file2="ldh/1ldm_A.pdb.gz")
    text = run(program, *LDH)
    expected = (f"RMSIP             {float(prody['rmsip10']):.4f} of 10 modes, "
                f"{float(prody['rmsip20']):.4f} of 20 modes")
    if expected not in text:
        raise SystemExit(f"no line {expected} in\n{text}")
    print("  " + expected)


CHECKS = {"rank_files": check_rank_files, "modes_of_coordinates": check_modes_of_coordinates,
          "compare_structures": check_compare_structures}


def check_links(project, module):
    """That a core without curl, SQLite and OpenSSL is one once it is loaded, too."""
    libraries = re.findall(r"^\s*(\S+) =>", run("ldd", module), re.MULTILINE)
    print("  " + " ".join(libraries))
    assert any(name.startswith("libtbb") for name in libraries), libraries
    if project == "core":
        unwanted = [name for name in libraries if re.match("lib(curl|sqlite|crypto|ssl)", name)]
        if unwanted:
            raise SystemExit(f"the core is linked with {unwanted}")


def test_project(project, arguments, options):
    print(f"--- {project}", flush=True)
    work = options.work / project
    shutil.rmtree(work, ignore_errors=True)
    configure = [options.cmake, "-S", HERE / project, "-B", work, *arguments]
    if project != "subdirectory":
        configure.append(f"-DCMAKE_PREFIX_PATH={options.work / 'prefix'}")
        without = OF_THE_BUILD + (NOT_OF_THE_CORE if project == "core" else [])
        configure += [f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in without]
    print(run(*configure))
    if project != "subdirectory":
        cache = (work / "CMakeCache.txt").read_text(encoding="utf-8")
        asked = re.findall(r"^(?!CMAKE_DISABLE).*(?:GEMMI_INCLUDE|CLI11|PEGTL|msgpack|Eigen).*$", cache,
                           re.MULTILINE | re.IGNORECASE)
        if asked:
            raise SystemExit(f"users are asked for {asked}")
    run(options.cmake, "--build", work, "--parallel", len(os.sched_getaffinity(0)))
    ran = 0
    for name, check in CHECKS.items():
        if (work / name).exists():
            check(work / name)
            ran += 1
    assert ran == (2 if project == "core" else 3), f"{ran} examples were built"
    check_links(project, work / "libwhole_library.so")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", nargs="+", required=True)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    prefix = options.work / "prefix"
    if options.projects != ["subdirectory"]:
        shutil.rmtree(prefix, ignore_errors=True)
        run(options.cmake, "--install", options.build, "--prefix", prefix)
    for project in options.projects:
        test_project(project, options.arguments, options)
        shutil.rmtree(options.work / project)
    shutil.rmtree(prefix, ignore_errors=True)


if __name__ == "__main__":
    main()
