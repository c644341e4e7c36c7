# SPDX-License-Identifier: MIT
"""Kind 3: lines of the PDB format that programs write otherwise than the format has it."""
from case import ANY, BUILT, PRODY, SPEC, TWIN, Kind
from structures import (calphas, changed, ligand, pdb, pdb_line, pdb_lines, pdb_models,
                        protein, shifted, text_of, waters)

kind = Kind(3, "PDB lines")

HALF = "ProDy drops the atoms, whose residue names it does not know then"


def edited(trait, edit, where=lambda atom: True, atoms=None, head=(), **fields):
    """Each atom's line is edit(line, serial) where asked."""
    atoms = atoms or protein(trait)
    lines = [edit(pdb_line(a, i), i) if where(a) else pdb_line(a, i)
             for i, a in enumerate(atoms, 1)]
    if "words" not in fields:
        fields.setdefault("nodes", calphas(atoms))
    if "{line}" in fields.get("words", ""):
        at = next(i for i, (a, line) in enumerate(zip(atoms, lines), 1)
                  if line != pdb_line(a, i))
        fields["words"] = fields["words"].format(line=f"line {len(head) + at}")
    kind.pdb(trait, text_of([*head, *lines, "TER", "END"]), **fields)


def put(line, first, text):
    """The text in columns from `first`, which is 1 for the first."""
    return line[:first - 1] + text + line[first - 1 + len(text):]


def shifts():
    node = lambda a: a.name == "CA" and a.number == 5
    after = lambda a: a.number > 5 or node(a)
    for trait, edit in {
            "shifted right by one column (refused)": lambda l, i: l[:11] + " " + l[11:],
            "shifted right by two columns (refused)": lambda l, i: l[:11] + "  " + l[11:],
            "shifted left by one column (refused)": lambda l, i: f"ATOM  {i:>4}" + l[11:],
            "shifted left by two columns (refused)": lambda l, i: f"ATOM  {i:>3}" + l[11:],
            "a serial too wide shifts the line (refused)":
                lambda l, i: f"ATOM  {99978 + i:>5}" + l[11:],
            "a serial of seven digits shifts the line (refused)":
                lambda l, i: f"ATOM  {1000000 + i}" + l[11:]}.items():
        words = "column & {line}"
        if "too wide" in trait:  # atom 22, that node, is the first of six digits
            edited(trait, edit, words="column & line 22")
            edited(trait, edit, head=["REMARK   1"] * 3, words="column & line 25")
            continue
        half = HALF if "left" in trait else ""  # further right the digits of two numbers meet
        edited(trait, edit, node, words=words, prody=half)
        edited(trait, edit, after, head=["HEADER", "REMARK   1"], words=words, prody=half)
        edited(trait, lambda l, i: edit(l, i)[:66].rstrip(), after, words=words, prody=half)


def serials_in_place():
    trait = "serials of six digits in place"
    edited(trait, lambda l, i: f"ATOM {99990 + i:>6}" + l[11:], known=TWIN,
           prody="ProDy does not know a record 'ATOM 1'")
    edited(trait, lambda l, i: f"ATOM  {99990 + i:<6}" + l[12:], known=TWIN)
    atoms = changed(protein(trait, residues=["MSE"]), het=True)
    edited(trait, lambda l, i: f"HETATM{100000 + i}" + l[12:], atoms=atoms, known=TWIN)
    for trait, number in {
            "hybrid-36 serials": lambda i: f"A{i:04}",
            "hexadecimal serials": lambda i: f"{99999 + i:x}",
            "***** for serials": lambda i: "*****", "blank serials": lambda i: "     ",
            "serials that start anew": lambda i: f"{i % 10:>5}"}.items():
        edited(trait, lambda l, i: put(l, 7, number(i)), known=TWIN)


