#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Records what ProDy says about GNMs, fluctuations, B factors and hinges of real structure files.

    nice /usr/bin/python3 tests/golden/record_prody_properties.py [TABLE]

As record_prody.py, whose files it takes: `package` and `file` are read, the rest is recorded anew.
"""

import hashlib
import sys
from pathlib import Path

import record_prody
import numpy
import prody
import scipy.linalg
from prody.utilities.eigtools import ZERO

KEYS = ["package", "file"]
MODELS = {"anm": (prody.ANM, "buildHessian", 15), "gnm": (prody.GNM, "buildKirchhoff", 10)}
OF_MODEL = (
    ["zero_modes", "n_modes", "fv1", "fv2", "fv3", "coll1", "coll2", "coll3"]
    + ["ev1", "ev2", "ev3", "ev4", "ev_last", "trace", "bfactor_corr", "bfactor_corr_all"]
    + ["sq_fluct_first", "sq_fluct_last", "sq_fluct_all_first", "sq_fluct_all_last"]
)
RECORDED = (
    ["sha256", "residues"]
    + [f"{model}_{name}" for model in MODELS for name in OF_MODEL]
    + ["hinges"]
)


def text(value):
    return f"{value:.15g}"


def correlation(b_factors, fluctuations):
    if numpy.std(b_factors) == 0:
        return ""
    return text(numpy.corrcoef(b_factors, fluctuations)[0, 1])


def record_model(nodes, name):
    kind, build, cutoff = MODELS[name]
    model = kind()
    getattr(model, build)(nodes, cutoff=cutoff)
    matrix = model.getHessian() if name == "anm" else model.getKirchhoff()
    out = {"zero_modes": int(numpy.sum(scipy.linalg.eigvalsh(matrix) < ZERO))}
    b_factors = nodes.getBetas()
    for modes, suffix in ((20, ""), (None, "_all")):
        model.calcModes(n_modes=modes)
        fluctuations = prody.calcSqFlucts(model)
        out[f"bfactor_corr{suffix}"] = correlation(b_factors, fluctuations)
        out[f"sq_fluct{suffix}_first"] = text(fluctuations[0])
        out[f"sq_fluct{suffix}_last"] = text(fluctuations[-1])
        if modes is None:
            out["trace"] = text(numpy.sum(1 / model.getEigvals()))
            continue
        out["n_modes"] = model.numModes()
        shares, values = prody.calcFractVariance(model), model.getEigvals()
        for i in range(3):
            out[f"fv{i + 1}"] = text(shares[i])
            out[f"coll{i + 1}"] = text(prody.calcCollectivity(model[i]))
        for i in range(4):
            out[f"ev{i + 1}"] = text(values[i])
        out["ev_last"] = text(values[-1])
        if name == "gnm":
            out["hinges"] = ",".join(str(i) for i in prody.calcHinges(model[0]))
    return out


def record(row):
    path = Path(record_prody.PACKAGES[row["package"]]) / row["file"]
    nodes = record_prody.parse(path).select("calpha")
    out = {key: row[key] for key in KEYS}
    out["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    out["residues"] = len(nodes)
    for name in MODELS:
        recorded = record_model(nodes, name)
        out["hinges"] = recorded.pop("hinges", "")
        out |= {f"{name}_{key}": value for key, value in recorded.items()}
    return out


def main():
    prody.confProDy(verbosity="none")
    table = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("prody_properties.tsv")
    record_prody.record_table(table, KEYS, RECORDED, record)


if __name__ == "__main__":
    main()
