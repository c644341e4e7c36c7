# SPDX-License-Identifier: MIT
"""What wheel-in-chroot.sh runs where nothing but numpy is installed: the package is imported from
the wheel, its libraries come with it, and its numbers are ProDy's."""
import csv
import importlib.util
import math
import re
from pathlib import Path

import numpy

import modesweep

OF_THE_SYSTEM = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|gcc_s|stdc\+\+))[.-]")

for package in ("pandas", "prody", "scipy", "tqdm"):
    assert importlib.util.find_spec(package) is None, f"{package} is here: the test says little"
modes = modesweep.anm("pdb1ubi.pdb.gz")
with open("prody.tsv", newline="", encoding="utf-8") as table:
    prody = next(row for row in csv.DictReader(table, delimiter="\t")
                 if row["file"] == "pdb1ubi.pdb" and row["nodes"] == "prody"
                 and row["cutoff"] == "15" and row["modes"] == "20")
for name, ours in (("fv1", modes.fractions[0]), ("coll1", modes.collectivity[0]),
                   ("ev1", modes.eigenvalues[0]), ("ev_last", modes.eigenvalues[-1])):
    assert math.isclose(ours, float(prody[name]), rel_tol=1e-9), (name, ours, prody[name])

rows = modesweep.rank("pdb1ubi.pdb.gz", result_cache=False)
assert isinstance(rows, list) and rows[0]["pdb_id"] == "1UBI"
results = modesweep.anm_batch([modes.coords, numpy.zeros((2, 3))])
assert isinstance(results[1], modesweep.Error)

home = Path(modesweep.__file__).parent
with open("/proc/self/maps", encoding="ascii") as maps:
    loaded = {Path(line.split()[-1]) for line in maps if ".so" in line}
ours = {path for path in loaded if home in path.parents}
assert any(path.name.startswith("_binding") for path in ours)
beside = {path.name for path in (home / "lib").iterdir()}
assert not [name for name in beside if OF_THE_SYSTEM.match(name)], beside
print(f"modesweep {modesweep.__version__}, numpy {numpy.__version__}: {modes}")
print(f"{len(ours)} of {len(loaded)} libraries are the wheel's; ProDy's numbers to 1e-9")
