# SPDX-License-Identifier: MIT
"""What the tests of the package share."""
import csv
import os
import sys
from pathlib import Path

# Before BLAS is loaded, of which ProDy makes use.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

SOURCE = Path(__file__).resolve().parents[2]
DEMO = SOURCE / "data/demo"
UBIQUITIN = DEMO / "ubiquitin/pdb1ubi.pdb.gz"
LDH = [DEMO / f"lactate-dehydrogenase/{name}_A.pdb.gz" for name in ("6ldh", "1ldm")]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Nothing is read of, or left in, the cache of who runs the tests."""
    monkeypatch.setenv("MODESWEEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PDB_DIR", raising=False)


@pytest.fixture
def ubiquitin():
    import modesweep
    return modesweep.read_structure(UBIQUITIN)


@pytest.fixture
def prody():
    """ProDy, silent, or a skip."""
    prody = pytest.importorskip("prody", reason="python3-prody is not here")
    prody.confProDy(verbosity="none")
    return prody


def demo_files():
    return sorted(DEMO.rglob("*.pdb.gz"))


def recorded(file, cutoff="15", modes="20"):
    """What ProDy gave for a file: a row of tests/golden/prody.tsv."""
    with open(SOURCE / "tests/golden/prody.tsv", newline="", encoding="utf-8") as table:
        return next(row for row in csv.DictReader(table, delimiter="\t")
                    if row["file"] == file and row["nodes"] == "prody"
                    and row["cutoff"] == cutoff and row["modes"] == modes)


def helix(nodes):
    """Positions of C-alphas on a helix: a network with modes, of any size."""
    turn = np.radians(100) * np.arange(nodes)
    return np.column_stack([2.3 * np.cos(turn), 2.3 * np.sin(turn), 1.5 * np.arange(nodes)])


def globule(nodes, seed=7):
    """Random positions at the density of a protein."""
    side = (nodes * 135.0) ** (1 / 3)
    return np.random.default_rng(seed).uniform(0, side, (nodes, 3))


def in_process(code, **options):
    """Runs code in an interpreter of its own that finds the package."""
    import subprocess
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          timeout=120, check=False, **options)
