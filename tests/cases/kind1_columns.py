# SPDX-License-Identifier: MIT
"""Kind 1: columns and values of mmCIF and BinaryCIF."""
import dataclasses

from binary_cif import MOLSTAR, PY_MMCIF, PY_MMCIF_64, bcif, document, encode_table
from case import PRODY, SPEC, TWIN, Kind
from structures import (DOT, UNKNOWN, Null, Table, atom_site, calphas, changed, cif, cif_table,
                        cif_value, ligand, protein, table, text_of)

kind = Kind(1, "columns and values of mmCIF and BinaryCIF")

NO_COLUMN = "ProDy 2.3.1 has no fallback: KeyError"
ONE_LINE = "ProDy splits lines at blanks and needs ATOM at their start"
MODEL_TEXT = "ProDy compares the numbers of models as text"
BLANK_IN_QUOTES = "ProDy splits a quoted name at its blank"
ALL_ROWS = "ProDy needs a line after the last row"


def labelled(trait, **fields):
    """Author's and label's names and numbers are told apart: chain X is A, residue 101 is 1."""
    return protein(trait, chain="X", first=101, asym="A", **fields)


def by_label(nodes, **which):
    """The nodes named by label_* in what is asked for."""
    fields = {"chain": lambda a: a.asym} if which.get("chain") else {}
    if which.get("number"):
        fields["number"] = lambda a: a.seq
    return changed(nodes, **fields)


def missing_columns():
    for column, which in (("auth_asym_id", {"chain": True}), ("auth_seq_id", {"number": True}),
                          ("auth_comp_id", {}), ("auth_atom_id", {})):
        trait = f"no {column}"
        atoms = labelled(trait)
        kind.both(trait, atom_site(atoms).without(column), by_label(calphas(atoms), **which),
                  known=TWIN, prody=NO_COLUMN)
    for column in "label_asym_id", "label_seq_id", "label_comp_id", "label_atom_id":
        trait = f"no {column}"
        atoms = labelled(trait)
        kind.both(trait, atom_site(atoms).without(column), calphas(atoms), style=PY_MMCIF,
                  known=TWIN, prody=NO_COLUMN if column == "label_asym_id" else "")
    for family in "auth", "label":
        trait = f"no {family}_* at all"
        atoms = labelled(trait)
        site = atom_site(atoms)
        gone = [c for c in site.columns if c.startswith(family + "_")]
        nodes = calphas(atoms)
        if family == "auth":
            nodes = by_label(nodes, chain=True, number=True)
        kind.both(trait, site.without(*gone), nodes, known=TWIN, prody=NO_COLUMN)


def missing_optional_columns():
    for column in ("occupancy", "label_alt_id", "pdbx_PDB_model_num", "id", "type_symbol",
                   "group_PDB", "pdbx_PDB_ins_code"):
        trait = f"no {column}"
        atoms = labelled(trait)
        kind.both(trait, atom_site(atoms).without(column), calphas(atoms), known=TWIN,
                  prody="" if column == "pdbx_PDB_ins_code" else NO_COLUMN)
    trait = "the needed columns alone"
    atoms = labelled(trait)
    nameless = changed(calphas(atoms), chain="", number=None, b=None)
    coordinates = ["Cartn_x", "Cartn_y", "Cartn_z"]
    for family, style in (("label", MOLSTAR), ("auth", PY_MMCIF)):
        site = atom_site(atoms).only(f"{family}_atom_id", f"{family}_comp_id", *coordinates)
        kind.both(trait, site, nameless, style=style, prody=NO_COLUMN)
    site = atom_site(atoms).only("label_comp_id", "auth_atom_id", *coordinates, "label_seq_id")
    kind.both(trait, site, by_label(nameless, number=True), prody=NO_COLUMN)


