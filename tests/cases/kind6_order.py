# SPDX-License-Identifier: MIT
"""Kind 6: the order of nodes, and which residues and chains they are of."""
from binary_cif import PY_MMCIF
from case import PRODY, Kind
from kind5_polymer import nucleic_acid
from structures import calphas, changed, pdb, pdb_lines, protein, shifted, text_of

kind = Kind(6, "order and identity of nodes")
POLYMER = "--nodes polymer"


def copies_without_names():
    trait = "two copies without chain names"
    one = protein(trait, chain="", asym="")
    other = shifted(one, 25.0, 8.0)
    atoms = one + other
    kind.pdb(trait, pdb(atoms, ter=False), calphas(atoms), known=PRODY, also="chains=1")
    kind.both(trait, atoms, known=PRODY, also="chains=1")
    kind.bcif(trait, atoms, style=PY_MMCIF, known=PRODY)
    for arguments in POLYMER, "--chains _", "--chains ' '":
        kind.all(trait, atoms, calphas(atoms), arguments=arguments)
    kind.pdb(trait, text_of([*pdb_lines(one), *pdb_lines(other)]), calphas(atoms),
             arguments=POLYMER)
    trait = "numbers that start again in a chain"
    one = protein(trait)
    atoms = one + shifted(one, 25.0, 8.0)
    kind.pdb(trait, pdb(atoms, ter=False), calphas(atoms), known=PRODY)
    kind.both(trait, atoms, known=PRODY, style=PY_MMCIF)
    three = atoms + shifted(one, -25.0, 8.0)
    kind.all(trait, three, known=PRODY)
    kind.all(trait, atoms, calphas(atoms), arguments=POLYMER)
    trait = "the same numbers and names in other molecules"
    atoms = changed(atoms, asym=lambda a: "A" if a in one else "B")
    kind.both(trait, atoms, known=PRODY)


def file_order():
    trait = "chains that alternate"
    a, b = protein(trait), shifted(protein(trait, chain="B"), 25.0)
    atoms = [atom for n in range(1, 13) for chain in (a, b) for atom in chain if atom.number == n]
    kind.pdb(trait, pdb(atoms, ter=False), calphas(atoms), known=PRODY, also="chains=2")
    kind.both(trait, atoms, known=PRODY, also="chains=2")
    trait = "a chain that comes back"
    a, b = protein(trait, 14), shifted(protein(trait, 10, chain="B"), 25.0)
    atoms = [x for x in a if x.number < 8] + b + [x for x in a if x.number >= 8]
    kind.all(trait, atoms, known=PRODY, style=PY_MMCIF)
    kind.all(trait, atoms, calphas(atoms), arguments=POLYMER)
    trait = "numbers that fall"
    a = protein(trait)
    atoms = changed(a, number=lambda x: 13 - x.number)
    kind.all(trait, atoms, known=PRODY)
    trait = "modified residues behind the chain"
    a = changed(protein(trait, residues=["MSE", "LEU", "VAL", "ALA"]),
                het=lambda x: x.residue == "MSE")
    atoms = [x for x in a if not x.het] + [x for x in a if x.het]
    kind.pdb(trait, pdb(atoms, ter=False), calphas(atoms), known=PRODY)
    kind.both(trait, atoms, known=PRODY)
    trait = "insertion codes out of order"
    a = protein(trait)
    atoms = changed(a, lambda x: 4 <= x.number <= 7, number=4,
                    insertion=lambda x: {4: "B", 5: "A", 6: "a", 7: " "}[x.number])
    kind.all(trait, atoms, known=PRODY)
    trait = "atoms of residues in disorder"
    a = protein(trait)
    atoms = sorted(a, key=lambda x: (x.name != "N", x.name))
    kind.all(trait, atoms, known=PRODY)
    trait = "protein and nucleic acid by --nodes prody-app"
    dna = shifted(nucleic_acid(5, "B"), 30.0)
    protein_atoms = protein(trait)
    atoms = dna + protein_atoms
    nodes = [x for x in atoms if x.name in ("P", "C4'", "C2") or x.name == "CA"]
    kind.all(trait, atoms, nodes, arguments="--nodes prody-app", known=PRODY)
    kind.all(trait, atoms, calphas(protein_atoms), also="nucleic_left_out=1", known=PRODY)


def chains():
    trait = "a blank chain beside others"
    blank = protein(trait, chain="", asym="")
    b = shifted(protein(trait, chain="B"), 25.0)
    atoms = blank + b
    kind.all(trait, atoms, calphas(atoms), also="chains=2", known=PRODY)
    kind.all(trait, atoms, calphas(blank), arguments="--chains _")
    kind.pdb(trait, atoms, calphas(atoms), arguments="--chains _,B")
    kind.all(trait, atoms, calphas(b), arguments="--chains B")
    kind.all(trait, atoms, arguments="--chains C", words="no chain C & _|' '|\" \"|blank & B",
             code="no_chain", style=PY_MMCIF)
    trait = "a chain whose name is _"
    a, named = protein(trait), shifted(protein(trait, chain="_"), 25.0)
    kind.all(trait, a + named, calphas(named), arguments="--chains _")
    trait = "no blank chain to name (refused)"
    kind.all(trait, protein(trait), arguments="--chains _", words="chain", code="no_chain")
    trait = "residues by --select"
    one = protein(trait)
    atoms = one + shifted(protein(trait, chain="B"), 25.0)
    picked = [x for x in calphas(atoms) if x.chain == "A" and 3 <= x.number <= 9]
    kind.all(trait, atoms, picked, arguments="--select '//A/3-9'", style=PY_MMCIF)
    kind.all(trait, atoms, [x for x in calphas(atoms) if x.residue in ("LEU", "SER")],
             arguments="--select '//*/(LEU,SER)'")
    trait = "--select where numbers start again"
    one = protein(trait)
    atoms = one + shifted(one, 25.0)
    kind.all(trait, atoms, [x for x in calphas(atoms) if 3 <= x.number <= 9],
             arguments="--select '//A/3-9'")


copies_without_names()
file_order()
chains()
