# SPDX-License-Identifier: MIT
"""What the program does, as calls: rank, search, fetch, compare."""
from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, Iterable, Optional, Sequence, Union

import numpy as np

from . import _binding
from ._errors import Error
from ._nodes import settings
from ._progress import bar

_log = logging.getLogger("modesweep")

Entry = Union[str, os.PathLike]


class Rows(list):
    """A ranking without pandas: a dict a row, and ``attrs["left_out"]`` as a DataFrame has it."""

    def __init__(self, rows: list[dict], attrs: dict):
        super().__init__(rows)
        self.attrs = attrs


def _run(task: Any, progress: bool, what: str) -> Any:
    """What the task gives. Ctrl-C is heard while it works, and ends it."""
    shown = bar(progress, None, what)
    try:
        over = False
        while not over:
            over = task.wait(0.1)
            shown.n, total = task.progress()
            shown.total = total or None
            shown.refresh()
            for level, text in task.messages():
                _log.log(level, text)
        return task.result()
    finally:
        task.cancel()
        shown.close()


def _access(offline: bool, download_url: Union[str, Sequence[str], None] = None,
            **others: Optional[str]) -> dict[str, list[str]]:
    """How files and services are reached, with the program's environment variables."""
    access = {"mirrors": [folder for folder in os.environ.get("PDB_DIR", "").split(":") if folder],
              "email": [os.environ.get("EMAIL", "")],
              "api_key": [os.environ.get("NCBI_API_KEY", "").strip()]}
    if offline:
        access["offline"] = ["yes"]
    if download_url:
        access["download_url"] = [download_url] if isinstance(download_url, str) \
            else list(download_url)
    return {**access, **{name: [text] for name, text in others.items() if text}}


def _entry(entry: Entry) -> tuple[str, str]:
    """(path, "") or ("", ID). By its form, as in the program: `1UBI` is an entry also where a file
    has that name; a Path is a file in any case."""
    if isinstance(entry, str) and (entry_id := _binding.normal_id(entry)):
        return "", entry_id
    return os.fspath(entry), ""