def residue_numbers():
    trait = "hybrid-36 residue numbers"
    atoms = protein(trait)
    edited(trait, lambda l, i: put(l, 23, f"A00{atoms[i - 1].number:X}"), atoms=atoms,
           nodes=changed(calphas(atoms), number=lambda a: 10000 + a.number), known=PRODY)
    trait = "hexadecimal residue numbers"
    write = lambda n: f"{n:x}" if n > 9999 else f"{n}"
    for first in 9998, 10010:
        atoms = protein(trait, first=first)
        edited(trait, lambda l, i: put(l, 23, write(atoms[i - 1].number)),
               atoms=changed(atoms, number=0), nodes=calphas(atoms), known=PRODY)
    trait = "residue numbers of five digits"
    atoms = protein(trait, first=10000)
    edited(trait, lambda l, i: put(l, 23, str(atoms[i - 1].number)),
           atoms=changed(atoms, number=0), nodes=calphas(atoms), known=PRODY)
    trait = "blank residue numbers"
    kind.pdb(trait, changed(protein(trait), number=None))
    trait = "residue numbers that go on with 0 after 9999"
    atoms = protein(trait, first=9995)
    edited(trait, lambda l, i: put(l, 23, f"{atoms[i - 1].number % 10000:>4}"),
           atoms=changed(atoms, number=0), known=PRODY,
           nodes=changed(calphas(atoms), number=lambda a: a.number % 10000))
    trait = "negative numbers and insertion codes"
    atoms = protein(trait, first=-5)
    atoms = changed(atoms, lambda a: a.number > 0, insertion=lambda a: "ABCDEFG"[a.number - 1],
                    number=1)
    kind.pdb(trait, atoms)
    trait = "chain names of two letters"
    kind.pdb(trait, protein(trait, chain="AB"), known=PRODY)


def bad_coordinates():
    node = lambda a: a.name == "CA" and a.number == 4
    for trait, text in {"asterisks": "********", "blank": " " * 8, "xx.xx": "   xx.xx",
                        "nan": "     nan", "two numbers": " 1.0 2.0", "two points": "  1.2.34"
                        }.items():
        for first in (31, 39, 47):
            if first != 39 and trait not in ("asterisks", "blank", "xx.xx"):
                continue
            edited(f"a coordinate of a node is {trait} (refused)", lambda l, i: put(l, first, text),
                   node, head=["REMARK   1"] * (first % 3), words="not a number & {line}",
                   code="bad_coordinates", prody="float() takes nan" if trait == "nan" else "")
    trait = "a coordinate wider than its columns (refused)"
    wide = changed(protein(trait), node, x=-1234.567)
    edited(trait, lambda l, i: l, atoms=wide, words="line 17 & column|not a number")
    trait = "the last line is cut within its coordinates (refused)"
    atoms = calphas(protein(trait))
    for columns in 30, 45:
        lines = [*pdb_lines(atoms, ter=False)]
        lines[-1] = lines[-1][:columns]
        kind.pdb(trait, "\n".join(lines), words=f"line {len(lines)}", code="bad_coordinates")
    trait = "bad coordinates in a hydrogen"
    atoms = protein(trait)
    for at in 3, 5:  # in the midst of a residue, and behind it
        with_hydrogen = atoms[:at] + [changed([atoms[0]], name="HA", element="H")[0]] + atoms[at:]
        for text in "********", "        ":
            edited(trait, lambda l, i: put(l, 31, text * 3), lambda a: a.name == "HA",
                   atoms=with_hydrogen, prody="ProDy loses the whole file")
    trait = "bad coordinates in water"
    edited(trait, lambda l, i: put(l, 31, "   xx.xx"), lambda a: a.residue == "HOH",
           atoms=protein(trait) + waters(2), prody="ProDy loses the whole file")
    trait = "bad coordinates in another model"
    models = [protein(trait), protein(trait, model=2)]
    text = pdb_models(models)
    at = text.rindex(" CA ") + 18
    kind.pdb(trait, text[:at] + "********" + text[at + 8:], calphas(models[0]),
             prody="ProDy reads all models")
    trait = "exponents in coordinates"
    for text, value in (("-1.5e-05", -1.5e-05), (" 2.5E+01", 25.0), ("  1e-10 ", 1e-10)):
        atoms = protein(trait)
        edited(trait, lambda l, i: put(l, 39, text), node, atoms=atoms,
               nodes=calphas(changed(atoms, node, y=value)), known=PRODY)
    trait = "coordinates elsewhere in their columns"
    atoms = protein(trait)
    edited(trait, lambda l, i: l[:30] + "".join(f"{float(l[k:k + 8]):<8.3f}" for k in (30, 38, 46))
           + l[54:], atoms=atoms, known=PRODY)
    edited(trait, lambda l, i: l[:30] + "".join(f"{float(l[k:k + 8]):8.4f}" for k in (30, 38, 46))
           + l[54:], atoms=atoms, known=PRODY)
    trait = "coordinates without blanks between them"
    kind.pdb(trait, shifted(protein(trait), -500.0, -600.0, -700.0), known=PRODY)