def missing_values():
    """Every third residue lacks the value, and the other family has it."""
    for column, which in (("auth_asym_id", {"chain": True}), ("auth_seq_id", {"number": True}),
                          ("auth_comp_id", {}), ("auth_atom_id", {}), ("label_asym_id", {}),
                          ("label_seq_id", {}), ("label_comp_id", {}), ("label_atom_id", {})):
        trait = f"values of {column} missing here and there"
        atoms = labelled(trait)
        for style, null in ((MOLSTAR, UNKNOWN), (PY_MMCIF, DOT)):
            site = atom_site(atoms)
            site = site.with_values(column, lambda row: null if row["label_seq_id"] % 3 == 0
                                    else row[column])
            nodes = [by_label([n], **which)[0] if n.seq % 3 == 0 else n for n in calphas(atoms)]
            reason = "ProDy reads ? and . as names, and fails on such numbers"
            kind.cif(trait, site, nodes, prody=reason if column in (
                "auth_seq_id", "auth_comp_id", "auth_atom_id") else "")
            kind.bcif(trait, site, nodes, style=style)
    trait = "residue numbers in neither column"
    atoms = changed(labelled(trait), number=None, seq=None)
    kind.both(trait, atoms, style=PY_MMCIF, prody="ProDy fails on ? as a number")
    trait = "? for what is not there"
    atoms = labelled(trait)
    site = atom_site(atoms)
    for column in "label_alt_id", "pdbx_PDB_ins_code", "pdbx_PDB_model_num", "occupancy", "id":
        site = site.with_values(column, lambda row: UNKNOWN)
    kind.both(trait, site, calphas(atoms),
              prody="ProDy takes ? for the name of an alternate location and drops all rows")
    kind.bcif(trait, site, calphas(atoms), style=PY_MMCIF)


def needed_columns():
    for columns, word in ((("label_atom_id", "auth_atom_id"), "atom_id"),
                          (("label_comp_id", "auth_comp_id"), "comp_id"),
                          (("Cartn_x",), "Cartn_x"), (("Cartn_y",), "Cartn_y"),
                          (("Cartn_z",), "Cartn_z")):
        trait = f"no {word} (refused)"
        site = atom_site(labelled(trait)).without(*columns)
        kind.both(trait, site, words=word, known=SPEC)
    for form in "Cartn_x", "cartn_X":
        trait = "Cartn_x twice (refused)"
        site = atom_site(labelled(trait))
        doubled = Table(site.name, site.columns + [form], [row + [1.0] for row in site.rows])
        kind.both(trait, doubled, known=SPEC,
                  words="Cartn_x & twice|duplicate|repeat|two columns|more than once",
                  prody="the last of the two columns is taken")


def missing_coordinates():
    for column, null in (("Cartn_y", UNKNOWN), ("Cartn_x", DOT)):
        trait = "a node without a coordinate (refused)"
        atoms = labelled(trait)
        site = atom_site(atoms).with_values(
            column, lambda row: null if row["auth_seq_id"] == 105 and row["label_atom_id"] == "CA"
            else row[column])
        kind.both(trait, site, code="bad_coordinates",
                  words="missing|not a number|no value|not known|is not there",
                  style=PY_MMCIF if null is DOT else MOLSTAR)
    trait = "a coordinate that is no number (refused)"
    for bad in "nan", "xx.xx", "12.3.4", "1e999", "7.5(x)", "0x10":
        site = atom_site(labelled(trait)).with_values(
            "Cartn_z", lambda row: bad if row["id"] == 22 else f"{row['Cartn_z']:.3f}")
        kind.cif(trait, site, words="not a number|out of range", code="bad_coordinates",
                 prody="float() takes nan and 1e999" if bad in ("nan", "1e999") else "")
        if bad in ("nan", "xx.xx"):
            kind.bcif(trait, site, words="not a number", code="bad_coordinates")
    trait = "another atom than a node without a coordinate"
    atoms = labelled(trait)
    for other in ("CB", "O"):
        site = atom_site(atoms).with_values(
            "Cartn_y", lambda row: UNKNOWN if row["label_atom_id"] == other else row["Cartn_y"])
        kind.both(trait, site, calphas(atoms), prody="ProDy loses the whole file",
                  style=PY_MMCIF if other == "O" else MOLSTAR)


