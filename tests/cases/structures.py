# SPDX-License-Identifier: MIT
"""Small proteins from a formula, and their atoms as PDB lines and as tables of mmCIF."""
import dataclasses
import math
import zlib

ONE_TURN = "LEU CYS MET ARG ALA GLU THR HIS PHE SER LYS VAL".split()

# The residue names of ProDy 2.3.1's selection `calpha` (AMINOACIDS in atomic/flags.py).
PRODY_RESIDUES = frozenset(
    "ALA ARG ASN ASP CYS GLN GLU GLY HIS ILE LEU LYS MET PHE PRO SER THR TRP TYR VAL ASX CME CSB "
    "CSO CYX GLX HID HIE HIP HSD HSE HSP MEN MSE PHD PTR SEC SEP TPO XAA XLE".split())


@dataclasses.dataclass(frozen=True)
class Atom:
    """One row of a model; `chain` and `number` are the author's, `asym` and `seq` are label_*."""
    name: str
    residue: str
    chain: str
    number: object  # int; None where the file states none
    x: float
    y: float
    z: float
    b: object = 10.0  # None where the file states none
    occupancy: float = 1.0
    alt: str = " "
    insertion: str = " "
    element: str = "C"
    het: bool = False
    model: int = 1
    asym: str = ""
    seq: object = None  # None: not in a polymer
    entity: str = "1"


def changed(atoms, where=lambda atom: True, **fields):
    """The atoms, with these fields in those that `where` takes; a field may be f(atom)."""
    def new(atom):
        values = {k: v(atom) if callable(v) else v for k, v in fields.items()}
        return dataclasses.replace(atom, **values)
    return [new(atom) if where(atom) else atom for atom in atoms]


def shifted(atoms, dx, dy=0.0, dz=0.0, **fields):
    """A copy elsewhere, far enough for the new place to be another molecule."""
    return changed(atoms, x=lambda a: round(a.x + dx, 3), y=lambda a: round(a.y + dy, 3),
                   z=lambda a: round(a.z + dz, 3), **fields)


def seed_of(trait):
    """Each trait has coordinates of its own, the same in every format."""
    return zlib.crc32(trait.encode()) % 1000 / 100


def place(a, b, c, distance, angle, torsion):
    """The atom bound to c at this distance, with these angles (degrees) to b and a."""
    def minus(p, q): return [p[i] - q[i] for i in range(3)]
    def unit(v): return [t / math.sqrt(sum(s * s for s in v)) for t in v]
    def cross(u, v): return [u[i - 2] * v[i - 1] - u[i - 1] * v[i - 2] for i in range(3)]
    angle, torsion = math.radians(angle), math.radians(torsion)
    bc = unit(minus(c, b))
    n = unit(cross(minus(b, a), bc))
    m = cross(n, bc)
    along, side, up = (-math.cos(angle), math.sin(angle) * math.cos(torsion),
                       math.sin(angle) * math.sin(torsion))
    return [c[i] + distance * (along * bc[i] + side * m[i] + up * n[i]) for i in range(3)]


def backbone(count, seed):
    """N, CA, C, O and CB of each residue, with the bonds and angles of a polypeptide; each torsion
    is a sine of the residue's index, so that nothing is symmetric."""
    n, ca = [3.0 + seed % 2, 2.0, 1.0], [4.458 + seed % 2, 2.0, 1.0]
    c = place([0.0, 0.0, 0.0], n, ca, 1.525, 111.0, 40.0 + 7 * seed)
    for i in range(count):
        phi, psi = -65 + 20 * math.sin(0.9 * i + seed), -42 + 25 * math.cos(1.3 * i + 2 * seed)
        o = place(n, ca, c, 1.231, 120.5, psi + 180)
        cb = place(o, c, ca, 1.53, 110.1, 57.0 + psi)
        yield {"N": n, "CA": ca, "C": c, "O": o, "CB": cb}
        next_n = place(n, ca, c, 1.329, 116.2, psi)
        next_ca = place(ca, c, next_n, 1.458, 121.7, 180.0)
        c = place(c, next_n, next_ca, 1.525, 111.0, phi)
        n, ca = next_n, next_ca