def line_ends():
    for columns in 54, 60, 66, 72, 78, 80:
        trait = f"no final newline, lines of {columns} columns"
        atoms = protein(trait)
        nodes = calphas(atoms) if columns > 60 else changed(calphas(atoms), b=None)
        text = "\n".join(pdb_lines(atoms, columns=columns, ter=False))
        kind.pdb(trait, text, nodes, known=TWIN)
        only = pdb_lines(calphas(atoms), columns=columns, ter=False)
        kind.pdb(trait, "\n".join(line.rstrip() for line in only), nodes, known=TWIN)
    trait = "lines end in CR LF"
    atoms = protein(trait)
    kind.pdb(trait, pdb(atoms).replace("\n", "\r\n"), calphas(atoms), known=TWIN)
    kind.pdb(trait, pdb(atoms, columns=54).replace("\n", "\r\n"),
             changed(calphas(atoms), b=None), known=TWIN)
    trait = "text beyond column 80"
    edited(trait, lambda l, i: l + "  of a program 12.5")
    trait = "entry and line number in columns 73-80"
    edited(trait, lambda l, i: put(l, 73, f"1ABC{i:>4}"), known=SPEC)
    trait = "columns 79-80 that are no charge"
    edited(trait, lambda l, i: put(l, 79, "xx"), known=PRODY)


def other_records():
    scores = ["# All scores below are weighted scores, not raw scores.",
              "#BEGIN_POSE_ENERGIES_TABLE case.pdb", "label fa_atr atom_pair_constraint total",
              "pose -100.1 0 -80.3", "atom_pair_constraint 12.34", "model 1", "ATOMTYPE x",
              "endless 3", "end_of_scores 1", "TERTIARY 1", "hetatm_score 5", "anisou 7"]
    trait = "score lines of other programs"
    for head, tail in (((), ["END", *scores]), ((), scores), (scores, ["END"]),
                       (["REMARK 220"], ["ATOMS 60", "MODELLER OBJECTIVE FUNCTION: 12.5",
                                         "MODEL_SCORE 3.5", "END"])):
        kind.pdb(trait, protein(trait), head=head, tail=tail)
    trait = "score lines amid the atoms"
    atoms = protein(trait)
    lines = pdb_lines(atoms)
    kind.pdb(trait, text_of(lines[:22] + scores + lines[22:]), calphas(atoms))
    trait = "ANISOU, SIGATM and CONECT orphans"
    atoms = protein(trait)
    lines = pdb_lines(atoms)
    anisou = [line.replace("ATOM  ", "ANISOU")[:28] + "   2758   3579   4271     63    143    247"
              for line in lines if line.startswith("ATOM")]
    sigatm = [line.replace("ATOM  ", "SIGATM") for line in lines if line.startswith("ATOM")]
    for extra in ([anisou[4]], [sigatm[1]], ["SIGUIJ" + anisou[1][6:]],
                  ["CONECT    1    2", "CONECT99999  x    "]):
        kind.pdb(trait, text_of([*extra, *lines, *extra, "END"]), calphas(atoms))
        kind.pdb(trait, text_of(lines[:9] + extra + extra + lines[9:] + ["END"]), calphas(atoms))
    trait = "segment names and names of four letters"
    edited(trait, lambda l, i: put(put(l, 22, " "), 73, "PROA"),
           nodes=changed(calphas(protein(trait)), chain=""), known=PRODY)
    atoms = protein(trait) + waters(2, "")
    edited(trait, lambda l, i: put(l, 18, "TIP3") if "HOH" in l else put(l, 73, "PROA"),
           atoms=atoms)
    trait = "records of other programs"
    atoms = protein(trait)
    lines = pdb_lines(atoms)
    kind.pdb(trait, text_of(["USER    AutoDock", "EXPDTA    X-RAY DIFFRACTION", *lines[:20],
                             "BREAK", *lines[20:], "LINKR", "MASTER", "USER  END", "END   "]),
             calphas(atoms))
    trait = "an atom twice"
    atoms = protein(trait)
    again = shifted([a for a in atoms if a.name == "CA" and a.number == 5], 0.7)
    kind.pdb(trait, atoms[:22] + again + atoms[22:], known=PRODY)
    trait = "PQR: charge and radius behind the coordinates"
    atoms = protein(trait)
    text = text_of([line[:54] + "  0.1000 1.8240" if line.startswith("ATOM") else line
                    for line in pdb_lines(atoms)])
    kind.pdb(trait, text, changed(calphas(atoms), b=ANY), ending="pqr")
    trait = "PDBQT of a receptor"
    text = text_of([line[:66] + "     0.176 C " if line.startswith("ATOM") else line
                    for line in pdb_lines(atoms)])
    kind.pdb(trait, text, calphas(atoms), ending="pdbqt")


