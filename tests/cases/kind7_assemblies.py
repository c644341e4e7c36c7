# SPDX-License-Identifier: MIT
"""Kind 7: biological assemblies from the categories and REMARK 350 as they stand."""
from binary_cif import PY_MMCIF_64, bcif
from case import EXACT, SPEC, Kind
from structures import DOT, UNKNOWN, atom_site, calphas, changed, cif, protein, shifted, table

kind = Kind(7, "biological assemblies")

# Rows of a rotation, and the translation behind each. No two of those that follow commute.
IDENTITY = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0))
HALF_TURN = ((-1, 0, 0, 40.5), (0, -1, 0, 4), (0, 0, 1, 3))
QUARTER = ((0, -1, 0, 12.25), (1, 0, 0, -30), (0, 0, 1, 0))
THIRD = ((0, 0, 1, 5), (1, 0, 0, 50), (0, 1, 0, -7.5))
TRANSLATION = ((1, 0, 0, 10), (0, 1, 0, 0), (0, 0, 1, 0))


def moved(atoms, *operators):
    """By the last operator first, as the dictionary has products."""
    for op in reversed(operators):
        new = {}
        for axis, row in zip("xyz", op):
            new[axis] = lambda a, row=row: row[0] * a.x + row[1] * a.y + row[2] * a.z + row[3]
        atoms = changed(atoms, **new)
    return atoms


def copies(*copied):
    """Of each chain the first copy keeps the name, the others are A-2, A-3 ..."""
    seen, result = {}, []
    for nodes in copied:
        for chain in dict.fromkeys(n.chain for n in nodes):
            seen[chain] = seen.get(chain, 0) + 1
        result += changed(nodes, chain=lambda n: n.chain if seen[n.chain] == 1
                          else f"{n.chain}-{seen[n.chain]}")
    return result


def operators(**named):
    columns = "id type " + " ".join(f"matrix[{i}][1] matrix[{i}][2] matrix[{i}][3] vector[{i}]"
                                    for i in (1, 2, 3))
    return table("_pdbx_struct_oper_list", columns,
                 *([name.removeprefix("_"), "point symmetry operation",
                    *(float(v) for row in op for v in row)] for name, op in named.items()))


def generators(*rows):
    return table("_pdbx_struct_assembly_gen", "assembly_id oper_expression asym_id_list",
                 *map(list, rows))


def described(*rows):
    return table("_pdbx_struct_assembly",
                 "id details method_details oligomeric_details oligomeric_count",
                 *([name, details, UNKNOWN, UNKNOWN, UNKNOWN] for name, details in rows))


def two_chains(trait):
    a, b = protein(trait, 10), shifted(protein(trait, 10, chain="B"), 25.0)
    return a + b, calphas(a), calphas(b)


OPERATORS = operators(_1=IDENTITY, _2=HALF_TURN, _3=QUARTER, _4=THIRD, P=TRANSLATION, X0=THIRD)


def assembly(trait, name, atoms, nodes, *tables, **fields):
    """In mmCIF, and in BinaryCIF of plain doubles: a matrix of three decimals is not any matrix."""
    kind.both(trait, atoms, nodes, tables=tables, style=PY_MMCIF_64, tolerance=EXACT,
              arguments=f"--assembly {name}", **fields)


