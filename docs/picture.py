#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the README's picture from what the program prints of data/demo.

    /usr/bin/python3 docs/picture.py build/release/modesweep docs/picture.png

Left: share and collectivity of mode 1 of every entry; arrows lead from tails to mode 1 of the core
alone. Right: mode 1 of two of them, on the trace of their C-alpha atoms.
"""

import csv
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
SHOWN = {"2F91_A": "C3", "1CS4": "C0"}  # a tail and a motion of the whole
# Where names stand, in points from their dots.
LABELS = {"2F91_A": (8, 3), "1CS4": (6, -3), "6ldh_A": (8, -3), "1UBI": (8, -3), "3HSY": (-4, 7)}


def rank(program):
    command = [program, "rank", "--top", "0", "--format", "tsv", "--quiet", "--no-result-cache"]
    command += ["--columns", "pdb_id,file,residues,fv1,coll1,fv1_core,coll1_core,notes"]
    command += ["--files", str(DEMO)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def modes(program, file):
    with tempfile.TemporaryDirectory() as folder:
        npz = Path(folder) / "modes.npz"
        subprocess.run([program, "modes", file, "-o", str(npz), "--quiet"], check=True)
        with numpy.load(npz) as arrays:
            return dict(arrays)


def is_tail(entry):
    return "tail" in entry["notes"].split(",")


def draw_shares(axes, entries):
    for entry in entries:
        name, x, y = entry["pdb_id"], float(entry["coll1"]), float(entry["fv1"])
        colour = SHOWN.get(name, "0.5")
        tail = is_tail(entry)
        axes.scatter(x, y, s=30 if name in SHOWN else 16, marker="^" if tail else "o", zorder=3,
                     edgecolors=colour, facecolors="white" if tail else colour)
        if tail and name in LABELS:
            core = float(entry["coll1_core"]), float(entry["fv1_core"])
            axes.annotate("", core, (x, y), zorder=2,
                          arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 0.8})
        if name in LABELS:
            axes.annotate(name, (x, y), LABELS[name], textcoords="offset points",
                          color=SHOWN.get(name, "0.3"), fontsize=9)
    axes.set(xlim=(-0.02, 0.8), ylim=(0, 0.95), xlabel="coll1: part of the residues that moves in mode 1",
             ylabel="fv1: share of mode 1 in 20 modes", title=f"{len(entries)} structures; triangles: tails")


def draw_motion(axes, entry, arrays):
    """Seen along the axis of the least extent, so that what moves is spread out."""
    positions = arrays["coordinates"] - arrays["coordinates"].mean(axis=0)
    plane = numpy.linalg.svd(positions, full_matrices=False)[2][:2].T
    at = positions @ plane
    mode = arrays["eigenvectors"][:, 0].reshape(-1, 3)
    # The residue that moves most goes a seventh of the picture's width.
    arrows = mode @ plane * numpy.ptp(at[:, 0]) / 7 / numpy.linalg.norm(mode, axis=1).max()
    chains = arrays["chains"]
    for chain in dict.fromkeys(chains):
        axes.plot(*at[chains == chain].T, color="0.6", linewidth=0.7)
    axes.quiver(*at.T, *arrows.T, angles="xy", scale_units="xy", scale=1, width=0.006 if len(at) < 300 else 0.004,
                color=SHOWN[entry["pdb_id"]])
    axes.set_aspect("equal", adjustable="datalim")
    axes.axis("off")
    axes.set_title(f"{entry['pdb_id']}: fv1 {float(entry['fv1']):.2f}, coll1 "
                   f"{float(entry['coll1']):.2f}", color=SHOWN[entry["pdb_id"]])


def main():
    program, picture = sys.argv[1:]
    entries = rank(program)
    figure, panels = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained",
                                  gridspec_kw={"width_ratios": [1.25, 1, 1]})
    draw_shares(panels[0], entries)
    shown = [next(entry for entry in entries if entry["pdb_id"] == name) for name in SHOWN]
    for axes, entry in zip(panels[1:], shown):
        draw_motion(axes, entry, modes(program, entry["file"]))
    figure.savefig(picture, dpi=100, metadata={"Software": None})
    tails = sum(map(is_tail, entries))
    print(f"{len(entries)} structures, {tails} of them tails")


if __name__ == "__main__":
    main()
