# SPDX-License-Identifier: MIT
# %% [markdown]
# # modesweep from Python
#
# From coordinates to modes, from a folder to a ranking, and what ProDy, pandas and matplotlib make
# of both. The structures are those of `data/demo`; run it from the top of the repository.
#
# This notebook is made from `docs/python_tutorial.py` by `tools/make-notebook`.

# %%
import matplotlib.pyplot as plt
import numpy as np

import modesweep

modesweep.info()["version"]

# %% [markdown]
# ## One structure
#
# A path, an array (N, 3) in angstrom, or what ProDy, MDAnalysis, Biotite and gemmi read: the
# C-alphas that ProDy's selection `calpha` takes are the nodes.

# %%
modes = modesweep.anm("data/demo/ubiquitin/pdb1ubi.pdb.gz")
modes

# %% [markdown]
# Shares are those of the 20 modes computed, not of all motion. Arrays are the solver's own memory.

# %%
print(f"share of mode 1: {modes.fractions[0]:.4f}, collectivity {modes.collectivity[0]:.4f}")
print("eigenvectors", modes.eigenvectors.shape, "zero modes", modes.zero_modes)
modes.to_pandas().head(3)

# %% [markdown]
# Ubiquitin's tail, its last residues, is what moves: mode 1 is not one of the protein.

# %%
numbers = modes.residues["number"]
figure, axes = plt.subplots(figsize=(7, 2.8), constrained_layout=True)
axes.plot(numbers, np.linalg.norm(modes.mode(1), axis=1), label="all residues")
core = modes.core
axes.plot(numbers[core.nodes], np.linalg.norm(core.modes.mode(1), axis=1), label="core alone")
axes.set(xlabel="residue", ylabel="length of its part of mode 1", title="Ubiquitin (1UBI), ANM")
axes.legend(frameon=False)
plt.show()

# %%
print(f"{core.outside1:.0%} of mode 1 is outside of the core, which has {len(core.nodes)} of "
      f"{len(modes.coords)} residues; its own first mode has a share of "
      f"{core.modes.fractions[0]:.2f}")

# %% [markdown]
# ## Many structures
#
# On all CPUs, without the GIL. What fails for one is a `modesweep.Error` in its place.

# %%
from pathlib import Path

files = sorted(Path("data/demo/trypsin").glob("*.gz"))
results = modesweep.anm_batch(files, progress=False)
shares = [result.fractions[0] for result in results if not isinstance(result, modesweep.Error)]
print(f"{len(shares)} of {len(files)} solved, shares from {min(shares):.3f} to {max(shares):.3f}")

# %% [markdown]
# ## A ranking
#
# The same as `modesweep rank`, as a DataFrame.

# %%
ranking = modesweep.rank("data/demo", progress=False, result_cache=False,
                         columns=["rank", "pdb_id", "residues", "fv1", "coll1", "outside1", "notes"])
ranking.head(5)

# %%
is_tail = ranking["notes"].fillna("").str.contains("tail")
figure, axes = plt.subplots(figsize=(5, 4), constrained_layout=True)
for chosen, marker, label in ((~is_tail, "o", "others"), (is_tail, "^", "tails")):
    axes.scatter(ranking["fv1"][chosen], ranking["coll1"][chosen], marker=marker, label=label)
axes.set(xlabel="share of mode 1 (fv1)", ylabel="its collectivity (coll1)",
         title=f"{len(ranking)} structures of data/demo")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Two structures of one protein
#
# How much of the step from one structure of lactate dehydrogenase to another do the soft modes hold?
# The modes are nearly the same (overlaps along the diagonal), but the ten softest hold little of the
# step, since they are those of a loose end: the table above has a tail in each of these structures.

# %%
folder = Path("data/demo/lactate-dehydrogenase")
step = modesweep.compare(folder / "6ldh_A.pdb.gz", folder / "1ldm_A.pdb.gz")
print(step)

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), constrained_layout=True)
image = left.imshow(step.overlaps[:10, :10], origin="lower", vmin=0, vmax=1, cmap="viridis",
                    extent=(0.5, 10.5, 0.5, 10.5))
left.set(xlabel=f"mode of {step.second}", ylabel=f"mode of {step.first}", title="overlaps")
figure.colorbar(image, ax=left)
right.bar(np.arange(1, 21), step.first_deformation, label="each mode")
right.plot(np.arange(1, 21), step.first_cumulative, color="black", label="modes 1 to k")
right.set(xlabel=f"mode of {step.first}", ylabel="overlap with the step", ylim=(0, 1))
right.legend(frameon=False)
plt.show()
