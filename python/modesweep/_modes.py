# SPDX-License-Identifier: MIT
"""The modes of one structure."""
from __future__ import annotations

from functools import cached_property
from html import escape
from typing import Any, Callable, Optional

import numpy as np

from . import _binding
from ._errors import Error
from ._nodes import NO_NUMBER, Structure


class Core:
    """The core of an ANM, which stands by itself, without loose ends.

    It is the largest set of nodes of which each has 20 contacts within 15 angstrom in the set (a
    k-core: Seidman, Soc. Networks 5:269, 1983), and the linkers that join parts of it in a chain.

    Attributes
    ----------
    nodes : numpy.ndarray of int
        Places of its nodes among those of the network, ascending, from 0.
    linkers : int
        How many of them are of linkers.
    coreless : bool
        Whether the core without linkers has less than half of the nodes: then it says little.
    outside1 : float or None
        The part of mode 1 of the whole network that moves what is not of the core, from 0 to 1:
        more than 0.5 is a loose end, the note ``tail`` of the program.
    """

    def __init__(self, parts: dict, solve: Callable[[np.ndarray], "Modes"]):
        self.nodes: np.ndarray = parts["nodes"]
        self.linkers: int = parts["linkers"]
        self.coreless: bool = parts["coreless"]
        self.outside1: Optional[float] = parts["outside1"]
        self._solve = solve

    @cached_property
    def modes(self) -> "Modes":
        """Modes of the network of its nodes alone; solved when it is asked for first.

        Raises
        ------
        Error
            At stage ``rank``, code ``coreless``, where there is no node.
        """
        if not len(self.nodes):
            raise Error("the network has no core", "rank", "coreless")
        return self._solve(self.nodes)

    def __repr__(self) -> str:
        return f"<modesweep.Core: {len(self.nodes)} nodes, {self.linkers} of linkers>"