def numbers_as_text():
    def with_numbers(atoms, write):
        site = atom_site(atoms)
        for column in "Cartn_x", "Cartn_y", "Cartn_z":
            site = site.with_values(column, lambda row: write(row[column]))
        return site
    trait = "numbers in quotes"
    atoms = labelled(trait)
    for quote in "'", '"':
        value = lambda v, c: f"{quote}{cif_value(v, c)}{quote}"
        only_numbers = lambda v, c: value(v, c) if isinstance(v, (int, float)) else cif_value(v, c)
        kind.cif(trait, atoms, value=only_numbers, known=TWIN, prody=ONE_LINE)
        every = lambda v, c: value(v, c) if not isinstance(v, Null) else v.sign
        kind.cif(trait, atoms, value=every, known=TWIN, prody=ONE_LINE)
    site = with_numbers(atoms, lambda x: f"{x:.3f}").with_values(
        "auth_seq_id", lambda row: str(row["auth_seq_id"]))
    kind.bcif(trait, site, calphas(atoms), known=TWIN)
    kind.bcif(trait, site, calphas(atoms), style=PY_MMCIF, known=TWIN)
    for trait, write, why in (
            ("standard uncertainties", lambda x: f"{x:.3f}(6)", "float() refuses 12.345(6)"),
            ("exponents", lambda x: f"{x * 100:.1f}e-02", ""),
            ("exponents", lambda x: f"{x / 1000:.6f}E+3", ""),
            ("signs and points", lambda x: f"{x:+.3f}".replace("+0.", "+.").replace("-0.", "-."),
             "")):
        atoms = labelled(trait)
        if trait == "signs and points":  # 5. as well as .5
            atoms = changed(atoms, x=lambda a: float(round(a.x)))
            site = with_numbers(atoms, write).with_values(
                "Cartn_x", lambda row: row["Cartn_x"].removesuffix("000"))
        else:
            site = with_numbers(atoms, write)
        kind.both(trait, site, calphas(atoms), known=TWIN, prody=why)


def blocks():
    trait = "a first block without atoms"
    atoms = labelled(trait)
    other = table("_chem_comp_atom", "comp_id atom_id x", ["LIG", "CA", 1.5], ["LIG", "N", 2.5])
    text = cif(other, block="LIG") + cif(atom_site(atoms), block="second")
    kind.cif(trait, text, calphas(atoms), also="more_blocks=0")
    kind.cif(trait, "data_empty\n" + cif(atom_site(atoms)), calphas(atoms), also="more_blocks=0")
    headless = "data_first\nloop_\n" + "".join(f"_atom_site.{c}\n" for c in atom_site([]).columns)
    kind.cif(trait, headless + "#\n" + cif(atom_site(atoms)), calphas(atoms),
             also="more_blocks=0", prody="ProDy counts the columns of both tables")
    for style in MOLSTAR, PY_MMCIF_64:
        data = document([("LIG", [encode_table(other, style)]),
                         ("second", [encode_table(atom_site(atoms), style)])], style)
        kind.bcif(trait, data, calphas(atoms), also="more_blocks=0")
    trait = "two blocks with atoms"
    atoms, others = labelled(trait), protein("the second of two blocks", 15)
    text = cif(atom_site(atoms), block="one") + cif(atom_site(others), block="two")
    kind.cif(trait, text, calphas(atoms), also="more_blocks=1")
    kind.cif(trait, cif(other, block="none") + text, calphas(atoms), also="more_blocks=1")
    for style in MOLSTAR, PY_MMCIF_64:
        data = document([("one", [encode_table(atom_site(atoms), style)]),
                         ("two", [encode_table(atom_site(others), style)])], style)
        kind.bcif(trait, data, calphas(atoms), also="more_blocks=1")
    trait = "a UTF-8 mark before the second block"
    atoms = labelled(trait)
    mark = "\ufeff"
    for first in "", mark:
        kind.cif(trait, first + cif(atom_site(atoms), block="one") + mark +
                 cif(atom_site(others), block="two"), calphas(atoms), also="more_blocks=1")
    trait = "no other block with atoms"
    atoms = labelled(trait)
    kind.both(trait, atoms, known=PRODY, also="more_blocks=0")