def names_and_details():
    """As 1M4X and other viruses have them."""
    trait = "names that are no numbers"
    atoms, a, b = two_chains(trait)
    virus = described(("1", "complete icosahedral assembly"), ("2", "icosahedral asymmetric unit"),
                      ("PAU", "icosahedral asymmetric unit, std point frame"),
                      ("XAU", "crystal asymmetric unit, crystal frame"), ("7", "trisymmetron"))
    made = generators(["1", "1,2", "A,B"], ["2", "1", "A,B"], ["PAU", "P", "A,B"],
                      ["XAU", "(1,2)(X0)", "A,B"], ["7", "2", "A"])
    ab = a + b
    for name, nodes in (("PAU", moved(ab, TRANSLATION)), ("7", moved(a, HALF_TURN)),
                        ("XAU", copies(moved(ab, IDENTITY, THIRD), moved(ab, HALF_TURN, THIRD))),
                        ("1", copies(ab, moved(ab, HALF_TURN)))):
        assembly(trait, name, atoms, nodes, virus, made, OPERATORS)
    assembly("an assembly that is not there (refused)", "9", atoms, None, virus, made, OPERATORS,
             words="9 & 1 & 2 & PAU & XAU & 7", code="no_assembly")
    trait = "names of letters and blanks"
    named = described(("A", "author_defined_assembly"), ("whole capsid", "x"))
    made = generators(["A", "1", "B"], ["whole capsid", "1,3", "A"])
    assembly(trait, "A", atoms, b, named, made, OPERATORS)
    assembly(trait, "'whole capsid'", atoms, copies(a, moved(a, QUARTER)), named, made, OPERATORS)
    trait = "details in free text"
    for details in ("a helix of 'two' starts; see text", UNKNOWN, DOT,
                    "representative helical assembly"):
        assembly(trait, "1", atoms, copies(ab, moved(ab, HALF_TURN)), described(("1", details)),
                 generators(["1", "1,2", "A,B"]), OPERATORS)
    trait = "generators alone"
    made = generators(["1", "1", "A"], ["2", "1,2", "B"])
    assembly(trait, "1", atoms, a, made, OPERATORS)
    assembly(trait, "2", atoms, copies(b, moved(b, HALF_TURN)), made, OPERATORS)
    assembly(trait, "3", atoms, None, made, OPERATORS, words="3 & 1, 2", code="no_assembly")
    assembly("no assembly at all (refused)", "1", atoms, None, words="no biological assembly",
             code="no_assembly")


def expressions():
    trait = "several generators of one assembly"
    atoms, a, b = two_chains(trait)
    named = described(("1", "author_defined_assembly"))
    for rows, nodes in (
            ((["1", "1", "A"], ["1", "2", "B"]), a + moved(b, HALF_TURN)),
            ((["1", "1,2", "A"], ["1", "3", "B"]),
             copies(a, moved(a, HALF_TURN)) + moved(b, QUARTER)),
            ((["1", "2", "B"], ["1", "1", "A"], ["2", "1", "A,B"]), moved(b, HALF_TURN) + a)):
        assembly(trait, "1", atoms, nodes, named, generators(*rows), OPERATORS)
    for trait, expression, products in (
            ("ranges of operators", "1-3", ([IDENTITY], [HALF_TURN], [QUARTER])),
            ("ranges of operators", "(2-4)", ([HALF_TURN], [QUARTER], [THIRD])),
            ("ranges of operators", "1,3-4", ([IDENTITY], [QUARTER], [THIRD])),
            ("products of operators", "(3)(4)", ([QUARTER, THIRD],)),
            ("products of operators", "(1,2)(3,4)", ([IDENTITY, QUARTER], [IDENTITY, THIRD],
                                                     [HALF_TURN, QUARTER], [HALF_TURN, THIRD])),
            ("products of operators", "(1-2)(X0)(P)", ([IDENTITY, THIRD, TRANSLATION],
                                                       [HALF_TURN, THIRD, TRANSLATION])),
            ("products of operators", "(X0)(1-2)", ([THIRD, IDENTITY], [THIRD, HALF_TURN])),
            ("one operator in brackets", "(P)", ([TRANSLATION],))):
        assembly(trait, "1", atoms, copies(*(moved(a, *p) for p in products)), named,
                 generators(["1", expression, "A"]), OPERATORS)
    trait = "operators' columns in another order"
    atoms, a, b = two_chains(trait)
    shuffled = OPERATORS.only(*sorted(OPERATORS.columns, reverse=True))
    assembly(trait, "1", atoms, copies(a, moved(a, THIRD)), named, generators(["1", "1,4", "A"]),
             shuffled.without("type"))
    trait = "an operator that is not listed (refused)"
    assembly(trait, "1", atoms, None, named, generators(["1", "1,8", "A"]), OPERATORS,
             words="operator")