def models():
    trait = "MODEL numbers that repeat"
    frames = [protein(trait), protein(trait + ", second"), protein(trait + ", third")]
    kind.pdb(trait, pdb_models(frames, numbers=[1, 1, 1]), calphas(frames[0]), known=PRODY,
             also="models=3")
    kind.pdb(trait, pdb_models(frames, numbers=[3, 1, 3]), calphas(frames[0]), known=PRODY)
    trait = "MODEL numbers above 9999"
    kind.pdb(trait, pdb_models(frames, numbers=[9999, 10000, 10001]), calphas(frames[0]),
             known=PRODY, also="models=3")
    kind.pdb(trait, pdb_models(frames[:1], numbers=[123456]), calphas(frames[0]), known=PRODY)
    trait = "MODEL without a number"
    kind.pdb(trait, pdb_models(frames, numbers=["", "", ""]).replace("MODEL         ", "MODEL"),
             calphas(frames[0]), known=PRODY)
    trait = "MODEL with its number elsewhere"
    kind.pdb(trait, pdb_models(frames).replace("MODEL        ", "MODEL "), calphas(frames[0]),
             known=PRODY)
    trait = "one of several models"
    kind.pdb(trait, pdb_models(frames), calphas(frames[1]), arguments="--model 2", also="models=3")
    kind.pdb(trait, pdb_models(frames, numbers=[5, 7, 9]), calphas(frames[2]),
             arguments="--model 9")
    kind.pdb(trait, pdb_models(frames), arguments="--model 4", words="model 4", code="no_model")
    trait = "MODEL without ENDMDL"
    kind.pdb(trait, text_of(["MODEL        1", *pdb_lines(frames[0]), "END"]), calphas(frames[0]),
             known=PRODY)
    kind.pdb(trait, text_of(["MODEL        1", *pdb_lines(frames[0])]), calphas(frames[0]),
             known=PRODY)
    other = shifted(protein(trait + ", second", chain="B"), 30.0)
    kind.pdb(trait, text_of(["MODEL        1", *pdb_lines(frames[0]), "MODEL        2",
                             *pdb_lines(other), "END"]), calphas(frames[0]), known=SPEC,
             prody="ProDy knows no MODEL record: without ENDMDL all models are one set of atoms")
    trait = "atoms before the first MODEL"
    small = ligand("LIG", ["C1", "C2", "O1"], 900, "L")
    block = [f"MODEL        {n}\n" + text_of(pdb_lines(small)) + "ENDMDL" for n in (1, 2)]
    atoms = protein(trait)
    kind.pdb(trait, text_of([*pdb_lines(atoms), *block, "END"]), calphas(atoms), known=PRODY)
    kind.pdb(trait, text_of([*pdb_lines(atoms), "END", *block]), calphas(atoms), known=PRODY)
    kind.pdb(trait, text_of([*pdb_lines(atoms), "ENDMDL", *block, "END"]), calphas(atoms),
             known=PRODY)
    kind.pdb(trait, text_of([*pdb_lines(atoms), "MODEL        1", *pdb_lines(other), "ENDMDL",
                             "END"]), calphas(atoms + other), known=PRODY)
    for trait, word in (("END between frames", "END"), ("ENDMDL without MODEL", "ENDMDL")):
        frames = [protein(trait), protein(trait + ", second")]
        for last in (word,), (word, "END"):
            kind.pdb(trait, text_of([*pdb_lines(frames[0]), word, *pdb_lines(frames[1]), *last]),
                     calphas(frames[0]), known=PRODY)
    trait = "an empty first model"
    atoms = protein(trait)
    kind.pdb(trait, text_of(["MODEL        1", "ENDMDL", "MODEL        2", *pdb_lines(atoms),
                             "ENDMDL", "END"]), calphas(atoms), known=PRODY)
    trait = "titles of later frames"
    frames = [protein(trait), protein(trait + ", second")]
    lines = []
    for i in range(40):
        lines += [f"TITLE     Lysozyme in water t= {i * 10:.5f}",
                  "REMARK    THIS IS A SIMULATION BOX",
                  "CRYST1   80.000   80.000   80.000  90.00  90.00  90.00 P 1           1",
                  f"MODEL     {i + 1:>4}", *pdb_lines([a for a in frames[i % 2]
                                                       if a.name == "CA"]), "ENDMDL"]
    kind.pdb(trait, text_of(lines), calphas(frames[0]), also="title=Lysozyme_in_water_t=_0.00000")
    kind.pdb(trait, text_of(["TITLE     A LONG TITLE THAT GOES", "TITLE    2 ON IN A SECOND LINE",
                             *pdb_lines(frames[0]), "END"]), calphas(frames[0]),
             also="title=A_LONG_TITLE_THAT_GOES_ON_IN_A_SECOND_LINE", known=SPEC)