def single_values():
    trait = "an atom_site of single values"
    atoms = calphas(labelled(trait))[:1]
    site = atom_site(atoms)
    lines = [f"_atom_site.{c} {cif_value(v, c)}" for c, v in zip(site.columns, site.rows[0])]
    kind.cif(trait, text_of(["data_one", *lines]), atoms, prody=ONE_LINE)
    kind.cif(trait, text_of(["data_one", *(line.replace(" ", "\n") for line in lines)]), atoms,
             prody=ONE_LINE)
    kind.bcif(trait, site, atoms)


def layout():
    """The same table as a text of another form."""
    def add(trait, transform, prody="", **fields):
        atoms = labelled(trait)
        kind.cif(trait, transform(cif(atom_site(atoms))), calphas(atoms), known=TWIN, prody=prody,
                 **fields)

    def rows(change):
        return lambda text: text_of(change(line) if line.startswith("ATOM") else line
                                    for line in text.splitlines())
    add("rows over several lines", rows(lambda r: r.replace(" . ", " .\n", 1)), ONE_LINE)
    add("rows over several lines", rows(lambda r: r.replace(" ", "\n")), ONE_LINE)
    add("rows over several lines", lambda t: t.replace("\nATOM", " ATOM").replace("_num ATOM",
                                                                                  "_num\nATOM"),
        ONE_LINE)
    add("comments and blank lines in a loop",
        rows(lambda r: f"# {r}\n\n  \n{r}"), "ProDy ends the table at the first such line")
    add("comments and blank lines in a loop",
        lambda t: t.replace("_atom_site.", "# a tag\n\n_atom_site."))
    add("comments and blank lines in a loop", rows(lambda r: r + " # of residue ATOM 1"))
    add("tabs and blanks between values", rows(lambda r: r.replace(" ", "\t")), ONE_LINE)
    add("tabs and blanks between values", rows(lambda r: " \t " + r.replace(" ", "   ")), ONE_LINE)
    add("tags in upper and lower case",
        lambda t: "\n".join(line.upper() if line[0] in "_ld" else line for line in t.split("\n")
                            if line) + "\n", "ProDy knows one spelling")
    add("tags in upper and lower case",
        lambda t: "\n".join(line.lower() if line[0] in "_" else line for line in t.split("\n")
                            if line) + "\n", "ProDy knows one spelling")
    add("tags in upper and lower case",
        lambda t: t.replace("loop_", "Loop_").replace("data_", "Data_").replace("_atom_site",
                                                                                "_Atom_Site"),
        "ProDy knows one spelling")
    add("no data_ line", lambda t: t.removeprefix("data_CASE\n#\n"))
    add("no data_ line", lambda t: t.replace("data_CASE", "# no block is named here"))
    add("data_ without a name", lambda t: t.replace("data_CASE", "data_"))
    add("comments before data_", lambda t: "# by hand\n\n   # twice\n" + t)
    add("lines end in CR LF", lambda t: t.replace("\n", "\r\n"))
    add("no newline at the end", lambda t: t.removesuffix("\n#\n"), ALL_ROWS)
    add("no newline at the end", lambda t: t.removesuffix("\n"))
    add("loop_ and its tags on one line",
        lambda t: t.replace("loop_\n", "loop_ ").replace("\n_atom_site", " _atom_site"), ONE_LINE)
    add("indented tags and rows", lambda t: "\n".join("  " + line for line in t.split("\n")),
        ONE_LINE)
    trait = "no loop_ before the columns (refused)"
    text = cif(atom_site(labelled(trait)))
    other = text_of(cif_table(table("_entity", "id type", [1, "polymer"], [2, "water"])))
    for before in "", other:
        kind.cif(trait, text.replace("#\nloop_\n", "#\n" + before), words="loop_", known=SPEC,
                 prody="ProDy looks for the tags alone")
    add("save frames", lambda t: t.replace(
        "#\n", "save_LIG\n_chem_comp.id LIG\nloop_\n_chem_comp_atom.atom_id\n"
        "_chem_comp_atom.x\nCA 1.0\nN 2.0\nsave_\n", 1))
    add("save frames", lambda t: t + "save_after\n_note.text 'after the atoms'\nsave_\n")
    add("save frames", lambda t: t.replace("#\n", "save_other\n" + text_of(cif_table(
        atom_site(labelled("atoms of a save frame")))) + "save_\n", 1),
        "ProDy reads the first table that there is, of a save frame as well")


