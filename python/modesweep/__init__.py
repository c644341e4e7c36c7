# SPDX-License-Identifier: MIT
"""Normal modes of elastic networks of proteins, with ProDy's numbers.

>>> import modesweep
>>> modes = modesweep.anm("1ubi.pdb")      # or an array (N, 3), or what ProDy, MDAnalysis,
>>> modes.fractions[0]                     # Biotite and gemmi read
"""
from . import _binding

# Where the main interpreter has imported the module before, its own check is not run again.
_binding.check_interpreter()

from ._errors import Error
from ._jobs import Comparison, Rows, compare, fetch, info, rank, search
from ._modes import Core, Modes
from ._nodes import Structure, read_structure
from ._solve import anm, anm_batch, gnm, gnm_batch

__version__: str = _binding.version
__all__ = ["Comparison", "Core", "Error", "Modes", "Rows", "Structure", "anm", "anm_batch",
           "compare", "fetch", "gnm", "gnm_batch", "info", "rank", "read_structure", "search"]