def lines_that_begin_with_end():
    trait = "END and the next record in one line"
    one, two = protein(trait), protein(trait + ", second")
    for record in ("HEADER    HYDROLASE                               01-JAN-01   1ABC",
                   "REMARK   1",
                   "CRYST1   50.000   50.000   50.000  90.00  90.00  90.00 P 1           1"):
        kind.pdb(trait, text_of([*pdb_lines(one), "END" + record, *pdb_lines(two), "END"]),
                 calphas(one), known=PRODY, also="models=2")
    first, *others = pdb_lines(calphas(two))
    kind.pdb(trait, text_of([*pdb_lines(calphas(one)), "END" + first, *others, "END"]),
             calphas(one), known=PRODY, also="models=2")
    kind.pdb(trait, text_of(["MODEL        1", *pdb_lines(one), "ENDMODEL        2",
                             *pdb_lines(two), "ENDMDL"]), calphas(one), known=PRODY,
             also="models=2")
    trait = "END with more behind it"
    one, two = protein(trait), protein(trait + ", second")
    for end in "END 1", "END\t1", "END   ! frame 1", "END OF FRAME", "END_OF_FRAME", "ENDS":
        kind.pdb(trait, text_of([*pdb_lines(one), end, *pdb_lines(two), end]), calphas(one),
                 known=PRODY, also="models=2")
    trait = "end_of_scores between chains"
    atoms = protein(trait) + shifted(protein(trait, chain="B"), 25.0)
    lines = pdb_lines(atoms)
    at = lines.index("TER") + 1
    kind.pdb(trait, text_of([*lines[:at], "end_of_scores 1", *lines[at:], "END"]), calphas(atoms),
             known=PRODY)


def cut_files():
    trait = "the last line is cut, of an atom that is no node (refused)"
    atoms = protein(trait)
    lines = pdb_lines(atoms, ter=False)[:35]  # of which the last is a CB
    for columns in 8, 22, 40, 53:
        kind.pdb(trait, "\n".join([*lines[:-1], lines[-1][:columns]]), words="line 35 & cut",
                 prody="float() takes what is left of the number" if columns == 53 else "")
    trait = "an HTML page amid the atoms (refused)"
    lines = pdb_lines(protein(trait), ter=False)
    page = ["<head><title>502 Bad Gateway</title></head>", "<body>nginx</body>", "</html>"]
    for start in "<html>", "<!DOCTYPE html>", '  <HTML lang="en">':
        for behind in [], lines[40:]:
            kind.pdb(trait, text_of([*lines[:33], start, *page, *behind]), words="HTML & line 34",
                     prody="ProDy passes over the page")
    for columns in 40, 60:
        kind.pdb(trait, text_of([*lines[:33], lines[33][:columns] + "<html>", *page]),
                 words="HTML|cut", prody="ProDy passes over the page" if columns == 60 else "")