def quoting():
    def add(trait, head, prody=""):
        atoms = labelled(trait)
        kind.cif(trait, head + cif(atom_site(atoms)).removeprefix("data_CASE\n#\n"),
                 calphas(atoms), known=SPEC, prody=prody)
    trait = "odd quoting in other categories"
    add(trait, "data_q\n_odd.a 'it's the 5'-end'\n_odd.b \"an \"inner\" one\"\n_odd.c 5'-end\n")
    add(trait, "data_q\n_odd.a ''cytochrome P450'\n_odd.b \"\"\n_odd.c ''\n_odd.d [1,2]\n"
        "_odd.e $frame\n_odd.f a#b\n_odd.g a;b\n")
    add(trait, "data_q\nloop_\n_odd.a\n_odd.b\n'O5'' \"C1'\"\nC1' 'a b'\n'_atom_site.Cartn_x' "
        "'loop_'\n\"data_x\" 'save_'\n")
    trait = "text fields with lines that look like others"
    add(trait, "data_t\n_odd.text\n;first line\nloop_\n_atom_site.Cartn_x\n_atom_site.id\n"
        "1.0 2\ndata_other\n # no comment\n 'open\n;\n",
        "ProDy takes lines of the text for tags")
    add(trait, "data_t\nloop_\n_odd.a\n_odd.b\n1\n;\n;\n2\n;x\n ;y\n;\n", "")
    add(trait, "data_t\n_odd.text\n;one\n; _odd.next 'on the same line'\n")
    trait = "a text field in a row"
    atoms = labelled(trait)
    lines = cif(atom_site(atoms)).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("ATOM 12 "))
    lines[at] = lines[at].replace(" MET ", "\n;MET\n;\n", 1)
    kind.cif(trait, text_of(lines), calphas(atoms), known=SPEC, prody=ONE_LINE)
    trait = "unknown categories"
    atoms = labelled(trait)
    odd = table("_made_up", "id atom_site.Cartn_x text", [1, "CA", "ATOM or not"], [2, "x", "y"])
    near = table("_atom_site_anisotrop", "id type_symbol U[1][1] U[2][2] U[3][3] U[1][2] "
                 "U[1][3] U[2][3]", [1, "N", 0.5, 0.5, 0.5, 0.1, 0.1, 0.1],
                 [2, "C", 0.25, 0.25, 0.25, 0.0, 0.0, 0.0])
    for tables, style in (((odd, near), MOLSTAR), ((near,), PY_MMCIF)):
        kind.both(trait, atoms, tables=tables, style=style)


def truncation():
    words = "row|cut|truncat|incomplete|multiple|in the middle|end"
    trait = "the last row is cut (refused)"
    for cut in " 1\n#\n", " X CA 1\n#\n":
        atoms = calphas(labelled(trait))
        text = cif(atom_site(atoms))
        assert cut in text[-12:], text[-30:]
        kind.cif(trait, text.removesuffix(cut), words=words, code="not_a_structure", known=SPEC)
    text = cif(atom_site(labelled(trait)))
    kind.cif(trait, text[:text.index("HIS") - 20] + "\n_after.cut 1\n", words=words,
             code="not_a_structure", known=SPEC)
    trait = "a quote that does not end (refused)"
    text = cif(atom_site(labelled(trait)))
    kind.cif(trait, "data_q\n_text.field\n;begins and does not end\n" + text,
             words="text|quote|end", known=SPEC, prody="ProDy knows no text fields")
    trait = "an HTML page amid the atoms (refused)"
    lines = cif(atom_site(labelled(trait))).splitlines()
    for start in "<html>", "<!DOCTYPE html>":
        page = [start, "<head><title>502 Bad Gateway</title></head>", "<body>nginx</body></html>"]
        for row in lines[60], lines[60][:30]:
            kind.cif(trait, text_of([*lines[:60], row, *page]), known=SPEC,
                     words="HTML|table of atoms|is not a number|is not an integer",
                     prody="ProDy ends the table at the page" if row == lines[60] else "")
    trait = "BinaryCIF that is cut (refused)"
    data = bcif(atom_site(labelled(trait)))
    for size in 40, len(data) // 2, len(data) - 7:
        kind.bcif(trait, data[:size], words="cut|truncat|end|short|incomplete", known=SPEC)