def protein(trait, count=12, chain="A", first=1, residues=ONE_TURN, asym=None, **fields):
    """A polypeptide of `count` residues."""
    seed, atoms = seed_of(trait), []
    for i, places in enumerate(backbone(count, seed)):
        residue = residues[i % len(residues)]
        b = round(14 + 9 * math.sin(0.8 * i + seed) + 0.37 * i, 2)
        for name, (x, y, z) in places.items():
            if name == "CB" and residue == "GLY":
                continue
            atoms.append(Atom(name, residue, chain, first + i, round(x, 3), round(y, 3),
                              round(z, 3), b, element=name[0], asym=asym or chain, seq=i + 1,
                              **fields))
    return atoms


def ligand(residue, names, number, chain="A", at=(40.0, -30.0, 20.0), asym="L", **fields):
    """Atoms of a molecule that is no part of a chain, a bond's length apart."""
    return [Atom(name, residue, chain, number, round(at[0] + 1.2 * i, 3),
                 round(at[1] + 0.9 * (i % 2), 3), round(at[2] + 0.4 * i, 3), 30.0 + i,
                 element=name[0], het=True, asym=asym, entity="9", **fields)
            for i, name in enumerate(names)]


def waters(count, chain="A", first=301):
    return [atom for i in range(count)
            for atom in ligand("HOH", ["O"], first + i, chain, (60.0 + 3.1 * i, 9.0, -i), "W")]


# ---------------------------------------------------------------------------- which atoms are nodes

def by_prody(atom):
    """ProDy 2.3.1's selection `calpha`."""
    return atom.name == "CA" and atom.residue in PRODY_RESIDUES and atom.alt in " A"


def calphas(atoms, where=by_prody):
    return [atom for atom in atoms if where(atom)]


def all_calphas(atoms):
    """Those of every residue; calcium is left out where the atoms hold none."""
    return [atom for atom in atoms if atom.name == "CA"]


# ---------------------------------------------------------------------------- PDB

def pdb_name(atom):
    return atom.name if len(atom.name) > 3 or len(atom.element) == 2 else " " + atom.name


def pdb_line(atom, serial, columns=80):
    record = "HETATM" if atom.het else "ATOM  "
    number = "" if atom.number is None else atom.number
    b = "" if atom.b is None else f"{atom.b:.2f}"
    line = (f"{record}{serial:>5} {pdb_name(atom):<4}{atom.alt}{atom.residue:>3}{atom.chain:>2}"
            f"{number:>4}{atom.insertion}   {atom.x:8.3f}{atom.y:8.3f}{atom.z:8.3f}"
            f"{atom.occupancy:6.2f}{b:>6}          {atom.element:>2}")
    return line.ljust(80)[:columns]


def pdb_lines(atoms, first_serial=1, columns=80, ter=True):
    """Lines of one model, with TER after each polymer chain (that is where the molecule ends)."""
    lines, previous = [], None
    for serial, atom in enumerate(atoms, first_serial):
        ends = previous and (previous.chain != atom.chain or previous.asym != atom.asym)
        if ter and ends and previous.seq is not None:
            lines.append("TER")
        lines.append(pdb_line(atom, serial, columns))
        previous = atom
    if ter and previous and previous.seq is not None:
        lines.append("TER")
    return lines


def pdb(atoms, head=(), tail=("END",), **options):
    return text_of([*head, *pdb_lines(atoms, **options), *tail])


def text_of(lines):
    return "\n".join(lines) + "\n"


def pdb_models(models, head=(), numbers=None):
    lines = list(head)
    for number, atoms in zip(numbers or range(1, len(models) + 1), models):
        lines += [f"MODEL     {number:>4}", *pdb_lines(atoms), "ENDMDL"]
    return text_of(lines + ["END"])