def records_elsewhere():
    node = lambda a: a.name == "CA" and a.number == 5
    after = lambda a: a.number > 5 or node(a)
    passed_over = "ProDy passes over the lines"
    for what, edit in {
            "after a blank": lambda l, i: " " + l,
            "with a tab behind ATOM": lambda l, i: l[:4] + "\t" + l[6:],
            "after a sign of quotation": lambda l, i: "> " + l,
            "in quotes": lambda l, i: f'"{l}"',
            "as comma-separated values": lambda l, i: ",".join(l.split()),
            "in lower case": lambda l, i: l.replace("ATOM", "atom"),
            "after a UTF-8 mark": lambda l, i: "\ufeff" + l,
            "after Ctrl-Z": lambda l, i: "\x1a" + l}.items():
        for where in node, after:
            edited(f"atom records {what} (refused)", edit, where, words="column 1 & {line}",
                   head=["HEADER"], prody="" if what == "after a blank" else passed_over)
    trait = "two atoms in one line (refused)"
    dropped = "ProDy drops the second atom"
    for columns in 80, 66, 54:
        lines = pdb_lines(protein(trait), columns=columns, ter=False)
        kind.pdb(trait, text_of([*lines[:20], lines[20] + lines[21], *lines[22:], "END"]),
                 words="line 21 & end is missing", prody=dropped)
    lines = pdb_lines(changed(protein(trait), het=True), ter=False)
    kind.pdb(trait, text_of([*lines[:20], lines[20] + lines[21], *lines[22:], "END"]),
             words="line 21 & end is missing", prody=dropped)
    trait = "records of 80 bytes without line ends (refused)"
    kind.pdb(trait, "".join(pdb_lines(protein(trait), ter=False)), words="end is missing")
    kind.pdb(trait, "".join(pdb_lines(calphas(protein(trait)), ter=False)),
             words="line 1 & end is missing", prody=dropped)
    for trait, serial in ("****** for serials", "******"), ("serials of -10000", "-10000"):
        for where in node, after:
            edited(trait, lambda l, i: f"ATOM {serial}" + l[11:], where, known=TWIN,
                   prody="ProDy knows no record of that name")


def names_elsewhere():
    node = lambda a: a.name == "CA" and a.number == 5
    after = lambda a: a.number > 5 or node(a)
    for side, edit in {"left": lambda l, i: l[:16] + l[17:20] + " " + l[20:],
                       "right": lambda l, i: l[:17] + " " + l[17:20] + l[21:]}.items():
        trait = f"residue names one column to the {side} (refused)"
        edited(trait, edit, node, words="name & {line}", prody=HALF)
        edited(trait, edit, after, words="name & {line}", prody=HALF)
        edited(trait, edit, words="name & line 2")
        edited(trait, edit, after, words="name & {line}", arguments="--nodes polymer")
    trait = "names of four letters, as force fields have them"
    longer = {"CYS": "CYSH", "LYS": "LYSH", "HIS": "HISH", "ASP": "ASPP", "GLU": "GLUP"}
    named = lambda a: a.residue in longer
    for residues in list(longer), ["LEU", "CYS", "GLU", "HIS", "LYS", "ASP", "VAL"]:
        atoms = protein(trait, residues=residues)
        write = lambda l, i: put(l, 18, longer[l[17:20]])
        edited(trait, write, named, atoms, known=PRODY, also="chains=1")
        edited(trait, write, named, atoms, arguments="--chains A")
        edited(trait, write, named, atoms, arguments="--nodes polymer")
    trait = "chains of two letters beside such names"
    for chain in "HA", "PA":
        kind.pdb(trait, protein(trait, chain=chain, residues=["LEU", *longer]), known=PRODY,
                 also="chains=1")


def blanks_before_coordinates():
    node = lambda a: a.name == "CA" and a.number == 5
    kept = "ProDy takes what is in the columns"
    for trait, edit in {
            "one blank lost before x (refused)": lambda l, i: l[:29] + l[30:],
            "two blanks lost before x (refused)": lambda l, i: l[:28] + l[30:],
            "one blank too many before x (refused)": lambda l, i: l[:28] + " " + l[28:],
            "two blanks too many before x (refused)": lambda l, i: l[:28] + "  " + l[28:]}.items():
        prody = kept if "lost" in trait else ""
        edited(trait, edit, words="column & {line}", prody=prody)
        edited(trait, lambda l, i: edit(l, i)[:72].rstrip(), node, words="column & {line}",
               prody=prody)
    trait = "a coordinate of nine columns (refused)"
    wide = lambda l, first, end: l[:first - 1] + f"{-1999.0 - float(l[46:54]):.3f}" + l[end:]
    for end in 54, 55:  # what follows is moved by a column, or written over
        edited(trait, lambda l, i: wide(l, 47, end), node, words="wider|column & {line}",
               prody="ProDy loses the last digit")
        # Of atoms that are no nodes nothing is asked: the first C-alpha stands in line 2.
        edited(trait, lambda l, i: wide(l, 47, end), words="wider|column & line 2",
               prody="ProDy loses the last digit")


def odd_numbers():
    trait = "insertion codes in column 26"
    atoms = protein(trait)
    edited(trait, lambda l, i: put(l, 23, f"{atoms[i - 1].number:>3}A"), atoms=atoms,
           nodes=changed(calphas(atoms), insertion="A"))
    trait = "residue numbers with a decimal"
    atoms = protein(trait)
    edited(trait, lambda l, i: put(l, 23, f"{atoms[i - 1].number}.0".rjust(4)), atoms=atoms)