def orders():
    trait = "columns in another order"
    atoms = labelled(trait)
    site = atom_site(atoms)
    kind.both(trait, site.only(*sorted(site.columns)), calphas(atoms),
              prody="ProDy needs ATOM at a line's start")
    kind.both(trait, site.only("group_PDB", *reversed(site.columns[1:])), calphas(atoms),
              style=PY_MMCIF)
    trait = "further columns"
    atoms = labelled(trait)
    site = atom_site(atoms)
    for name, value in (("Cartn_x_esd", 0.01), ("pdbx_sifts_xref_db_acc", "P12345"),
                        ("calc_flag", "Cartn_x"), ("pdbx_label_index", 7)):
        site = site.with_values(name, lambda row: value)
    first = ["group_PDB", "Cartn_x_esd"]
    kind.both(trait, site, calphas(atoms))
    kind.both(trait, site.only(*first, *(c for c in site.columns if c not in first)),
              calphas(atoms))
    trait = "tables after the atoms"
    atoms = labelled(trait)
    entity = table("_entity", "id type", [1, "polymer"], [2, "water"])
    text = cif(atom_site(atoms)) + text_of(cif_table(entity))
    kind.cif(trait, text, calphas(atoms))
    kind.bcif(trait, bcif(atom_site(atoms), entity), calphas(atoms))
    trait = "names of several letters"
    atoms = protein(trait, chain="Heavy-1", asym="AAA", first=-4)
    kind.both(trait, atoms)
    kind.both(trait, changed(atoms, insertion="C", number=7), style=PY_MMCIF)
    trait = "quoted atom names beside the nodes"
    atoms = labelled(trait) + ligand("A1BCD", ["O5'", "C1'", "N A", "C#1"], 201, "X")
    kind.both(trait, atoms, prody=BLANK_IN_QUOTES)


def programs():
    """Columns and nulls as these write them."""
    trait = "as PyMOL writes it"
    atoms = changed(labelled(trait), asym="")
    site = atom_site(atoms)
    for column, value in (("label_entity_id", DOT), ("pdbx_formal_charge", 0)):
        site = site.with_values(column, lambda row: value)
    site = site.without("auth_seq_id", "auth_comp_id", "auth_atom_id")
    nodes = by_label(calphas(atoms), number=True)
    kind.both(trait, site, nodes, prody=NO_COLUMN)
    kind.cif(trait, site, nodes, arguments="--nodes polymer")
    trait = "as OpenMM writes it"
    atoms = changed(labelled(trait), seq=None)
    site = atom_site(atoms)
    for column in "label_entity_id", "pdbx_PDB_ins_code", "pdbx_formal_charge":
        site = site.with_values(column, lambda row: UNKNOWN)
    for column in "Cartn_x_esd", "Cartn_y_esd", "Cartn_z_esd", "occupancy_esd":
        site = site.with_values(column, lambda row: UNKNOWN)
    kind.both(trait, site, calphas(atoms))
    kind.both(trait, site, calphas(atoms), arguments="--nodes polymer", style=PY_MMCIF)
    trait = "ids, charges and elements that are not understood"
    atoms = labelled(trait)
    site = atom_site(atoms)
    for column, value in (("id", lambda row: f"A{row['id']:04}"),
                          ("type_symbol", lambda row: UNKNOWN),
                          ("pdbx_formal_charge", lambda row: "1+")):
        site = site.with_values(column, value)
    kind.both(trait, site, calphas(atoms), prody="ProDy needs numbers for ids")


