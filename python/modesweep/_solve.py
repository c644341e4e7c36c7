# SPDX-License-Identifier: MIT
"""From coordinates to modes: one structure, and many."""
from __future__ import annotations

from collections.abc import Sized
from typing import Any, Iterable, Iterator, Optional, Union

from . import _binding
from ._errors import Error
from ._modes import Modes, solve_nodes
from ._nodes import Structure, nodes_of
from ._progress import bar


def _problem(model: str, coords_or_nodes: Any, cutoff: float, gamma: float,
             n_modes: Optional[int], solver: str, vectors: bool) -> dict:
    axes = 1 if model == "GNM" else 3
    if n_modes is None:
        if coords_or_nodes is None:
            raise Error("of a batch the number of modes has to be given", None, "request")
        n_modes = max(1, axes * len(coords_or_nodes))
    if n_modes < 1:
        raise Error(f"one mode at least is to be computed, not {n_modes}", "solve", "bad_parameter")
    return {"model": model, "cutoff": float(cutoff), "gamma": float(gamma), "modes": int(n_modes),
            "solver": solver, "vectors": vectors}


def anm(coords: Any, cutoff: float = 15.0, gamma: float = 1.0, n_modes: Optional[int] = 20, *,
        solver: str = "auto", vectors: bool = True, threads: Optional[int] = None) -> Modes:
    """Modes of the anisotropic network model (Atilgan et al., Biophys. J. 80:505, 2001).

    Nodes are joined by a spring where they are within the cutoff, and resist a change of its
    length. The numbers are those of ProDy's ``ANM``.

    Parameters
    ----------
    coords : array_like, shape (N, 3), or what holds atoms
        Positions of the nodes in angstrom, of any real type and stride. Or a `Structure`, the path
        of a structure file, an ``AtomGroup`` or selection of ProDy, an ``AtomGroup`` or
        ``Universe`` of MDAnalysis, an ``AtomArray`` of Biotite, a ``Structure`` or ``Model`` of
        gemmi: of these the C-alphas that ProDy's selection ``calpha`` takes are the nodes, and all
        atoms where they have no names. For other nodes give their positions, such as
        ``atoms.getCoords()``.
    cutoff : float
        In angstrom, inclusive.
    gamma : float
        Spring constant: eigenvalues scale with it.
    n_modes : int or None
        How many non-zero modes, the softest first; None: all. Fewer come back where there are no
        more.
    solver : {"auto", "shift-invert", "filtered", "lapack", "eigen"}
        All on the CPU. "lapack" holds the OpenBLAS of this process to one thread from then on.
    vectors : bool
        Without them less is computed, as in a ranking: `Modes.eigenvectors` is None, and
        `Modes.collectivity` that of modes 1 to 3; shares are exact to 1e-10.
    threads : int, optional
        For this one structure; they change no bit of the result. Else one, and for more than 1,500
        nodes all CPUs that may be used.

    Returns
    -------
    Modes

    Raises
    ------
    Error
        At stage ``network``: ``bad_shape``, ``no_nodes``, ``bad_coordinates`` (not finite),
        ``coincident_nodes``, ``bad_parameter``; at stage ``solve``: ``out_of_memory``,
        ``not_converged``, ``too_large``; at stage ``parse`` as `read_structure`.
    TypeError
        For what holds no coordinates.

    Examples
    --------
    >>> modes = modesweep.anm("1ubi.pdb")
    >>> modes.fractions[0]
    """
    nodes = nodes_of(coords)
    return solve_nodes(nodes, _problem("ANM", nodes, cutoff, gamma, n_modes, solver, vectors),
                       threads)


def gnm(coords: Any, cutoff: float = 10.0, gamma: float = 1.0, n_modes: Optional[int] = 20, *,
        solver: str = "auto", vectors: bool = True, threads: Optional[int] = None) -> Modes:
    """Modes of the Gaussian network model (Bahar, Atilgan & Erman, Fold. Des. 2:173, 1997).

    Its motions have no directions: eigenvectors are (N, k). All else is as of `anm`, and two nodes
    may be at one point.
    """
    nodes = nodes_of(coords)
    return solve_nodes(nodes, _problem("GNM", nodes, cutoff, gamma, n_modes, solver, vectors),
                       threads)