def pqr_fields_that_touch():
    def pqr(trait, atoms, edit=lambda l, i: l):
        lines = [edit(pdb_line(a, i), i)[:54] + "  0.1000 1.8240" for i, a in enumerate(atoms, 1)]
        kind.pdb(trait, text_of([*lines, "TER", "END"]), changed(calphas(atoms), b=ANY),
                 ending="pqr")
    trait = "PQR: chain and number that touch"
    pqr(trait, protein(trait, first=1001))
    pqr(trait, protein(trait, first=-112))
    trait = "PQR: record and serial that touch"
    pqr(trait, changed(protein(trait), het=True), lambda l, i: f"HETATM{9990 + i:>5}" + l[11:])
    pqr(trait, changed(protein(trait, first=2001), het=True),
        lambda l, i: f"HETATM{10000 + i}" + l[11:])


def remarks_amid_the_atoms():
    atom = "     12  CA  ALA A   1      10.000  20.000  30.000  1.00 10.00"
    lines_of = {
        "comments that name atoms amid the atoms": [
            "# distance between atom CA and atom CB: 1.2 3.4 5.6",
            "! mean atom displacement 0.1 0.2 0.3",
            "NOTE: RMSD per atom: 1.23, 2.34, 3.45",
            "COMMENT atom positions 1.0 2.0 3.0",
            "interface_unsats: atom A/12/N 1.0 2.0 3.0"],
        "atoms in comments amid the atoms": [f"#ATOM {atom}", f"!ATOM {atom}", f"# ATOM  {atom}",
                                             f"#HETATM{atom}"],
        "records that name atoms amid the atoms": [
            "PARENT N/A", "PARENT 1abc_A atom 1.0 2.0 3.0",
            "MODRES 1ABC MSE A    1  MET  atom 1.0 2.0 3.0",
            "JRNL        TITL ATOM. A. B. C.", "AUTHOR    J.ATOM,R.A.ATOM,B.C.",
            "COMPND    ATOM 1.0 2.0 3.0", "FTNOTE 1 ATOM 1.0 2.0 3.0",
            "HYDBND atom 1.0 2.0 3.0"],
        "MODEL without a number amid the atoms": ["MODEL of kinase", "MODEL built by hand, 1.0"]}
    for trait, remarks in lines_of.items():
        atoms = protein(trait)
        lines = pdb_lines(atoms)
        for remark in remarks:
            kind.pdb(trait, text_of([*lines[:22], remark, *lines[22:], "END"]), calphas(atoms),
                     known=TWIN, also="models=1")
        kind.pdb(trait, text_of([*remarks, *lines, *remarks]), calphas(atoms), known=TWIN,
                 also="models=1")
    trait = "PDBQT: TORSDOF amid the atoms"
    atoms = protein(trait)
    lines = [line[:66] + "     0.176 C " for line in pdb_lines(atoms, ter=False)]
    kind.pdb(trait, text_of([*lines[:22], "TORSDOF 3 atoms 1.0 2.0 3.0", *lines[22:]]),
             calphas(atoms), known=TWIN, ending="pdbqt")


def widths_of_coordinates():
    def add(trait, write, shift=(0, 0, 0), rest=lambda l: l, atoms=None):
        atoms = atoms or protein(trait)
        text = lambda a: [write(v + d) for v, d in zip((a.x, a.y, a.z), shift)]
        x, y, z = (lambda a, axis=axis: float(text(a)[axis]) for axis in range(3))
        edited(trait, lambda l, i: rest(l[:30] + "".join(text(atoms[i - 1])) + l[54:]),
               atoms=atoms, nodes=changed(calphas(atoms), x=x, y=y, z=z), known=PRODY)
    # As OpenMM and MDTraj keep the width.
    keep_width = lambda v: f"{v:8.3f}"[:8]
    trait = "decimals given up for the width"
    for shift in ((0, 0, 12000), (500, 12000, 0), (12000, 0, 0), (0, -2000, 0),
                  (0, 120000, -15000), (12000, 13000, 14000)):
        add(trait, keep_width, shift)
    trait = "whole numbers without a point"
    shortest = lambda v: f"{f'{v:.3f}'.rstrip('0').rstrip('.'):>8}"
    for fields in "x", "xyz":
        whole = {axis: lambda a, axis=axis: float(round(getattr(a, axis))) for axis in fields}
        add(trait, shortest, atoms=changed(protein(trait), **whole))
    add("coordinates of five digits, wherever the point is", lambda v: f"{v:8.5g}")
    trait = "fewer decimals in all numbers"
    atoms = changed(protein(trait), b=lambda a: round(a.b, 1))
    less = lambda l: f"{l[:54]}{float(l[54:60]):6.1f}{float(l[60:66]):6.1f}"
    add(trait, lambda v: f"{v:8.2f}", rest=less, atoms=atoms)
    add(trait, lambda v: f"{v:8.1f}", rest=less, atoms=atoms)