def parts():
    trait = "chains' lists with blanks and over lines"
    atoms, a, b = two_chains(trait)
    for listed in "A, B", "A,B,\nC,D\n":
        assembly(trait, "1", atoms, copies(a + b, moved(a + b, HALF_TURN)),
                 generators(["1", "1,2", listed]), OPERATORS)
    trait = "label's chains, author's names"
    atoms, a, b = two_chains(trait)
    atoms = changed(atoms, asym=lambda x: {"A": "B", "B": "AA"}[x.chain])
    assembly(trait, "1", atoms, copies(a, moved(a, HALF_TURN)), generators(["1", "1,2", "B"]),
             OPERATORS)
    assembly(trait, "2", atoms, moved(b, QUARTER), generators(["2", "3", "AA"]), OPERATORS)
    trait = "categories after the atoms"
    atoms, a, b = two_chains(trait)
    after = [generators(["1", "1,2", "A"]), OPERATORS]
    nodes = copies(a, moved(a, HALF_TURN))
    text = cif(atom_site(atoms)) + cif(*after).removeprefix("data_CASE\n#\n")
    kind.cif(trait, text, nodes, arguments="--assembly 1")
    kind.bcif(trait, bcif(atom_site(atoms), *after, style=PY_MMCIF_64), nodes,
              arguments="--assembly 1")
    trait = "an assembly without a node (refused)"
    assembly(trait, "1", atoms, None, generators(["1", "1", "L"]), OPERATORS, words="assembly 1",
             code="no_nodes")
    trait = "names stored as integers"
    numbers = table(OPERATORS.name, " ".join(OPERATORS.columns),
                    *([int(row[0]), *row[1:]] for row in OPERATORS.rows[:3]))
    assembly(trait, "2", atoms, copies(a, moved(a, HALF_TURN)) + moved(b, QUARTER),
             generators([1, "1", "A"], [2, "1,2", "A"], [2, "3", "B"]), numbers)
    assembly(trait, "2", atoms, moved(b, QUARTER), generators([1, 1, "A"], [2, 3, "B"]), numbers)
    trait = "chains and selections of an assembly"
    assembly(trait, "1 --chains A", atoms, nodes, generators(["1", "1,2", "A,B"]), OPERATORS)
    trait = "the asymmetric unit is not assembly 1"
    kind.both(trait, atoms, calphas(atoms), also="partial_assembly=1",
              tables=[generators(["1", "1,2", "A,B"]), OPERATORS])
    kind.both(trait, atoms, calphas(atoms), also="partial_assembly=1",
              tables=[generators(["1", "1", "A"]), OPERATORS])
    kind.both("the asymmetric unit is assembly 1", atoms, calphas(atoms), also="partial_assembly=0",
              tables=[generators(["1", "1", "A,B"], ["2", "1,2", "A"]), OPERATORS])


def biomt(number, op):
    return [f"REMARK 350   BIOMT{i}{number:>4}{r[0]:10.6f}{r[1]:10.6f}{r[2]:10.6f}{r[3]:15.5f}"
            for i, r in enumerate(op, 1)]


def apply_to(*lists):
    first, *more = lists
    return [f"REMARK 350 APPLY THE FOLLOWING TO CHAINS: {first}",
            *(f"REMARK 350                    AND CHAINS: {one}" for one in more)]


def biomolecule(names, *parts):
    return [f"REMARK 350 BIOMOLECULE: {names}",
            "REMARK 350 AUTHOR DETERMINED BIOLOGICAL UNIT: TETRAMERIC",
            "REMARK 350 SOFTWARE USED: PISA",
            *(line for part in parts for line in part)]


def remarks(trait, name, nodes, *biomolecules, **fields):
    """`nodes(a, b)` of the chains A and B; None where the file has to be refused."""
    atoms, a, b = two_chains(trait)
    head = ["REMARK 350", "REMARK 350 COORDINATES FOR A COMPLETE MULTIMER",
            *(line for one in biomolecules for line in one)]
    kind.pdb(trait, atoms, nodes and nodes(a, b), head=head, known=SPEC,
             arguments=f"--assembly {name}", **fields)


PAIR = [*biomt(1, IDENTITY), *biomt(2, HALF_TURN)]