# ---------------------------------------------------------------------------- tables of mmCIF

class Null:
    """A value that the file says it has not: `.` is inapplicable, `?` is unknown."""
    def __init__(self, sign, mask):
        self.sign, self.mask = sign, mask


DOT, UNKNOWN = Null(".", 1), Null("?", 2)


@dataclasses.dataclass
class Table:
    """A category. Values are str, int, float or Null."""
    name: str
    columns: list
    rows: list

    def without(self, *names):
        kept = [i for i, column in enumerate(self.columns) if column not in names]
        return Table(self.name, [self.columns[i] for i in kept],
                     [[row[i] for i in kept] for row in self.rows])

    def only(self, *names):
        return Table(self.name, list(names),
                     [[row[self.columns.index(n)] for n in names] for row in self.rows])

    def with_values(self, name, value):
        """The column is value(row as a dict), added at the end where it is new."""
        new = [value(dict(zip(self.columns, row))) for row in self.rows]
        if name not in self.columns:
            return Table(self.name, self.columns + [name],
                         [row + [v] for row, v in zip(self.rows, new)])
        at = self.columns.index(name)
        return Table(self.name, self.columns,
                     [row[:at] + [v] + row[at + 1:] for row, v in zip(self.rows, new)])

    def renamed(self, rename):
        return Table(self.name, [rename(column) for column in self.columns], self.rows)


def atom_site(atoms):
    """The table in the columns and the order of the archive's files."""
    def null_if(condition, value, null=DOT):
        return null if condition else value
    rows = []
    for serial, a in enumerate(atoms, 1):
        rows.append([
            "HETATM" if a.het else "ATOM", serial, a.element, a.name,
            null_if(a.alt == " ", a.alt), a.residue, null_if(not a.asym, a.asym), a.entity,
            null_if(a.seq is None, a.seq), null_if(a.insertion == " ", a.insertion, UNKNOWN),
            a.x, a.y, a.z, a.occupancy, null_if(a.b is None, a.b, UNKNOWN), UNKNOWN,
            null_if(a.number is None, a.number, UNKNOWN), a.residue,
            null_if(not a.chain, a.chain), a.name, a.model])
    return Table("_atom_site", (
        "group_PDB id type_symbol label_atom_id label_alt_id label_comp_id label_asym_id "
        "label_entity_id label_seq_id pdbx_PDB_ins_code Cartn_x Cartn_y Cartn_z occupancy "
        "B_iso_or_equiv pdbx_formal_charge auth_seq_id auth_comp_id auth_asym_id auth_atom_id "
        "pdbx_PDB_model_num").split(), rows)


def table(name, columns, *rows):
    return Table(name, columns.split(), [list(row) for row in rows])


def cif_value(value, column=""):
    if isinstance(value, Null):
        return value.sign
    if isinstance(value, float):
        return f"{value:.3f}" if column.startswith("Cartn") else f"{value:.2f}"
    text = str(value)
    if "\n" in text:
        return f"\n;{text}\n;\n"
    ordinary = text and text[0] not in "_#$'\"[];" and not any(c in text for c in " \t")
    if ordinary and text not in (".", "?") and not text.lower().startswith(("data_", "loop_")):
        return text
    return f'"{text}"' if "'" in text else f"'{text}'"


def cif_table(category, value=cif_value):
    """A loop, or single values where there is one row."""
    if len(category.rows) == 1 and category.name != "_atom_site":
        return [f"{category.name}.{c} {value(v, c)}"
                for c, v in zip(category.columns, category.rows[0])] + ["#"]
    lines = ["loop_", *(f"{category.name}.{c}" for c in category.columns)]
    lines += [" ".join(value(v, c) for c, v in zip(category.columns, row)).strip("\n")
              for row in category.rows]
    return lines + ["#"]


def cif(*tables, block="CASE", value=cif_value):
    lines = [f"data_{block}", "#"]
    for one in tables:
        lines += cif_table(one, value)
    return text_of(lines)