def wide_atoms_that_are_no_nodes():
    trait = "a hydrogen whose coordinates are wider than their columns"
    atoms = protein(trait)
    ha = changed([atoms[0]], name="HA", element="H")
    moved = "ProDy reads the columns of every atom"
    for at, place, prody in ((0, {"x": 10000.0}, moved), (5, {"x": 10000.0}, moved),
                             (5, {"x": 10000.0, "y": 10000.0, "z": 10000.0}, ""),
                             (23, {"z": -12345.678}, "")):
        wide = atoms[:at] + changed(ha, **place) + atoms[at:]
        for arguments in "", "--nodes polymer":
            kind.pdb(trait, wide, calphas(atoms), arguments=arguments, prody=prody)
    trait = "a water whose coordinates are wider than their columns"
    atoms = protein(trait)
    for far, prody in (10000.0, ""), (-10000.0, moved):
        kind.pdb(trait, atoms + changed(waters(1), x=far, y=far, z=far), calphas(atoms),
                 prody=prody)


def words_behind_the_columns():
    trait = "ATOM in words behind column 80"
    for words in "  this ATOM  is good", "ATOM  of a domain", "  a HETATM 1.0", " # ATOM  1 2 3":
        edited(trait, lambda l, i: l + words, known=TWIN)
    trait = "MODEL in words before the title"
    for first in "MODEL of kinase", "MODEL  by homology, 1.0":
        kind.pdb(trait, protein(trait), known=TWIN, also="models=1 title=TRUE_TITLE",
                 head=[first, "HEADER    TRANSFERASE", "TITLE     TRUE TITLE"])


def pqr_in_columns():
    def add(trait, end, atoms=None, ending="pqr", columns=54):
        atoms = atoms or protein(trait)
        lines = [line[:columns] + end(a)
                 for a, line in zip(atoms, pdb_lines(atoms, ter=False))]
        kind.pdb(trait, text_of([*lines, "TER", "END"]), changed(calphas(atoms), b=ANY),
                 ending=ending)
    plain, element = " -0.1230 1.8240", lambda a: f" -0.1230 1.8240  {a.element}"
    trait = "PQR: an element behind the radius"
    add(trait, element)
    add(trait, element, changed(protein(trait), chain=""))
    add(trait, lambda a: f" -0.4157  1.8240      {a.element}", changed(protein(trait), chain=""))
    trait = "PQR: coordinates that touch"
    for far in (-150.0, -150.0, -150.0), (0.0, -150.0, 0.0), (-1.0, 0.0, -150.0):
        add(trait, lambda a: plain, shifted(protein(trait), *far))
    away = shifted(protein(trait), -150.0, -150.0, -150.0)
    add(trait, element, away)
    add(trait, element, changed(away, chain=""))
    trait = "PDB format named pqr"
    for columns in 80, 66:
        add(trait, lambda a: "", columns=columns)
    add(trait, lambda a: "", away, columns=80)


def two_letters_of_a_chain():
    trait = "a chain of two letters, of HIS and CYS alone"
    for residues in ["HIS", "CYS"], ["HIS"]:
        atoms = protein(trait, chain="HA", residues=residues)
        for arguments in "", "--chains HA", "--nodes polymer":
            kind.pdb(trait, atoms, known=BUILT, arguments=arguments, also="chains=1")
    both = atoms + shifted(protein(trait + ", another", chain="B"), 30.0)
    kind.pdb(trait, both, calphas(atoms), arguments="--chains HA")


shifts()
serials_in_place()
residue_numbers()
bad_coordinates()
line_ends()
other_records()
models()
lines_that_begin_with_end()
cut_files()
records_elsewhere()
names_elsewhere()
blanks_before_coordinates()
odd_numbers()
pqr_fields_that_touch()
remarks_amid_the_atoms()
widths_of_coordinates()
wide_atoms_that_are_no_nodes()
words_behind_the_columns()
pqr_in_columns()
two_letters_of_a_chain()