def remark_350():
    remarks("REMARK 350", "1", lambda a, b: copies(a + b, moved(a + b, HALF_TURN)),
            biomolecule("1", apply_to("A, B"), PAIR))
    remarks("REMARK 350", "2", lambda a, b: moved(b, QUARTER),
            biomolecule("1", apply_to("A"), biomt(1, IDENTITY)),
            biomolecule("2", apply_to("B"), biomt(1, QUARTER)))
    for name in "1", "2":
        remarks("BIOMOLECULE: 1, 2", name, lambda a, b: copies(a, moved(a, HALF_TURN)),
                biomolecule("1, 2", apply_to("A"), PAIR))
    remarks("BIOMOLECULE: 1, 2", "3", lambda a, b: b, biomolecule("1, 2", apply_to("A"), PAIR),
            biomolecule("3", apply_to("B"), biomt(1, IDENTITY)))
    trait = "several lines of chains"
    remarks(trait, "1", lambda a, b: copies(a + b, moved(a + b, HALF_TURN)),
            biomolecule("1", apply_to("A,", "B"), PAIR))
    remarks(trait, "1", lambda a, b: copies(a + b, moved(a + b, HALF_TURN)),
            biomolecule("1", apply_to("A, C, D, E,", "F, G, H,", "B, I"), PAIR))
    trait = "several APPLY of one biomolecule"
    remarks(trait, "1", lambda a, b: a + moved(b, QUARTER),
            biomolecule("1", apply_to("A"), biomt(1, IDENTITY), apply_to("B"), biomt(1, QUARTER)))
    remarks(trait, "1", lambda a, b: copies(a, moved(a, HALF_TURN)) + moved(b, THIRD),
            biomolecule("1", apply_to("A"), PAIR, apply_to("B"), biomt(1, THIRD)))
    atoms, a, b = two_chains("an assembly that is not there (refused)")
    head = [*biomolecule("1, 2", apply_to("A"), PAIR),
            *biomolecule("3", apply_to("B"), biomt(1, IDENTITY))]
    kind.pdb("an assembly that is not there (refused)", atoms, words="4 & 1, 2, 3", head=head,
             code="no_assembly", arguments="--assembly 4")
    kind.pdb("no assembly at all (refused)", atoms, words="no biological assembly",
             code="no_assembly", arguments="--assembly 1")
    kind.pdb("the asymmetric unit is not assembly 1", atoms, head=head, also="partial_assembly=1")


def rows_of_remark_350():
    whole = lambda a, b: copies(a + b, moved(a + b, HALF_TURN))
    first, second = biomt(1, IDENTITY), biomt(2, HALF_TURN)
    unreadable = {"words": "cannot be read", "code": "no_assembly"}
    for trait, rows in (
            ("a row of an operator is missing (refused)", [second[0], second[2]]),
            ("a row of an operator is missing (refused)", second[1:]),
            ("BIOMT3 is missing (refused)", second[:2]),
            ("a number of an operator is none (refused)",
             [second[0], second[1].replace("4.00000", "4.0x000"), second[2]]),
            ("a number of an operator is none (refused)",
             [second[0].replace("-1.000000", "********* "), *second[1:]]),
            ("a number of an operator is none (refused)", [second[0], second[1][:50], second[2]]),
            ("rows of an operator out of order (refused)", [second[1], second[0], second[2]]),
            ("rows of an operator out of order (refused)", [*second[::-1]])):
        remarks(trait, "1", None, biomolecule("1", apply_to("A, B"), first, rows), **unreadable)
    trait = "BIOMT3 is missing (refused)"
    remarks(trait, "1", None, biomolecule("1", apply_to("A"), first[:2]),
            biomolecule("2", apply_to("B"), first), **unreadable)
    trait = "rows of two operators in turn (refused)"
    in_turn = [row for rows in zip(first, second) for row in rows]
    remarks(trait, "1", None, biomolecule("1", apply_to("A"), in_turn), **unreadable)
    trait = "another biomolecule that cannot be read"
    broken = biomolecule("2", apply_to("A"), second[:2])
    remarks(trait, "1", whole, biomolecule("1", apply_to("A, B"), PAIR), broken)
    atoms, a, b = two_chains(trait)
    kind.pdb(trait, atoms, a + b, head=broken)
    trait = "serials of operators that touch the record"
    remarks(trait, "1", lambda a, b: copies(a, moved(a, HALF_TURN), moved(a, THIRD)),
            biomolecule("1", apply_to("A"), biomt(999, IDENTITY), biomt(1000, HALF_TURN),
                        biomt(1001, THIRD)))