class Modes:
    """The softest non-zero modes of an elastic network, the softest first.

    With N nodes and k modes:

    Attributes
    ----------
    eigenvalues : numpy.ndarray, shape (k,)
        Ascending, in the unit of gamma.
    eigenvectors : numpy.ndarray, shape (3N, k), or of a GNM (N, k)
        Of length 1, x y z of each node; the component of the largest absolute value is positive.
        The solver's own memory, in Fortran's order. None where they were not asked for.
    fractions : numpy.ndarray, shape (k,)
        Share of each mode in the variance of these modes, not of all motion, as ProDy's
        `calcFractVariance`. The first is ``fv1`` of a ranking.
    sq_flucts : numpy.ndarray, shape (N,)
        Square fluctuation of each node over these modes, in k_B T over the unit of gamma, as
        ProDy's `calcSqFlucts`.
    square_amplitudes : numpy.ndarray, shape (N,)
        Squared length of mode 1 at each node; they sum to 1.
    residuals : numpy.ndarray, shape (k,)
        \\|H x - lambda x\\| over a bound of the largest eigenvalue.
    zero_modes : int
        Eigenvalues below 1e-6 gamma: six for each connected component, or of a GNM one, and more
        where something hangs loose.
    uncertain_zero : bool
        Whether an eigenvalue lies within its error of that border.
    coords : numpy.ndarray, shape (N, 3)
        Of the nodes, in angstrom.
    residues : numpy.ndarray, shape (N,), or None
        As `Structure` has it.
    model : str
        ``"ANM"`` or ``"GNM"``.
    cutoff, gamma : float
        Angstrom; spring constant.
    solver : str
        Which solver gave them.
    seconds : float
        That it took.
    """

    eigenvalues: np.ndarray
    eigenvectors: np.ndarray
    fractions: np.ndarray
    sq_flucts: np.ndarray
    square_amplitudes: np.ndarray
    residuals: np.ndarray
    first_collectivities: np.ndarray
    zero_modes: int
    uncertain_zero: bool
    solver: str
    seconds: float

    def __init__(self, parts: dict, nodes: Structure, problem: dict):
        self.__dict__.update(parts)
        self.coords = nodes.coords
        self.residues = nodes.residues
        self.title: Optional[str] = nodes.header.get("id")
        self._problem = problem
        self.model: str = problem["model"]
        self.cutoff: float = problem["cutoff"]
        self.gamma: float = problem["gamma"]

    @property
    def _axes(self) -> int:
        return 1 if self.model == "GNM" else 3

    @cached_property
    def collectivity(self) -> np.ndarray:
        """Of each mode, from 1/N (one node moves) to 1 (all do), shape (k,); as ProDy's
        `calcCollectivity` (Bruschweiler, J. Chem. Phys. 102:3396, 1995). Without vectors of modes
        1 to 3."""
        if self.eigenvectors is None:
            return self.first_collectivities
        return _binding.collectivities(self.eigenvectors, self._axes)

    @property
    def degenerate(self) -> list[tuple[int, int]]:
        """First and last mode, from 1, of each group whose eigenvalues are the same: only the
        space that such modes span has a meaning."""
        return _binding.degenerate(self.eigenvalues)

    def _vectors(self) -> np.ndarray:
        if self.eigenvectors is None:
            raise Error("the modes were computed without vectors", None, "request")
        return self.eigenvectors

    def mode(self, number: int) -> np.ndarray:
        """Displacements in one mode, a view of shape (N, 3), or of a GNM (N,).

        Parameters
        ----------
        number : int
            From 1, the softest.
        """
        if not 1 <= number <= len(self):
            raise IndexError(f"there are modes 1 to {len(self)}, no mode {number}")
        vector = self._vectors()[:, number - 1]
        return vector if self.model == "GNM" else vector.reshape(-1, 3)

    @cached_property
    def core(self) -> Core:
        """The `Core` of an ANM. Chains are those of `residues`; of coordinates alone all nodes are
        of one.

        Raises
        ------
        Error
            Of code ``request`` for a GNM, which has none.
        """
        if self.model == "GNM":
            raise Error("the core is one of an ANM, not of a GNM", None, "request")
        count = len(self.coords)
        chains = (np.zeros(count, int) if self.residues is None
                  else np.unique(self.residues["chain"], return_inverse=True)[1])
        parts = _binding.core(self.coords, chains.tolist(), self.square_amplitudes.tolist())
        return Core(parts, self._of_nodes)

    def _of_nodes(self, nodes: np.ndarray) -> "Modes":
        chosen = Structure(self.coords[nodes],
                           None if self.residues is None else self.residues[nodes])
        return solve_nodes(chosen, self._problem)

    def to_prody(self, atoms: Any = None) -> Any:
        """The same modes as ProDy's `ANM` or `GNM`, for its plots, writers and comparisons.

        Parameters
        ----------
        atoms : prody.Atomic, optional
            What the modes are of; gives its title. It must have as many atoms as there are nodes.

        Returns
        -------
        prody.ANM or prody.GNM
            Its eigenvectors are a copy.
        """
        import prody
        if atoms is not None and len(atoms) != len(self.coords):
            raise Error(f"the modes are of {len(self.coords)} nodes, not of {len(atoms)} atoms",
                        None, "request")
        title = self.title if atoms is None else atoms.getTitle()
        model = getattr(prody, self.model)(title or "modesweep")
        model.setEigens(np.ascontiguousarray(self._vectors()), self.eigenvalues)
        return model

    def to_pandas(self, of: str = "modes") -> Any:
        """A pandas.DataFrame.

        Parameters
        ----------
        of : {"modes", "residues"}
            A row a mode, with its number as index: ``eigenvalue``, ``fraction``, ``cumulative``,
            ``collectivity``, ``residual``. Or a row a node: the columns of `residues`, and
            ``sq_fluct``, ``square_amplitude``.
        """
        import pandas
        if of == "modes":
            return pandas.DataFrame(
                {"eigenvalue": self.eigenvalues, "fraction": self.fractions,
                 "cumulative": np.cumsum(self.fractions), "collectivity": np.pad(
                     self.collectivity, (0, len(self) - len(self.collectivity)),
                     constant_values=np.nan),
                 "residual": self.residuals},
                index=pandas.RangeIndex(1, len(self) + 1, name="mode"))
        if of != "residues":
            raise ValueError(f'a table is of "modes" or "residues", not of {of!r}')
        table = pandas.DataFrame({} if self.residues is None else
                                 {name: self.residues[name] for name in self.residues.dtype.names})
        if self.residues is not None:
            numbers = table["number"].astype("Int64")
            table["number"] = numbers.mask(numbers == NO_NUMBER)
        count = len(self.coords)
        for name, values in (("sq_fluct", self.sq_flucts),
                             ("square_amplitude", self.square_amplitudes)):
            table[name] = values if len(values) else np.full(count, np.nan)
        return table

    def __len__(self) -> int:
        return len(self.eigenvalues)

    def __repr__(self) -> str:
        share = f", fv1 {self.fractions[0]:.4f}" if len(self) else ""
        name = f" of {self.title}" if self.title else ""
        return (f"<modesweep.Modes: {self.model}{name}, {len(self.coords)} nodes, "
                f"{len(self)} modes{share}>")

    def _repr_html_(self) -> str:
        """For notebooks: a line of numbers, and the shares as bars."""
        name = escape(self.title) if self.title else self.model
        facts = [f"{self.model}, cutoff {self.cutoff:g} Å", f"{len(self.coords)} nodes",
                 f"{self.zero_modes} zero modes"]
        if len(self):
            facts += [f"fv1 {self.fractions[0]:.4f}", f"coll1 {self.collectivity[0]:.4f}"]
        return (f"<div><b>{name}</b>: {', '.join(facts)}<br>{_spectrum(self.fractions)}</div>")


#: Larger networks take more than a moment: they are solved on threads of their own, all of those
#: that may be used, while this one hears signals.
LARGE = 1500


def solve_nodes(nodes: Structure, problem: dict, threads: Optional[int] = None) -> Modes:
    """The modes of these nodes. `problem` has the model, cutoff, gamma, modes and solver."""
    if len(nodes) < LARGE:
        return Modes(_binding.solve(nodes.coords, threads=threads or 1, **problem), nodes, problem)
    batch = _binding.Batch(threads=threads or 0, **problem)
    try:
        batch.submit(nodes.coords)
        solved = None
        while solved is None:
            solved = batch.next(0.1)
    finally:
        batch.close()
    parts = solved[1]
    if isinstance(parts, Error):
        raise parts
    return Modes(parts, nodes, problem)


def _spectrum(fractions: np.ndarray) -> str:
    """Bars of the first forty shares, as SVG: whoever points at one is told its number."""
    height, width, gap = 60, 12, 2
    shown = fractions[:40]
    if not len(shown):
        return "no non-zero mode"
    bars = []
    for k, share in enumerate(shown):
        tall = max(1.0, height * share / shown.max())
        bars.append(f'<rect x="{k * (width + gap)}" y="{height - tall:.1f}" width="{width}" '
                    f'height="{tall:.1f}" fill="#4477aa"><title>mode {k + 1}: {share:.4f}</title>'
                    "</rect>")
    total = len(shown) * (width + gap)
    return (f'<svg width="{total}" height="{height + 14}" role="img" aria-label="shares of modes">'
            f'{"".join(bars)}<text x="0" y="{height + 12}" font-size="11" fill="currentColor">'
            f"share of modes 1 to {len(shown)}</text></svg>")
