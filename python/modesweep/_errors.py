# SPDX-License-Identifier: MIT
"""The one exception of the package."""
from __future__ import annotations

from typing import Optional


class Error(Exception):
    """Why there is no result.

    Of one structure, for instance of a batch or a search, it is a value among the others; of a
    call that has no other result it is raised.

    Attributes
    ----------
    stage : str or None
        Where a structure left the way from a file to modes: ``"search"``, ``"download"``,
        ``"parse"``, ``"network"``, ``"solve"``, ``"rank"``; None of what ends a whole call.
    code : str
        A short stable word, such as ``"coincident_nodes"``, ``"no_nodes"``, ``"bad_coordinates"``;
        where `stage` is None ``"request"``, ``"unavailable"``, ``"output"``, ``"forked"``.
    """

    def __init__(self, message: str, stage: Optional[str], code: str):
        super().__init__(message)
        self.stage = stage
        self.code = code

    def __reduce__(self):
        return type(self), (str(self), self.stage, self.code)