Result = Union[Modes, Error]


def _solve_all(structures: Iterable[Any], problem: dict,
               threads: Optional[int]) -> Iterator[tuple[int, Result]]:
    """Numbers and results as they come; structures are asked for only as they are needed."""
    batch = _binding.Batch(threads=threads or 0, **problem)
    waiting: dict[int, tuple[int, Structure]] = {}  # by their numbers in the batch
    ahead = 4 * batch.threads
    remaining = iter(enumerate(structures))
    try:
        more = True
        while more or batch.pending:
            if more and batch.pending < ahead:
                try:
                    number, structure = next(remaining)
                except StopIteration:
                    more = False
                    continue
                try:
                    nodes = nodes_of(structure)
                    waiting[batch.submit(nodes.coords)] = number, nodes
                except Error as error:
                    yield number, error
                continue
            # A tenth of a second at most, so that a signal is heard.
            solved = batch.next(0.1)
            if solved is not None:
                number, nodes = waiting.pop(solved[0])
                parts = solved[1]
                yield number, (parts if isinstance(parts, Error) else Modes(parts, nodes, problem))
    finally:
        batch.close()


def _with_bar(results: Iterator[tuple[int, Result]], total: Optional[int],
              progress: bool) -> Iterator[tuple[int, Result]]:
    shown = bar(progress, total, "modes")
    try:
        for result in results:
            yield result
            shown.update()
    finally:
        shown.close()


def _batch(model: str, structures: Iterable[Any], cutoff: float, gamma: float, n_modes: int,
           solver: str, vectors: bool, threads: Optional[int], progress: bool,
           as_completed: bool) -> Union[list[Result], Iterator[tuple[int, Result]]]:
    problem = _problem(model, None, cutoff, gamma, n_modes, solver, vectors)
    total = len(structures) if isinstance(structures, Sized) else None
    results = _with_bar(_solve_all(structures, problem, threads), total, progress)
    if as_completed:
        return results
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]


def anm_batch(structures: Iterable[Any], cutoff: float = 15.0, gamma: float = 1.0,
              n_modes: int = 20, *, solver: str = "auto", vectors: bool = True,
              threads: Optional[int] = None, progress: bool = True,
              as_completed: bool = False) -> Union[list[Result], Iterator[tuple[int, Result]]]:
    """Modes of many structures, on threads.

    Parameters
    ----------
    structures : iterable
        Each as `anm` takes it. Of an iterator no more are taken at a time than are soon needed.
    cutoff, gamma, n_modes, solver, vectors
        As of `anm`.
    threads : int, optional
        That solve; else as many as CPUs may be used. They change no bit of the results.
    progress : bool
        Whether to show a bar: on a terminal and in a notebook, where tqdm is installed.
    as_completed : bool
        Results as they come, not in order.

    Returns
    -------
    list of Modes or Error
        In the order of `structures`: what fails for one of them is an `Error` in its place. With
        `as_completed` an iterator of pairs (number, Modes or Error), numbers from 0 on.

    Notes
    -----
    Control-C ends it within a second, as KeyboardInterrupt.
    """
    return _batch("ANM", structures, cutoff, gamma, n_modes, solver, vectors, threads, progress,
                  as_completed)


def gnm_batch(structures: Iterable[Any], cutoff: float = 10.0, gamma: float = 1.0,
              n_modes: int = 20, *, solver: str = "auto", vectors: bool = True,
              threads: Optional[int] = None, progress: bool = True,
              as_completed: bool = False) -> Union[list[Result], Iterator[tuple[int, Result]]]:
    """The same as `anm_batch` of Gaussian networks, see `gnm`."""
    return _batch("GNM", structures, cutoff, gamma, n_modes, solver, vectors, threads, progress,
                  as_completed)
