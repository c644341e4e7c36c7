# SPDX-License-Identifier: MIT
"""Kind 9: files without a node, and the true reason."""
from binary_cif import MOLSTAR, PY_MMCIF
from case import PRODY, Kind
from kind5_polymer import nucleic_acid, with_altlocs
from structures import all_calphas, changed, ligand, protein, shifted, table, waters

kind = Kind(9, "no node, and why")
POLYMER = "--nodes polymer"


def refused(trait, atoms, words, arguments=("",), styles=(MOLSTAR, PY_MMCIF)):
    for argument in arguments:
        kind.all(trait, atoms, words=words, code="no_nodes", arguments=argument)
    if PY_MMCIF in styles:
        kind.bcif(trait, atoms, words=words, code="no_nodes", style=PY_MMCIF)


def other_residues():
    trait = "all residues are UNK (refused)"
    atoms = protein(trait, residues=["UNK"])
    refused(trait, atoms, "UNK & rule polymer")
    kind.all(trait, all_calphas(atoms), words="UNK & rule polymer", code="no_nodes")
    kind.all("all residues are UNK: --nodes polymer", atoms, all_calphas(atoms), arguments=POLYMER)
    refused(trait, atoms + waters(3) + changed(ligand("CA", ["CA"], 9), element="CA"),
            "UNK & rule polymer", styles=())
    trait = "all residues are D-residues (refused)"
    names = ["DAL", "DLE", "DVA", "DPR", "DTY", "DAR"]
    atoms = changed(protein(trait, residues=names), het=True)
    refused(trait, atoms, "D-residue|D-amino|D residue & rule polymer")
    kind.all("all residues are D-residues: --nodes polymer", atoms, all_calphas(atoms),
             arguments=POLYMER)
    trait = "all residues have other names (refused)"
    atoms = protein(trait, residues=["HYP", "KCX", "AIB"])
    refused(trait, atoms, "rule polymer", styles=())


def other_molecules():
    trait = "beads (refused)"
    beads = changed(all_calphas(protein(trait, 20)), name="BB", element="B")
    side = changed(shifted(beads, 2.1, 1.0), name="SC1", element="S")
    refused(trait, [one for pair in zip(beads, side) for one in pair], "bead")
    trait = "nucleic acid alone (refused)"
    refused(trait, nucleic_acid(8, "A"), "nucleic", ("", POLYMER))
    rna = changed(nucleic_acid(8, "A"), residue=lambda a: a.residue[1:].replace("T", "U"))
    refused(trait, rna + waters(4), "nucleic", ("", POLYMER), ())
    trait = "a ligand alone (refused)"
    atoms = ligand("ATP", ["PG", "O1G", "PB", "C5'", "C4'", "N9", "C8"], 1)
    refused(trait, atoms, "no C-alpha", ("", POLYMER))
    trait = "water alone (refused)"
    refused(trait, waters(12), "no C-alpha", styles=())
    trait = "calcium alone (refused)"
    ions = changed(ligand("CA", ["CA"], 1) + ligand("CA", ["CA"], 2, at=(9.0, 9.0, 9.0)),
                   element="CA")
    refused(trait, ions, "no C-alpha", ("", POLYMER), ())
    trait = "side chains alone (refused)"
    atoms = [a for a in protein(trait) if a.name == "CB"]
    refused(trait, atoms, "no C-alpha", styles=())


def no_atoms():
    trait = "no ATOM record (refused)"
    head = ["HEADER    HYDROLASE                               01-JAN-01   1ABC",
            "TITLE     A HEADER ALONE", "REMARK   2 RESOLUTION.    2.00 ANGSTROMS.",
            "SEQRES   1 A    3  ALA GLY SER"]
    for tail in ("END",), ("MODEL        1", "ENDMDL", "END"), ():
        kind.pdb(trait, [], words="no ATOM", head=head, tail=tail)
    trait = "columns of atoms, no atom (refused)"
    header = table("_struct", "entry_id title", ["CASE", "Columns alone"])
    kind.both(trait, [], words="atom", tables=[header])


def other_conformers():
    trait = "conformer B alone"
    every = lambda atoms: dict.fromkeys((a.number for a in atoms), "B")
    atoms = protein(trait)
    atoms = with_altlocs(atoms, every(atoms), {"B": 0.5})
    # ProDy 2.6.1, which is tried where 2.3.1 finds nothing, reads such mmCIF but no such PDB file.
    kind.pdb(trait + " (refused in PDB format)", atoms, words="altloc|alternate|conformer",
             code="no_nodes")
    kind.both(trait, atoms, all_calphas(atoms), known=PRODY,
              prody="ProDy 2.3.1 finds nothing; 2.6.1 takes the first row's conformer")
    kind.all(trait + ": --nodes polymer", atoms, all_calphas(atoms), arguments=POLYMER)
    trait = "C-alphas of conformer B alone (refused)"
    whole = protein(trait)
    letters = every(whole)
    b = with_altlocs(whole, letters, {"B": 0.5})
    atoms = [x if x.name == "CA" else y for x, y in zip(b, whole)]
    refused(trait, atoms, "altloc|alternate|conformer", styles=())


other_residues()
other_molecules()
no_atoms()
other_conformers()
