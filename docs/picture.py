#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the README's picture from what the program prints of data/demo.

    /usr/bin/python3 docs/picture.py build/release/modesweep docs/picture.png

Left: share and collectivity of mode 1 of every entry. Right: mode 1 of two of them, on the trace
of their C-alpha atoms.
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
TAIL = 0.1
SHOWN = {"2F91_A": "C3", "1CS4": "C0"}  # a tail and a motion of the whole
# Where names stand, in points from their dots.
LABELS = {"2F91_A": (6, -14), "1CS4": (6, -3), "6ldh_A": (6, -3), "1UBI": (6, -3), "3HSY": (-4, -12)}


def rank(program):
    command = [program, "rank", "--top", "0", "--format", "tsv", "--quiet", "--no-result-cache"]
    command += ["--columns", "pdb_id,file,residues,fv1,coll1", "--files", str(DEMO)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def modes(program, file):
    with tempfile.TemporaryDirectory() as folder:
        npz = Path(folder) / "modes.npz"
        subprocess.run([program, "modes", file, "-o", str(npz), "--quiet"], check=True)
        with numpy.load(npz) as arrays:
            return dict(arrays)


def draw_shares(axes, entries):
    axes.axvspan(-0.02, TAIL, color="0.93", linewidth=0)
    axes.text(TAIL / 2, 0.93, "note: tail", ha="center", va="top", color="0.4", rotation=90)
    for entry in entries:
        name, x, y = entry["pdb_id"], float(entry["coll1"]), float(entry["fv1"])
        colour = SHOWN.get(name, "0.5")
        axes.scatter(x, y, s=26 if name in SHOWN else 12, color=colour, zorder=3)
        if name in LABELS:
            axes.annotate(name, (x, y), LABELS[name], textcoords="offset points",
                          color=SHOWN.get(name, "0.3"), fontsize=9)
    axes.set(xlim=(-0.02, 0.8), ylim=(0, 0.95), xlabel="coll1: part of the residues that moves in mode 1",
             ylabel="fv1: share of mode 1 in 20 modes", title=f"{len(entries)} structures")


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
    tails = sum(float(entry["coll1"]) < TAIL for entry in entries)
    print(f"{len(entries)} structures, {tails} of them tails")


if __name__ == "__main__":
    main()
