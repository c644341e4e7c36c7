# SPDX-License-Identifier: MIT
"""One row of the table: a file, what is asked of it, and the right answer with its reason."""
import dataclasses

from binary_cif import MOLSTAR, bcif
from structures import Table, atom_site, calphas, cif, pdb

# How an answer is known.
TWIN = "clean twin"  # the same coordinates in a file without the trait
PRODY = "ProDy's rule"  # what ProDy 2.3.1's parsers and its selection `calpha` take
BUILT = "by construction"  # the script made the atoms and knows which are meant
SPEC = "specification"  # of the format

# Of the positions (angstrom) that a file states: what its numbers are in double precision, and what
# a Float32 of 100 or so keeps.
EXACT, SINGLE = 1e-9, 1e-5

ANY = "*"  # a B factor or number that is not compared


@dataclasses.dataclass
class Case:
    kind: int
    trait: str
    format: str  # pdb, cif or bcif: what the file is, or would be named
    data: bytes
    nodes: list = None  # Atoms in the order of the file, chains as they have to be named
    words: str = ""  # of the refusal: `a|b & c`, either a or b, and c; case does not matter
    known: str = BUILT
    arguments: str = ""
    code: str = ""  # of the refusal, where it is settled
    also: str = ""  # further facts, `name=value` between blanks
    tolerance: float = EXACT
    ending: str = ""
    prody: str = ""  # why ProDy's answer is another one

    def __post_init__(self):
        if isinstance(self.data, str):
            self.data = self.data.encode()
        self.ending = self.ending or self.format


class Kind:
    """The cases of one kind of faults."""

    def __init__(self, number, title):
        self.number, self.title, self.cases = number, title, []

    def add(self, trait, form, data, nodes=None, words="", **fields):
        assert (nodes is None) != (not words), trait
        self.cases.append(Case(self.number, trait, form, data, nodes, words, **fields))

    def pdb(self, trait, atoms, nodes=None, words="", head=(), tail=("END",), options=None,
            **fields):
        """Atoms, or the text itself."""
        data = atoms if isinstance(atoms, (str, bytes)) else pdb(atoms, head, tail,
                                                                 **(options or {}))
        self.add(trait, "pdb", data, self.answer(atoms, nodes, words), words, **fields)

    def cif(self, trait, source, nodes=None, words="", tables=(), value=None, **fields):
        """Atoms, a table of them, or the text itself; `tables` stand before."""
        data = source
        if not isinstance(source, (str, bytes)):
            options = {"value": value} if value else {}
            data = cif(*tables, self.table(source), **options)
        self.add(trait, "cif", data, self.answer(source, nodes, words), words, **fields)

    def bcif(self, trait, source, nodes=None, words="", tables=(), style=MOLSTAR, **fields):
        data = source
        if not isinstance(source, bytes):
            data = bcif(*tables, self.table(source), style=style)
        if style.floats != "fixed":
            fields.setdefault("tolerance", SINGLE)
        self.add(trait, "bcif", data, self.answer(source, nodes, words), words, **fields)

    def both(self, trait, source, nodes=None, words="", tables=(), style=MOLSTAR, **fields):
        """mmCIF and BinaryCIF."""
        self.cif(trait, source, nodes, words, tables, **fields)
        self.bcif(trait, source, nodes, words, tables, style,
                  **{k: v for k, v in fields.items() if k != "prody"})

    def all(self, trait, atoms, nodes=None, words="", style=MOLSTAR, **fields):
        self.pdb(trait, atoms, nodes, words, **fields)
        self.both(trait, atoms, nodes, words, style=style, **fields)

    @staticmethod
    def table(source):
        return source if isinstance(source, Table) else atom_site(source)

    @staticmethod
    def answer(source, nodes, words):
        """ProDy's selection of the atoms where no other answer is given."""
        return calphas(source) if nodes is None and not words else nodes
