#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the table of real entries in docs/validation.md: modesweep, ProDy, and the difference.

    nice /usr/bin/python3 tests/golden/validation_table.py MODESWEEP [PAGE]

MODESWEEP is the program. Both run now, on the same files: a choice of those of prody.tsv, in equal
steps of the logarithm of their sizes. With PAGE (docs/validation.md), the table between its two marks there
is replaced; else it is printed.
"""

import csv
import io
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import prody
from record_prody import DENSE_LIMIT, PACKAGES, record

ENTRIES = 36
BEGIN = "<!-- made by tests/golden/validation_table.py -->\n"
END = "<!-- end of the table -->\n"


def path_of(row):
    return Path(PACKAGES[row["package"]]) / row["file"]


def rank(program, paths):
    """Our rows by file."""
    columns = "file,pdb_id,residues,fv1,coll1"
    with tempfile.TemporaryDirectory() as cache:
        command = [program, "rank", "--format", "tsv", "--top", "0", "--quiet", "--columns", columns]
        command += ["--cache-dir", cache, "--files", *map(str, paths)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {row["file"]: row for row in csv.DictReader(io.StringIO(out), delimiter="\t")}


def choose(program):
    """Rows of prody.tsv and ours of the same files: an entry once, in the order of sizes."""
    with open(Path(__file__).parent / "prody.tsv", newline="") as stream:
        rows = [
            row
            for row in csv.DictReader(stream, delimiter="\t")
            if row["n_modes"] == "20"
            and int(row["residues"]) <= DENSE_LIMIT
            and "truncated" not in row["file"]
            and path_of(row).exists()
        ]
    ours = rank(program, [path_of(row) for row in rows])
    entries = {}
    for row in rows:
        entry = ours[str(path_of(row))]["pdb_id"]
        # The names of some files are no IDs.
        if len(entry) == 4 or entry[4:5] == "_":
            entries.setdefault(entry[:4].upper(), row)
    rows = sorted(entries.values(), key=lambda row: row["file"])
    sizes = [int(row["residues"]) for row in rows]
    chosen = []
    for i in range(ENTRIES):
        size = min(sizes) * (max(sizes) / min(sizes)) ** (i / (ENTRIES - 1))
        nearest = min(rows, key=lambda row: abs(math.log(int(row["residues"]) / size)))
        chosen.append(nearest)
        rows.remove(nearest)
    chosen.sort(key=lambda row: int(row["residues"]))
    return [(row, ours[str(path_of(row))]) for row in chosen]


def relative(ours, theirs):
    return abs(float(ours) / float(theirs) - 1)


def make_table(program):
    lines = ["| entry | file | residues | fv1, modesweep | fv1, ProDy | difference | of coll1 |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for row, ours in choose(program):
        theirs = record(row)
        assert int(ours["residues"]) == theirs["residues"]
        lines.append(
            f"| {ours['pdb_id']} | {Path(row['file']).name} | {ours['residues']} | {ours['fv1']} "
            f"| {float(theirs['fv1']):.12g} | {relative(ours['fv1'], theirs['fv1']):.0e} "
            f"| {relative(ours['coll1'], theirs['coll1']):.0e} |"
        )
    return "\n".join(lines) + "\n"


def main():
    prody.confProDy(verbosity="none")
    table = make_table(sys.argv[1])
    if len(sys.argv) == 2:
        print(table, end="")
        return
    page = Path(sys.argv[2])
    text = page.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(text[:begin] + table + text[end:])


if __name__ == "__main__":
    main()