def models():
    trait = "the first model is not number 1"
    one, two = protein(trait, model=2), protein(trait + ", second", model=7)
    kind.both(trait, one + two, calphas(one), also="models=2", known=PRODY)
    kind.both(trait, one + two, calphas(two), arguments="--model 7", style=PY_MMCIF)
    kind.both(trait, one + two, arguments="--model 1", words="model 1", code="no_model")
    trait = "models of unequal sizes"
    one, two = protein(trait), protein(trait + ", second", 10, model=2)
    kind.both(trait, one + two, calphas(one), also="models=2",
              prody="ProDy takes the mean number of atoms of the models")
    for text in "1.0", "01":
        trait = f"model number {text}"
        atoms = labelled(trait)
        site = atom_site(atoms)
        every = site.with_values("pdbx_PDB_model_num", lambda row: text)
        one = site.with_values("pdbx_PDB_model_num",
                               lambda row: text if row["id"] == 22 else "1")
        for table_of, style in ((every, MOLSTAR), (one, PY_MMCIF)):
            kind.both(trait, table_of, calphas(atoms), style=style, also="models=1", known=TWIN,
                      prody=MODEL_TEXT if table_of is one else "")
            kind.both(trait, table_of, calphas(atoms), style=style, arguments="--model 1")
    trait = "model numbers as floats"
    atoms = labelled(trait)
    site = atom_site(atoms).with_values("pdbx_PDB_model_num", lambda row: 1.0)
    for style in MOLSTAR, PY_MMCIF_64:
        kind.bcif(trait, site, calphas(atoms), style=style, arguments="--model 1")
    trait = "a model number that is no number (refused)"
    for row_id in 1, 22:
        site = atom_site(labelled(trait)).with_values(
            "pdbx_PDB_model_num", lambda row: "x" if row["id"] == row_id else "1")
        kind.both(trait, site, words="model number|model_num", prody=MODEL_TEXT)


def odd_names():
    trait = "a chain whose name is _, without quotes"
    plain = lambda v, c: "_" if v == "_" else cif_value(v, c)
    for asym in "A", "_":
        atoms = protein(trait, chain="_", asym=asym)
        kind.cif(trait, atoms, value=plain, known=TWIN)
    kind.cif(trait, atoms, value=plain, arguments="--nodes polymer")
    trait = "blanks around names"
    atoms = labelled(trait)
    site = atom_site(atoms)
    for column in "label_atom_id", "auth_atom_id":
        site = site.with_values(column, lambda row: f" {row[column]} ")
    kind.both(trait, site, calphas(atoms), prody=BLANK_IN_QUOTES)
    for column, write in (("auth_comp_id", lambda row: row["auth_comp_id"] + " "),
                          ("auth_asym_id", lambda row: " X"), ("label_alt_id", lambda row: " "),
                          ("pdbx_PDB_ins_code", lambda row: " ")):
        kind.both(trait, atom_site(atoms).with_values(column, write), calphas(atoms),
                  style=PY_MMCIF, prody=BLANK_IN_QUOTES)
    trait = "'' for a name that is missing"
    for column, which in (("auth_atom_id", {}), ("auth_comp_id", {}), ("label_comp_id", {}),
                          ("auth_asym_id", {"chain": True}), ("label_alt_id", {}),
                          ("pdbx_PDB_ins_code", {})):
        atoms = labelled(trait)
        site = atom_site(atoms).with_values(column, lambda row: "")
        read_as_name = column in ("auth_atom_id", "auth_comp_id", "label_alt_id")
        kind.both(trait, site, by_label(calphas(atoms), **which),
                  prody="ProDy takes '' for the name itself" if read_as_name else "")


