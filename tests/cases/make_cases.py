#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes small structure files with every trait that files of the world were seen to have, and a
table of the right answers, into a folder. Needs the standard library alone.

Usage: make_cases.py FOLDER [--check-prody]

FOLDER/cases.tsv has one row a case: the file; the arguments; the number of nodes, empty where the
file has to be refused; the file of the nodes, or the words of the refusal (`a|b & c`: either a or
b, and c, in either case); the code of the refusal, where it is settled; further facts, `name=value`
between blanks; the tolerance of the positions (angstrom); kind, format and trait; and how the
answer is known. A file of nodes has a line each: x, y, z (angstrom), B factor, residue number,
insertion code, chain, residue, atom. What the structure file does not state is empty, `*` is not
compared.

--check-prody reads those PDB and mmCIF files that are text, and asked for as a whole, with ProDy as
well, and lists where it has other nodes, with the reason that the table gives; exit 1 where it
gives none.
"""
import gzip
import io
import os
import sys

sys.dont_write_bytecode = True  # the script's folder is one of sources

import kind1_columns  # noqa: E402
import kind2_b_factors  # noqa: E402
import kind3_pdb_lines  # noqa: E402
import kind4_bytes  # noqa: E402
import kind5_polymer  # noqa: E402
import kind6_order  # noqa: E402
import kind7_assemblies  # noqa: E402
import kind9_no_node  # noqa: E402
from case import PRODY  # noqa: E402

KINDS = [module.kind for module in (kind1_columns, kind2_b_factors, kind3_pdb_lines, kind4_bytes,
                                    kind5_polymer, kind6_order, kind7_assemblies, kind9_no_node)]
COLUMNS = ("file arguments nodes answer code also tolerance kind format trait known").split()


def node_line(node):
    def stated(value, form="{}"):
        return "" if value is None else value if isinstance(value, str) else form.format(value)
    return "\t".join([repr(node.x), repr(node.y), repr(node.z), stated(node.b, "{:.3f}"),
                      stated(node.number), node.insertion.strip(), node.chain, node.residue,
                      node.name])


def write(folder):
    """Returns (name, case) of all cases."""
    os.makedirs(folder, exist_ok=True)
    rows, named = [COLUMNS], []
    for kind in KINDS:
        for index, case in enumerate(kind.cases, 1):
            name = f"{kind.number}-{index:03}"
            file = f"{name}.{case.ending}"
            with open(os.path.join(folder, file), "wb") as out:
                out.write(case.data)
            answer, count = case.words, ""
            if case.nodes is not None:
                answer, count = f"{name}.nodes.tsv", str(len(case.nodes))
                with open(os.path.join(folder, answer), "w", encoding="utf-8") as out:
                    out.writelines(node_line(node) + "\n" for node in case.nodes)
            rows.append([file, case.arguments, count, answer, case.code, case.also,
                         repr(case.tolerance), str(case.kind), case.format, case.trait,
                         case.known])
            named.append((file, case))
    with open(os.path.join(folder, "cases.tsv"), "w", encoding="utf-8") as out:
        out.writelines("\t".join(row) + "\n" for row in rows)
    return named


# ---------------------------------------------------------------------------- ProDy beside it

def text_in(case):
    """The text that ProDy can be given, or None."""
    data = case.data
    try:
        while data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        return None


def nodes_by_prody(prody, case, text):
    """(position, residue number) of the selection `calpha` in the first coordinate set; a word
    where there is none."""
    parse = prody.parseMMCIFStream if case.format == "cif" else prody.parsePDBStream
    try:
        # As of a file: CR is a line's end.
        atoms = parse(io.StringIO(text, newline=None))
        nodes = atoms.select("calpha") if atoms is not None else None
    except Exception as error:  # ProDy raises what it meets: ValueError, KeyError, IndexError ...
        return type(error).__name__
    return [] if nodes is None else list(zip(nodes.getCoordsets(0), nodes.getResnums()))


def agrees(case, theirs):
    """In positions, and in numbers where the answer is ProDy's rule."""
    if isinstance(theirs, str) or not theirs or case.nodes is None:
        return case.nodes is None and (isinstance(theirs, str) or not theirs)
    return len(theirs) == len(case.nodes) and all(
        max(abs(a - b) for a, b in zip((ours.x, ours.y, ours.z), place)) < 1e-9 and
        (case.known != PRODY or ours.number in (None, number))
        for ours, (place, number) in zip(case.nodes, theirs))


def check_prody(named):
    try:
        import prody
    except ImportError:
        print("ProDy is not installed")
        return 1
    prody.confProDy(verbosity="none")
    same = unexplained = 0
    for file, case in named:
        text = text_in(case)
        if case.format == "bcif" or case.arguments or text is None:
            continue
        theirs = nodes_by_prody(prody, case, text)
        same += agrees(case, theirs)
        if not agrees(case, theirs):
            unexplained += not case.prody
            ours = "refused" if case.nodes is None else f"{len(case.nodes)} nodes"
            has = theirs if isinstance(theirs, str) else f"{len(theirs)} nodes"
            print(f"{file} {case.trait}: {ours}, ProDy: {has}; {case.prody or 'NO REASON GIVEN'}")
        elif case.prody:
            print(f"{file} {case.trait}: as ProDy has it, though a reason is given why not")
    print(f"ProDy {prody.__version__} agrees in {same} cases; "
          f"{unexplained} differ without a reason")
    return int(unexplained > 0)


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if len(folders) != 1 or not set(sys.argv[1:]) <= {*folders, "--check-prody"}:
        sys.exit(__doc__)
    cases = write(folders[0])
    sys.exit(check_prody(cases) if "--check-prody" in sys.argv else 0)
