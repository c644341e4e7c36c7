# SPDX-License-Identifier: MIT
"""The tutorial notebook: made from its script, and executed."""
import os
import subprocess
import sys

import pytest
from conftest import SOURCE

SCRIPT = SOURCE / "docs/python_tutorial.py"
NOTEBOOK = SOURCE / "docs/python_tutorial.ipynb"


def test_the_notebook_is_made_from_the_script(tmp_path):
    made = tmp_path / "made.ipynb"
    subprocess.run([sys.executable, SOURCE / "tools/make-notebook", SCRIPT, made], check=True)
    assert made.read_text(encoding="utf-8") == NOTEBOOK.read_text(encoding="utf-8"), (
        "bring it up to date: tools/make-notebook docs/python_tutorial.py "
        "docs/python_tutorial.ipynb")


def test_the_script_runs():
    """Also where there is no Jupyter."""
    pytest.importorskip("matplotlib", reason="python3-matplotlib is not here")
    pytest.importorskip("pandas", reason="python3-pandas is not here")
    result = subprocess.run([sys.executable, SCRIPT], cwd=SOURCE, capture_output=True, text=True,
                            env=dict(os.environ, MPLBACKEND="Agg"), check=False)
    assert result.returncode == 0, result.stderr
    assert "share of mode 1: 0.6460" in result.stdout and "RMSIP" in result.stdout


def test_the_notebook_is_executed(tmp_path):
    nbconvert = pytest.importorskip("nbconvert.preprocessors", reason="python3-nbconvert is not here")
    pytest.importorskip("ipykernel", reason="python3-ipykernel is not here")
    nbformat = pytest.importorskip("nbformat", reason="python3-nbformat is not here")
    pytest.importorskip("pandas", reason="python3-pandas is not here")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbconvert.ExecutePreprocessor(timeout=120).preprocess(notebook,
                                                          {"metadata": {"path": str(SOURCE)}})
    outputs = [output for cell in notebook.cells if cell.cell_type == "code"
               for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
    assert any("<svg" in output.get("data", {}).get("text/html", "") for output in outputs)
    where = os.environ.get("MODESWEEP_NOTEBOOK_OUT")
    nbformat.write(notebook, where or tmp_path / "executed.ipynb")