def rank(entries: Union[Entry, Iterable[Entry]], *, model: str = "anm",
         cutoff: Optional[float] = None, gamma: float = 1.0, n_modes: int = 20,
         nodes: str = "prody", chains: Union[str, Sequence[str], None] = None,
         selection: Optional[str] = None, assembly: Optional[str] = None, by: str = "entry",
         min_residues: Optional[int] = None, core: bool = False, where: str = "", sort: str = "",
         unique: bool = False, top: int = 0, columns: Sequence[str] = (), solver: str = "auto",
         backend: str = "auto", threads: Optional[int] = None, result_cache: bool = True,
         run: Union[str, os.PathLike] = "", offline: bool = False,
         download_url: Union[str, Sequence[str], None] = None, progress: bool = True) -> Any:
    """Rank structures by the fractional variance of their first mode: ``modesweep rank``.

    Parameters
    ----------
    entries : path, entry ID, or iterable of either
        Structure files and folders of them, or PDB IDs such as ``"1UBI"``, whose files come from
        the cache, mirrors (``$PDB_DIR``) and the network. `search` finds IDs.
    model : {"anm", "gnm"}
    cutoff : float, optional
        In angstrom; else 15, and 10 of a GNM.
    gamma, n_modes, nodes, chains, selection, assembly
        As of `anm` and `read_structure`.
    by : {"entry", "chain"}
        "chain": each chain is a network and a row of its own.
    min_residues : int, optional
        Let in all entries of at least so many residues; else those with `n_modes` modes.
    core : bool
        Rank by mode 1 of the network's core, which no loose end can lead.
    where : str
        A condition that rows meet, such as ``"coll1 >= 0.2 and not tail"``.
    sort : str
        Another column to sort by.
    unique : bool
        Of each protein the best entry alone.
    top : int
        So many rows at most; 0: all.
    columns : sequence of str
        Names as ``docs/reference.md`` lists them; else those of the program's tsv.
    solver : str
        "auto" or one that ``modesweep rank --solver`` takes.
    backend : {"auto", "cpu", "cuda"}
        As in the program.
    threads : int, optional
        Else as many as CPUs may be used.
    result_cache : bool
        Whether rows of earlier runs are taken from the cache, and kept there.
    run : path
        Folder that keeps the run: the same call goes on where it stopped.
    offline : bool
        Never open a socket.
    download_url : str or sequence of str, optional
        Where entries come from instead, with ``<ID>`` or ``<id>`` in it.
    progress : bool
        Whether to show a bar, as of `anm_batch`.

    Returns
    -------
    pandas.DataFrame or list of dict
        A row an entry, the first is the best; a list where there is no pandas.
        ``result.attrs["left_out"]`` has a dict for each entry that is not in the ranking: ``id``,
        ``file``, ``stage``, ``code``, ``message``.

    Raises
    ------
    Error
        Of code ``request`` for what cannot be asked for, ``unavailable`` for a service, a file or a
        device that is not there.
    """
    if isinstance(entries, (str, os.PathLike)):
        entries = [entries]
    pairs = [_entry(entry) for entry in entries]
    if not pairs:
        raise Error("there is nothing to rank", None, "request")
    of_files = all(path for path, _ in pairs)
    if not of_files and any(path for path, _ in pairs):
        raise Error("files and entry IDs are ranked in one call each, not both", None, "request")
    if cutoff is None:
        cutoff = _binding.default_cutoff(model.upper())
    if isinstance(chains, str):
        chains = [chains]
    # Numbers need no residuals unless a column shows them: as in the program.
    chosen = settings(model=model.upper(), cutoff=cutoff, gamma=gamma, modes=n_modes, nodes=nodes,
                      chains=chains, selection=selection, assembly=assembly, by=by,
                      min_residues=min_residues, core=core, solver=solver, backend=backend,
                      residuals=False)
    task = _binding.rank("files" if of_files else "ids",
                         [path or entry_id for path, entry_id in pairs], chosen,
                         _access(offline, download_url), where=where, sort=sort, unique=unique,
                         top=top, columns=list(columns), threads=threads or 0,
                         result_cache=result_cache, run=os.fspath(run))
    names, rows, left_out = _run(task, progress, "entries")
    attrs = {"left_out": left_out}
    try:
        import pandas
    except ImportError:
        return Rows(rows, attrs)
    table = pandas.DataFrame(rows, columns=names)
    table.attrs.update(attrs)
    return table


def search(term: str, *, source: str = "ncbi", retmax: Optional[int] = 1000,
           offline: bool = False, url: Optional[str] = None) -> list[str]:
    """Entry IDs that a search finds: ``modesweep search``.

    Parameters
    ----------
    term : str
        As in the service's own field.
    source : {"ncbi", "rcsb"}
        NCBI's protein database, limited to the PDB, or RCSB's search.
    retmax : int or None
        Records to read at most, as the service counts them; None: all.
    offline : bool
        Never open a socket.
    url : str, optional
        Another address of the service.

    Returns
    -------
    list of str
        PDB IDs in normal form, each once, in the order of the service.

    Raises
    ------
    Error
        Of code ``request`` for a term that cannot be searched, ``unavailable`` where the service
        does not answer.

    Notes
    -----
    ``$EMAIL`` and ``$NCBI_API_KEY`` are sent to NCBI, as by the program.
    """
    if not term.strip():
        raise Error("the search term is empty", None, "request")
    task = _binding.search(term, source, retmax, _access(offline, **{f"{source}_url": url}))
    return _run(task, False, "search")


def fetch(ids: Union[str, Iterable[str]], *, file_format: str = "cif", offline: bool = False,
          download_url: Union[str, Sequence[str], None] = None,
          progress: bool = True) -> dict[str, Union[Path, Error]]:
    """Files of entries, downloaded into the cache where they are not there: ``modesweep fetch``.

    Parameters
    ----------
    ids : str or iterable of str
        PDB IDs.
    file_format : {"cif", "bcif", "pdb"}
    offline : bool
        Never open a socket.
    download_url : str or sequence of str, optional
        Where entries come from instead.
    progress : bool
        Whether to show a bar, as of `anm_batch`.

    Returns
    -------
    dict
        Of each ID, in normal form, its file, or the `Error` that stands in its place: stage
        ``download``, code ``not_found``, ``obsolete``, ``offline``, ``connection`` and others.
    """
    wanted = [ids] if isinstance(ids, str) else list(ids)
    task = _binding.fetch(wanted, file_format, _access(offline, download_url))
    return {entry: file if isinstance(file, Error) else Path(file)
            for entry, file in _run(task, progress, "files").items()}


