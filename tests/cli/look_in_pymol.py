# SPDX-License-Identifier: MIT
"""Says in seen.json what PyMOL, which runs this after it opened a file, has made of it, and what of
out/pdb1ubi.npz it should have. numpy comes with PyMOL.
"""
import json
import numpy
from pymol import cmd

def colors(selection):
    found = set()
    cmd.iterate(selection, "found.add(color)", space={"found": found})
    return sorted("%02x%02x%02x" % tuple(round(255 * part) for part in cmd.get_color_tuple(color))
                  for color in found)

npz = numpy.load("out/pdb1ubi.npz")
seen = {}
for name in cmd.get_names("objects"):
    seen[name] = {"type": cmd.get_type(name), "states": cmd.count_states(name)}
    if seen[name]["type"] == "object:molecule":
        seen[name]["bonds"] = len(cmd.get_model(name, 1).bond)
        moved = cmd.get_coords(name, 1) - npz["coordinates"]
        seen[name]["moved"] = float(numpy.abs(moved).max())
        seen[name]["b"] = [atom.b for atom in cmd.get_model(name, 1).atom]
    else:
        seen[name]["extent"] = cmd.get_extent(name)
for name in cmd.get_names("selections"):
    ids = []
    cmd.iterate(name, "ids.append(ID)", space={"ids": ids})
    seen[name] = {"type": "selection", "ids": ids, "colors": colors(name)}
at = npz["coordinates"]
tips = at + 5 * len(at) ** 0.5 * npz["eigenvectors"][:, 1].reshape(-1, 3)
seen["expected"] = {
    "extent": [numpy.minimum(at, tips).min(axis=0).tolist(),
               numpy.maximum(at, tips).max(axis=0).tolist()],
    "lengths": numpy.linalg.norm(tips - at, axis=1).tolist(),
}
open("seen.json", "w").write(json.dumps(seen))
