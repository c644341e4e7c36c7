# SPDX-License-Identifier: MIT
"""Kind 2: B factors that are not there, and those of predicted models."""
from binary_cif import MOLSTAR, PY_MMCIF, PY_MMCIF_64, bcif
from case import SPEC, TWIN, Kind
from structures import (DOT, UNKNOWN, all_calphas, atom_site, calphas, changed, cif, pdb, pdb_lines,
                        protein, table, text_of)

kind = Kind(2, "B factors that are not there, and predicted models")

def without_b(atoms, where=lambda a: True):
    return changed(atoms, where, b=None)


def columns_and_values():
    for style in MOLSTAR, PY_MMCIF:
        add = kind.both if style is MOLSTAR else kind.bcif
        needed = {"prody": "ProDy needs a number"} if style is MOLSTAR else {}
        trait = "no column B_iso_or_equiv"
        atoms = protein(trait)
        site = atom_site(atoms).without("B_iso_or_equiv")
        add(trait, site, calphas(without_b(atoms)), style=style, **needed)
        for null in DOT, UNKNOWN:
            trait = f"B factors {null.sign}"
            atoms = protein(trait)
            site = atom_site(atoms).with_values("B_iso_or_equiv", lambda row: null)
            add(trait, site, calphas(without_b(atoms)), style=style, **needed)
        trait = "some B factors missing"
        atoms = protein(trait, 20)
        lacks = lambda a: a.number % 3 == 1
        add(trait, without_b(atoms, lacks), style=style, **needed)
    trait = "B factors nan"
    atoms = protein(trait)
    for word in "nan", "NaN":
        site = atom_site(atoms).with_values("B_iso_or_equiv", lambda row: word)
        kind.cif(trait, site, calphas(without_b(atoms)))
    site = atom_site(atoms).with_values("B_iso_or_equiv", lambda row: float("nan"))
    for style in PY_MMCIF, PY_MMCIF_64:  # unmasked: the number itself is not one
        kind.bcif(trait, site, calphas(without_b(atoms)), style=style)
    trait = "B factors with standard uncertainties"
    atoms = protein(trait)
    site = atom_site(atoms).with_values("B_iso_or_equiv", lambda r: f"{r['B_iso_or_equiv']:.2f}(9)")
    kind.both(trait, site, calphas(atoms), prody="float() refuses 12.34(9)")
    trait = "B factors that are 0"
    for style in MOLSTAR, PY_MMCIF:
        atoms = changed(protein(trait), b=0.0)
        kind.bcif(trait, atoms, style=style)
    kind.cif(trait, atoms)
    kind.pdb(trait, atoms)


def pdb_columns():
    for columns, trait in ((54, "PDB lines of 54 columns"), (60, "PDB lines of 60 columns")):
        atoms = protein(trait)
        for tail in ("END",), ():
            kind.pdb(trait, pdb(atoms, columns=columns, tail=tail), calphas(without_b(atoms)),
                     known=TWIN)
        lines = pdb_lines(atoms)
        mixed = [line[:columns] if " CA " in line and i % 2 else line
                 for i, line in enumerate(lines)]
        short = {a.number for i, (a, line) in enumerate(zip(atoms, lines))
                 if a.name == "CA" and i % 2}
        kind.pdb(trait, text_of(mixed), calphas(without_b(atoms, lambda a: a.number in short)))
    trait = "blank B factors"
    atoms = without_b(protein(trait))
    kind.pdb(trait, atoms)
    kind.pdb(trait, pdb([a for a in atoms if a.name == "CA"]), all_calphas(atoms))
    trait = "some B factors missing"
    atoms = without_b(protein(trait, 20), lambda a: a.number % 3 == 1)
    kind.pdb(trait, atoms)
    trait = "B factors nan"
    atoms = protein(trait)
    for word in "   nan", " NaN  ":
        text = text_of(line[:60] + word + line[66:] if line.startswith("ATOM") else line
                       for line in pdb_lines(atoms))
        kind.pdb(trait, text, calphas(without_b(atoms)))
    trait = "B factors of asterisks"
    atoms = protein(trait)
    text = text_of(line[:60] + "*" * 6 + line[66:] if line.startswith("ATOM") else line
                   for line in pdb_lines(atoms))
    kind.pdb(trait, text, calphas(without_b(atoms)))
    trait = "blank occupancies beside B factors"
    atoms = protein(trait)
    text = text_of(line[:54] + " " * 6 + line[60:] if line.startswith("ATOM") else line
                   for line in pdb_lines(atoms))
    kind.pdb(trait, text, calphas(atoms))