class Comparison:
    """The modes of two structures of one protein against each other: ``modesweep compare``.

    Over the matched residues each mode is the part of its vector that belongs to them, scaled to
    length 1; those of the second are turned as it is laid on the first (Kabsch 1976). Signs being
    arbitrary, overlaps are absolute.

    Attributes
    ----------
    first, second : str
        Names of the entries.
    first_nodes, second_nodes, matched : int
    identity : float
        Of the matched residues, from 0 to 1.
    rmsd : float
        Of the matched residues once superposed, angstrom.
    first_eigenvalues, second_eigenvalues : numpy.ndarray
    overlaps : numpy.ndarray, shape (k, l)
        \\|cosine\\| of each two modes, as ProDy's `calcOverlap`.
    first_deformation, second_deformation : numpy.ndarray
        Overlap of each mode with the step from the first structure to the second; empty where they
        do not differ.
    first_cumulative, second_cumulative : numpy.ndarray
        Length of the part of the step that modes 1 to k span, as ProDy's `calcCumulOverlap`.
    rmsip : float
        Root-mean-square inner product of the modes that both have, from 0 to 1, as ProDy's
        `calcSubspaceOverlap`.
    rmsip10 : float or None
        The same of the first ten.
    """

    first: str
    second: str
    first_nodes: int
    second_nodes: int
    matched: int
    identity: float
    rmsd: float
    first_eigenvalues: np.ndarray
    second_eigenvalues: np.ndarray
    overlaps: np.ndarray
    first_deformation: np.ndarray
    second_deformation: np.ndarray
    first_cumulative: np.ndarray
    second_cumulative: np.ndarray
    rmsip: float
    rmsip10: Optional[float]

    def __init__(self, parts: dict):
        self._table: str = parts.pop("table")
        self.__dict__.update(parts)

    def __str__(self) -> str:
        """The program's table."""
        return self._table

    def __repr__(self) -> str:
        return (f"<modesweep.Comparison: {self.first} and {self.second}, {self.matched} residues, "
                f"RMSD {self.rmsd:.2f}, RMSIP {self.rmsip:.4f}>")


def _named(entry: Union[Entry, tuple[Entry, Union[str, Sequence[str]]]]) -> tuple[str, str, list]:
    chains: Union[str, Sequence[str]] = ()
    if isinstance(entry, tuple):
        entry, chains = entry
    path, entry_id = _entry(entry)
    return path, entry_id, [chains] if isinstance(chains, str) else sorted(chains)


def compare(first: Any, second: Any, *, cutoff: float = 15.0, gamma: float = 1.0,
            n_modes: int = 20, nodes: str = "prody", solver: str = "auto",
            threads: Optional[int] = None, offline: bool = False,
            download_url: Union[str, Sequence[str], None] = None) -> Comparison:
    """Compare the modes of two structures of one protein, and the step between them.

    Parameters
    ----------
    first, second : path, entry ID, or (either, chains)
        Such as ``("6ldh.pdb", "A")``.
    cutoff, gamma, n_modes, nodes, solver, threads
        As of `anm` and `read_structure`.
    offline, download_url
        As of `fetch`.

    Returns
    -------
    Comparison

    Raises
    ------
    Error
        Of the structure that has no modes, and at stage ``rank``, code ``no_match``, where the two
        do not match.
    """
    chosen = settings(cutoff=cutoff, gamma=gamma, modes=n_modes, nodes=nodes, solver=solver)
    task = _binding.compare(_named(first), _named(second), chosen, threads or 0,
                            _access(offline, download_url))
    parts = _run(task, False, "compare")
    if isinstance(parts, Error):
        raise parts
    return Comparison(parts)


def info() -> dict[str, Any]:
    """What to put into a bug report, and what may be used: ``modesweep info``.

    Returns
    -------
    dict
        ``version``, ``method_version``, ``cpu``, ``cpus`` and ``memory`` (bytes) that may be used,
        ``isa``, ``blas``, ``cache``, ``cuda`` (whether this build has the CUDA part), ``devices``,
        ``no_devices`` (why there are none).
    """
    return _binding.info()
