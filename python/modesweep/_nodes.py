# SPDX-License-Identifier: MIT
"""Nodes of a network from whatever holds coordinates."""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence, Union

import numpy as np

from . import _binding
from ._errors import Error

#: In place of a residue number that is not stated, as in the program's NPZ files: in no file.
NO_NUMBER = np.iinfo(np.int64).min


class Structure:
    """The nodes of a structure: what a network is made of.

    ``coords, residues = modesweep.read_structure(path)`` takes it apart.

    Attributes
    ----------
    coords : numpy.ndarray, shape (N, 3)
        Positions in angstrom, in the order of the file.
    residues : numpy.ndarray, shape (N,), or None
        Structured array with the fields ``chain`` (the author's), ``number``, ``insertion``,
        ``name``, ``atom`` and ``b_factor`` (angstrom^2; of a predicted model its pLDDT). What is
        not stated: an empty text, the least int64 as number, NaN as B factor. None where only
        coordinates were given.
    header : dict
        What a file says of itself: ``id``, ``title``, ``method``, ``resolution`` (angstrom),
        ``revision``, ``protein``, ``models``, ``chains``, ``assembly``, ``nucleic_left_out``,
        ``predicted``. Empty where there was no file.
    """

    def __init__(self, coords: np.ndarray, residues: Optional[np.ndarray] = None,
                 header: Optional[dict] = None):
        self.coords = coords
        self.residues = residues
        self.header = header or {}

    def __iter__(self) -> Iterator[Any]:
        return iter((self.coords, self.residues))

    def __len__(self) -> int:
        return len(self.coords)

    def __repr__(self) -> str:
        name = self.header.get("id")
        return f"<modesweep.Structure{f' {name}' if name else ''}: {len(self)} nodes>"


def settings(**parameters: Any) -> list[tuple[str, str]]:
    """Those that are given, as names and values of the library's parameters."""
    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (list, tuple, set)):
            return ",".join(sorted(map(str, value)))
        return repr(float(value)) if isinstance(value, (float, np.floating)) else str(value)
    return [(name, text(value)) for name, value in parameters.items() if value is not None]


def read_structure(path: Union[str, os.PathLike], *, nodes: str = "prody",
                   chains: Union[str, Sequence[str], None] = None, selection: Optional[str] = None,
                   assembly: Optional[str] = None, model: Optional[int] = None) -> Structure:
    """Read the nodes of a structure file.

    Parameters
    ----------
    path : str or path
        mmCIF, BinaryCIF, PDB or PQR file, plain or compressed (gzip, zstd, xz, bzip2).
    nodes : {"prody", "polymer", "prody-app"}
        Which atoms are nodes: exactly those of ProDy's selection ``calpha``; the C-alpha of every
        polypeptide residue; or those of the command ``prody anm``.
    chains : str or sequence of str, optional
        The author's names of those to take; all where not given.
    selection : str, optional
        In gemmi's CID syntax, such as ``"//A/10-50"``.
    assembly : str, optional
        Name of a biological assembly, or ``"auto"``: assembly 1 where the file states it.
    model : int, optional
        Number of the model, as in the file; else the first.

    Returns
    -------
    Structure
        With `coords` (N, 3) in angstrom and `residues` (N,).

    Raises
    ------
    Error
        At stage ``parse``: ``unreadable``, ``empty``, ``not_a_structure``, ``no_nodes``,
        ``no_chain``, ``nothing_selected``, ``no_assembly`` and others; of code ``request`` where
        an argument means nothing.
    """
    if isinstance(chains, str):
        chains = [chains]
    chosen = settings(nodes=nodes, chains=chains, selection=selection, assembly=assembly,
                      file_model=model)
    coords, columns, header = _binding.read_structure(os.fspath(path), chosen)
    return Structure(coords, _table(columns), header)


def _table(columns: dict) -> np.ndarray:
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    table = np.empty(len(arrays["number"]), [(name, a.dtype) for name, a in arrays.items()])
    for name, array in arrays.items():
        table[name] = array
    return table


def _coordinates(values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"coordinates are real numbers, not {array.dtype} (of {type(values).__name__})")
    if array.ndim != 2 or array.shape[1] != 3:
        raise Error(f"coordinates have the shape (N, 3), x y z of each node, not {array.shape}",
                    "network", "bad_shape")
    return array