def of_binary_cif():
    """What programs write, and none of it is seen in text."""
    trait = "Mol*: Delta, RunLength, IntegerPacking, FixedPoint"
    atoms = labelled(trait, count=40)
    kind.bcif(trait, atoms, known=TWIN)
    trait = "py-mmcif: plain floats, index -1 for masked strings"
    atoms = labelled(trait, count=40)
    kind.bcif(trait, atoms, style=PY_MMCIF, known=TWIN)
    kind.bcif(trait, atoms, style=PY_MMCIF_64, known=TWIN)
    trait = "a fully masked column with offsets [0]"
    atoms = labelled(trait)
    site = atom_site(atoms)
    for column in "label_alt_id", "pdbx_PDB_ins_code", "auth_asym_id":
        site = site.with_values(column, lambda row: UNKNOWN)
    kind.bcif(trait, site, by_label(calphas(atoms), chain=True), style=PY_MMCIF)
    trait = "masked integers written as -1"
    atoms = labelled(trait)
    site = atom_site(atoms).with_values("auth_seq_id", lambda row: UNKNOWN)
    kind.bcif(trait, site, by_label(calphas(atoms), number=True), style=PY_MMCIF)
    atoms = changed(atoms, lambda a: a.number % 4 == 0, number=None, seq=None)
    kind.bcif(trait, atoms, style=PY_MMCIF)
    trait = "no key for a mask that is not there"
    atoms = labelled(trait)
    for style in MOLSTAR, PY_MMCIF:
        kind.bcif(trait, atoms, style=dataclasses.replace(style, absent_mask="absent"),
                  known=SPEC)
    trait = "keys of maps in another order"
    atoms = labelled(trait)
    for style in MOLSTAR, PY_MMCIF:
        kind.bcif(trait, atoms, style=dataclasses.replace(style, shuffled=True), known=SPEC)
    trait = "text beyond ASCII, offsets count characters"
    atoms = labelled(trait)
    titles = table("_struct", "entry_id title", ["CASE", "\u03b1\u2082\u03b2 f\u00fcr 25 \u00c5"])
    for style in MOLSTAR, PY_MMCIF:
        kind.bcif(trait, atoms, tables=[titles], style=style)
        # In a column of the atoms themselves: offsets of the names that follow are not bytes'.
        named = changed(atoms, lambda a: a.seq == 1, chain="\u03b1", asym="\u00e9")
        kind.bcif(trait, named, style=style)


def numbers_of_other_kinds():
    trait = "author's numbers that are none, and label's that are"
    fails = "ProDy fails on such numbers"
    for write, style in ((lambda n: f"A{n}", MOLSTAR), (lambda n: "x", PY_MMCIF)):
        atoms = labelled(trait)
        site = atom_site(atoms).with_values("auth_seq_id", lambda row: write(row["label_seq_id"]))
        kind.both(trait, site, by_label(calphas(atoms), number=True), style=style, prody=fails)
    site = atom_site(atoms).with_values(
        "auth_seq_id", lambda row: "A1" if row["label_seq_id"] == 5 else str(row["auth_seq_id"]))
    nodes = [by_label([n], number=True)[0] if n.seq == 5 else n for n in calphas(atoms)]
    kind.both(trait, site, nodes, prody=fails)
    for word in "None", "N/A", "null":
        trait = f"{word} for what is not there"
        atoms = labelled(trait)
        site, nodes = atom_site(atoms), calphas(atoms)
        style = PY_MMCIF if word == "N/A" else MOLSTAR
        for column, answer, more in (
                ("B_iso_or_equiv", changed(nodes, b=None), {"prody": "ProDy needs a number"}),
                ("auth_seq_id", by_label(nodes, number=True), {"prody": fails}),
                ("pdbx_PDB_model_num", nodes, {"also": "models=1"})):
            kind.both(trait, site.with_values(column, lambda row: word), answer, style=style,
                      **more)


def strays():
    trait = "a title without quotes behind the atoms"
    words = " ".join("abcdefghijklmnopqrstuvwxyz")
    atoms = labelled(trait)
    text = cif(atom_site(atoms))
    for title in words, "the structure of " + " ".join(words.split()[:4]):
        kind.cif(trait, text + f"_struct.title  {title}\n#\n", calphas(atoms))
    trait = "rows of atoms behind another item (refused)"
    lines = cif(atom_site(labelled(trait))).splitlines()
    for count in 1, 20:
        kind.cif(trait, text_of([*lines[:-1 - count], "_note.text x", *lines[-1 - count:]]),
                 words="without a tag", code="not_a_structure", known=SPEC,
                 prody="ProDy ends the table at the item")


missing_columns()
missing_optional_columns()
missing_values()
needed_columns()
missing_coordinates()
numbers_as_text()
blocks()
single_values()
layout()
quoting()
truncation()
orders()
programs()
models()
odd_names()
of_binary_cif()
numbers_of_other_kinds()
strays()