def chains_of_remark_350():
    whole = lambda a, b: copies(a + b, moved(a + b, HALF_TURN))
    trait = "lists of chains that go on without a word"
    for lines in (["A,", "B"], ["A, C,", "D, E,", "B"], ["C,D,E,", "A,B"]):
        listed = [f"REMARK 350 APPLY THE FOLLOWING TO CHAINS: {lines[0]}",
                  *(f"REMARK 350 {' ' * 31}{line}" for line in lines[1:])]
        remarks(trait, "1", whole, biomolecule("1", listed, PAIR))
    remarks(trait, "1", whole, biomolecule("1", [
        "REMARK 350 APPLY THE FOLLOWING TO CHAINS:", "REMARK 350 A, B"], PAIR))
    trait = "separators of chains"
    for listed in "A,B", "A; B", "A B", "A,B;", "C , B ,A":
        remarks(trait, "1", whole, biomolecule("1", apply_to(listed), PAIR))
    trait = "IN ADDITION APPLY THE FOLLOWING TO CHAINS"
    addition = ["REMARK 350 IN ADDITION APPLY THE FOLLOWING TO CHAINS: B"]
    remarks(trait, "1", lambda a, b: copies(a, moved(a, HALF_TURN)) + moved(b, THIRD),
            biomolecule("1", apply_to("A"), PAIR, addition, biomt(3, THIRD)))
    remarks(trait, "2", lambda a, b: a + moved(b, QUARTER),
            biomolecule("1", apply_to("B"), PAIR),
            biomolecule("2", apply_to("A"), biomt(1, IDENTITY), addition, biomt(2, QUARTER)))


def cells_of_operators():
    def cell(column, value):
        return OPERATORS.with_values(
            column, lambda row: value if row["id"] == "2" else f"{row[column]:.3f}")
    atoms, a, b = two_chains("cells of operators")
    made = generators(["1", "1,2", "A,B"])
    whole = copies(a + b, moved(a + b, HALF_TURN))
    uncertain = "operators with standard uncertainties"
    for trait, column, value in ((uncertain, "vector[1]", "40.5(1)"),
                                 (uncertain, "matrix[1][1]", "-1.0(2)"),
                                 ("operators with exponents", "vector[1]", "4.05E1")):
        assembly(trait, "1", atoms, whole, made, cell(column, value))
    trait = "a cell of an operator that is no number (refused)"
    for value in "4.0x", "nan", UNKNOWN:
        assembly(trait, "1", atoms, None, made, cell("vector[2]", value), words="cannot be read",
                 code="no_assembly")
    trait = "an operator that is not asked for cannot be read"
    assembly(trait, "1", atoms, a, generators(["1", "1", "A"]), cell("vector[2]", "4.0x"))
    for gone in "asym_id_list", "oper_expression":
        assembly(f"generators without {gone} (refused)", "1", atoms, None, made.without(gone),
                 OPERATORS, words="cannot be read", code="no_assembly")


def texts_of_remark_350():
    trait = "free text behind a list of chains"
    for text in ("A TWOFOLD AXIS IS NEAR", "NOTE THAT CHAIN A IS NOT OF IT", "A", "A, A"):
        remarks(trait, "1", lambda a, b: copies(b, moved(b, HALF_TURN)),
                biomolecule("1", apply_to("B"), [f"REMARK 350 {text}"], PAIR))
    remarks(trait, "1", lambda a, b: b,
            biomolecule("1", apply_to("C,", "B"), ["REMARK 350 A TWOFOLD AXIS IS NEAR"],
                        biomt(1, IDENTITY)))
    remarks(trait, "1", lambda a, b: b,
            biomolecule("1", apply_to("B"), ["REMARK 350", "REMARK 350 A TWOFOLD AXIS IS NEAR"],
                        biomt(1, IDENTITY)))


def ranges_backwards():
    atoms, a, b = two_chains("ranges of operators that go backwards")
    for expression in "3-1", "1,3-2", "(1)(3-2)":
        assembly("ranges of operators that go backwards (refused)", "1", atoms, None,
                 generators(["1", expression, "A"]), OPERATORS, words="cannot be read",
                 code="no_assembly")
    assembly("another assembly's range goes backwards", "1", atoms, copies(a, moved(a, HALF_TURN)),
             generators(["1", "1-2", "A"], ["2", "3-1", "B"]), OPERATORS)


names_and_details()
expressions()
parts()
remark_350()
rows_of_remark_350()
chains_of_remark_350()
cells_of_operators()
texts_of_remark_350()
ranges_backwards()