def _c_alphas(coords: np.ndarray, names: Any, residue_names: Any, altlocs: Any,
              **others: Any) -> Structure:
    """Of atoms, by columns, those that the rule takes; all of them where they have no names. A
    column of None is one that is not there."""
    count = len(coords)

    def texts(column: Any) -> list[str]:
        return [""] * count if column is None else [str(text).strip("\0 ") for text in column]

    if names is None or residue_names is None:
        chosen = np.arange(count)
    else:
        chosen = _binding.prody_nodes(texts(names), texts(residue_names), texts(altlocs))
        if not len(chosen):
            raise Error(f"none of {count} atoms is a C-alpha that ProDy's selection calpha takes",
                        "parse", "no_nodes")
    numbers, b_factors = others.pop("number"), others.pop("b_factor")
    columns = {"chain": texts(others.pop("chain")),
               "number": np.full(count, NO_NUMBER) if numbers is None
               else np.asarray(numbers, np.int64),
               "insertion": texts(others.pop("insertion")), "name": texts(residue_names),
               "atom": texts(names),
               "b_factor": np.full(count, np.nan) if b_factors is None
               else np.asarray(b_factors, float)}
    table = _table(columns)
    return Structure(_coordinates(coords)[chosen], table[chosen], others)


def _of_prody(atoms: Any) -> Structure:
    coords = atoms.getCoords()
    if coords is None:
        raise Error("the atoms have no coordinates", "parse", "no_nodes")
    return _c_alphas(coords, atoms.getNames(), atoms.getResnames(), atoms.getAltlocs(),
                     chain=atoms.getChids(), number=atoms.getResnums(),
                     insertion=atoms.getIcodes(), b_factor=atoms.getBetas(), id=str(atoms))


def _of_mdanalysis(atoms: Any) -> Structure:
    atoms = atoms.atoms  # of a Universe, and of an AtomGroup itself

    def column(*names: str) -> Any:
        # What a topology lacks raises a kind of AttributeError.
        return next((getattr(atoms, name) for name in names if hasattr(atoms, name)), None)

    return _c_alphas(atoms.positions, column("names"), column("resnames"), column("altLocs"),
                     chain=column("chainIDs", "segids"), number=column("resids"),
                     insertion=column("icodes"), b_factor=column("tempfactors", "bfactors"))


def _of_biotite(atoms: Any) -> Structure:
    if np.ndim(atoms.coord) != 2:
        raise Error("a stack has several models: choose one, such as stack[0]", "parse", "bad_shape")

    def column(name: str) -> Any:
        return getattr(atoms, name, None)

    return _c_alphas(atoms.coord, atoms.atom_name, atoms.res_name, column("altloc_id"),
                     chain=column("chain_id"), number=column("res_id"),
                     insertion=column("ins_code"), b_factor=column("b_factor"))


def _of_gemmi(structure: Any) -> Structure:
    model = structure[0] if hasattr(structure, "spacegroup_hm") else structure
    rows = [(atom.pos.tolist(), atom.name, residue.name, atom.altloc, chain.name,
             NO_NUMBER if residue.seqid.num is None else residue.seqid.num, residue.seqid.icode,
             atom.b_iso)
            for chain in model for residue in chain for atom in residue]
    if not rows:
        raise Error("the model has no atoms", "parse", "no_nodes")
    coords, names, residue_names, altlocs, chains, numbers, insertions, b_factors = zip(*rows)
    return _c_alphas(np.array(coords), names, residue_names, altlocs, chain=chains, number=numbers,
                     insertion=insertions, b_factor=b_factors,
                     id=getattr(structure, "name", None))


def nodes_of(source: Any) -> Structure:
    """The nodes of what somebody holds, told apart by what it has, so that none of the packages
    that it may come from is needed."""
    if isinstance(source, Structure):
        return source
    if isinstance(source, (str, Path)) or hasattr(source, "__fspath__"):
        return read_structure(source)
    if hasattr(source, "getCoords") and hasattr(source, "getResnames"):
        return _of_prody(source)
    if hasattr(source, "atoms") and hasattr(source.atoms, "positions"):
        return _of_mdanalysis(source)
    if hasattr(source, "coord") and hasattr(source, "res_name"):
        return _of_biotite(source)
    if hasattr(source, "spacegroup_hm") or hasattr(source, "subchains"):
        return _of_gemmi(source)
    return Structure(_coordinates(source))