def predicted_models():
    tables = {
        "ModelCIF: _ma_qa_metric_global": [
            table("_ma_qa_metric", "id mode name type", [1, "global", "pLDDT", "pLDDT"]),
            table("_ma_qa_metric_global", "metric_id metric_value model_id ordinal_id",
                  [1, 87.5, 1, 1])],
        "ModelCIF: _ma_model_list": [
            table("_ma_model_list", "data_id model_group_id model_id model_name model_type "
                  "ordinal_id", [1, 1, 1, "Top ranked model", "Ab initio model", 1])],
        "ModelCIF: _ma_qa_metric_local": [
            table("_ma_qa_metric_local", "label_asym_id label_comp_id label_seq_id metric_id "
                  "metric_value model_id ordinal_id", ["A", "LEU", 1, 2, 88.1, 1, 1],
                  ["A", "CYS", 2, 2, 87.1, 1, 2])],
        "_exptl.method THEORETICAL MODEL": [
            table("_exptl", "entry_id method", ["CASE", "THEORETICAL MODEL"])],
    }
    for trait, before in tables.items():
        atoms = protein(trait)
        kind.both(trait, atoms, tables=before, also="predicted=1")
        kind.bcif(trait, atoms, tables=before, style=PY_MMCIF, also="predicted=1")
    trait = "ModelCIF after the atoms"
    atoms = protein(trait)
    after = table("_ma_model_list", "data_id model_id model_type", [1, 1, "Ab initio model"])
    data = cif(atom_site(atoms)) + "_ma_qa_metric_global.metric_value 91.25\n"
    kind.cif(trait, data, calphas(atoms), also="predicted=1")
    kind.bcif(trait, bcif(atom_site(atoms), after), calphas(atoms), also="predicted=1")
    for trait, head in {
            "EXPDTA THEORETICAL MODEL": ["EXPDTA    THEORETICAL MODEL"],
            "EXPDTA THEORETICAL MODEL of AlphaFold": [
                "HEADER                                            01-JUL-21",
                "TITLE     ALPHAFOLD MONOMER V2.0 PREDICTION FOR LYSOZYME C (P00698)",
                "EXPDTA    THEORETICAL MODEL, ALPHAFOLD"],
            "TITLE of AlphaFold": [
                "HEADER                                            01-JUN-22",
                "TITLE     ALPHAFOLD MONOMER V2.0 PREDICTION FOR LYSOZYME C (P00698)",
                "REMARK   1", "REMARK   1 REFERENCE 1"],
            "TITLE of ESMFold": [
                "HEADER                                            18-OCT-22",
                "TITLE     ESMFOLD V1 PREDICTION FOR LYSOZYME C"]}.items():
        kind.pdb(trait, protein(trait), head=head, also="predicted=1", known=SPEC)


def measured_models():
    trait = "a crystal phased with a predicted model"
    before = [table("_exptl", "entry_id method", ["CASE", "X-RAY DIFFRACTION"]),
              table("_software", "name classification pdbx_ordinal", ["AlphaFold", "phasing", 1]),
              table("_struct", "entry_id title", ["CASE", "Solved with an AlphaFold prediction"])]
    kind.both(trait, protein(trait), tables=before, also="predicted=0")
    kind.pdb(trait, protein(trait), also="predicted=0",
             head=["TITLE     CRYSTAL STRUCTURE PHASED WITH AN ALPHAFOLD PREDICTION",
                   "EXPDTA    X-RAY DIFFRACTION"])
    trait = "a prediction that an experiment confirmed"
    for title in ("ALPHAFOLD PREDICTION CONFIRMED BY THE CRYSTAL STRUCTURE",
                  "ESMFOLD-GUIDED PREDICTION AND STRUCTURE OF AN ENZYME"):
        kind.pdb(trait, protein(trait), also="predicted=0",
                 head=["HEADER    HYDROLASE", f"TITLE     {title}",
                       "EXPDTA    X-RAY DIFFRACTION"])
        kind.both(trait, protein(trait), also="predicted=0", tables=[
            table("_struct", "entry_id title", ["CASE", title]),
            table("_exptl", "entry_id method", ["CASE", "SOLUTION NMR"])])
    trait = "ModelCIF categories beside an experiment"
    method = table("_exptl", "entry_id method", ["CASE", "X-RAY DIFFRACTION"])
    for extra in (table("_ma_data", "id name content_type", [1, "model", "target"]),
                  table("_ma_qa_metric", "id mode name type", [1, "local", "pLDDT", "pLDDT"]),
                  table("_ma_model_list", "data_id model_id model_type",
                        [1, 1, "Ab initio model"])):
        kind.both(trait, protein(trait), tables=[method, extra], also="predicted=0")
    kind.bcif(trait, protein(trait), tables=[extra, method], style=PY_MMCIF, also="predicted=0")
    trait = "no word of a method"
    kind.all(trait, protein(trait), also="predicted=0")
    trait = "an integrative model of measured data"
    before = [table("_ihm_model_list", "model_id model_name assembly_id", [1, "best", 1])]
    kind.both(trait, protein(trait), tables=before, also="predicted=0")


def left_justified():
    trait = "left-justified B factors at the lines' ends"
    for write in (lambda b: f"{b:.0f}", lambda b: f"{b:.1f}", lambda b: f"{b:.2f}"):
        atoms = changed(protein(trait), b=lambda a: float(write(a.b)))
        short = lambda a, line: line[:60] + write(a.b)
        lines = [short(a, line) for a, line in zip(atoms, pdb_lines(atoms, ter=False))]
        for tail in ("TER", "END"), ():
            kind.pdb(trait, text_of([*lines, *tail]), calphas(atoms))
    trait = "left-justified B factors, no final newline"
    # The last line may be cut within its number.
    nodes = calphas(protein(trait))
    lines = [f"{line[:60]}{a.b:.2f}" for a, line in zip(nodes, pdb_lines(nodes, ter=False))]
    kind.pdb(trait, "\n".join(lines), without_b(nodes, lambda a: a is nodes[-1]))


columns_and_values()
pdb_columns()
predicted_models()
measured_models()
left_justified()
