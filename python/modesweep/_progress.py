# SPDX-License-Identifier: MIT
"""Bars of progress, where tqdm is installed and somebody looks."""
from __future__ import annotations

import sys
from typing import Any, Optional


class _NoBar:
    """Instead of a bar where there is none."""

    n = 0
    total: Optional[int] = None

    def update(self, count: int = 1) -> None:
        pass

    def refresh(self) -> None:
        pass

    def close(self) -> None:
        pass


def bar(wanted: bool, total: Optional[int], what: str) -> Any:
    """On a terminal and in a notebook; elsewhere nothing is shown."""
    if not wanted:
        return _NoBar()
    try:
        # The bar of text works in notebooks too, and needs no widgets.
        from tqdm import tqdm
    except ImportError:
        return _NoBar()
    in_notebook = "ipykernel" in sys.modules
    return tqdm(total=total, desc=what, unit="", disable=False if in_notebook else None)
