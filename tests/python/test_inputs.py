# SPDX-License-Identifier: MIT
"""Whatever people hold coordinates in, and what cannot be solved."""
import sys
import types

import numpy as np
import pytest
from conftest import DEMO, UBIQUITIN, helix

import modesweep

TRYPSIN = DEMO / "trypsin"


@pytest.fixture
def expected(ubiquitin):
    return modesweep.anm(ubiquitin.coords)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "g", "f2"])
def test_every_float(dtype, ubiquitin):
    coords = ubiquitin.coords.astype(dtype)
    modes = modesweep.anm(coords)
    as_double = modesweep.anm(coords.astype(float))
    np.testing.assert_array_equal(modes.eigenvalues, as_double.eigenvalues)


def test_every_stride(ubiquitin, expected):
    coords = ubiquitin.coords
    wide = np.zeros((2 * len(coords), 6))
    wide[::2, ::2] = coords
    for view in (wide[::2, ::2], np.asfortranarray(coords), coords[::-1][::-1], coords.tolist(),
                 tuple(map(tuple, coords))):
        np.testing.assert_array_equal(modesweep.anm(view).eigenvalues, expected.eigenvalues)
    readonly = coords.copy()
    readonly.flags.writeable = False
    np.testing.assert_array_equal(modesweep.anm(readonly).eigenvalues, expected.eigenvalues)


def test_integers():
    coords = np.round(10 * helix(30)).astype(int)
    np.testing.assert_array_equal(modesweep.anm(coords, cutoff=150).eigenvalues,
                                  modesweep.anm(coords.astype(float), cutoff=150).eigenvalues)


def test_files(ubiquitin, expected):
    for path in (UBIQUITIN, str(UBIQUITIN), ubiquitin):
        modes = modesweep.anm(path)
        np.testing.assert_array_equal(modes.eigenvalues, expected.eigenvalues)
        assert modes.title == "1UBI" and modes.residues["name"][0] == "MET"


def test_prody(prody, expected):
    atoms = prody.parsePDB(str(UBIQUITIN))
    for held in (atoms, atoms.select("protein"), atoms.select("calpha"), atoms["A"]):
        modes = modesweep.anm(held)
        np.testing.assert_array_equal(modes.eigenvalues, expected.eigenvalues)
        assert modes.residues["chain"][0] == "A" and modes.residues["number"][-1] == 76
    bare = prody.AtomGroup("bare")
    with pytest.raises(modesweep.Error) as caught:
        modesweep.anm(bare)
    assert caught.value.code == "no_nodes"
    bare.setCoords(expected.coords)
    np.testing.assert_array_equal(modesweep.anm(bare).eigenvalues, expected.eigenvalues)
    with pytest.raises(modesweep.Error, match="C-alpha"):
        modesweep.anm(atoms.select("water"))


def test_alternate_locations_follow_the_rule(prody):
    """Of ProDy's atoms, all of them, the nodes are those of the file."""
    for path in sorted(TRYPSIN.glob("*.gz"))[:8]:
        atoms = prody.parsePDB(str(path), altloc="all")
        np.testing.assert_array_equal(modesweep.anm(atoms).coords,
                                      modesweep.read_structure(path).coords)


def unzipped(tmp_path):
    import gzip
    path = tmp_path / "1ubi.pdb"
    path.write_bytes(gzip.decompress(UBIQUITIN.read_bytes()))
    return path


@pytest.mark.filterwarnings("ignore")
def test_mdanalysis(tmp_path, expected):
    mdanalysis = pytest.importorskip("MDAnalysis", reason="python3-mdanalysis is not here")
    universe = mdanalysis.Universe(str(unzipped(tmp_path)))
    for held in (universe, universe.atoms, universe.select_atoms("protein")):
        modes = modesweep.anm(held)
        # Its positions are of single precision.
        np.testing.assert_allclose(modes.eigenvalues, expected.eigenvalues, rtol=1e-5)
        assert modes.residues["name"][0] == "MET" and modes.residues["number"][-1] == 76
        assert modes.residues["chain"][0] == "A"
        assert modes.residues["b_factor"][0] == pytest.approx(9.67, abs=20)


def test_gemmi(tmp_path, expected):
    gemmi = pytest.importorskip("gemmi", reason="python3-gemmi is not here")
    structure = gemmi.read_structure(str(unzipped(tmp_path)))
    for held in (structure, structure[0]):
        modes = modesweep.anm(held)
        np.testing.assert_array_equal(modes.eigenvalues, expected.eigenvalues)
        assert modes.residues["chain"][0] == "A" and modes.residues["insertion"][0] == ""
    with pytest.raises(modesweep.Error, match="no atoms"):
        modesweep.anm(gemmi.Model("1"))


def biotite_array(structure):
    """A double of Biotite's AtomArray, which Debian has no package of: the annotations that
    `biotite.structure.AtomArray` has as attributes, with a side chain's atom after each C-alpha."""
    count = len(structure)
    array = types.SimpleNamespace()
    array.coord = np.repeat(structure.coords, 2, axis=0).astype(np.float32)
    array.coord[1::2] += 1
    array.atom_name = np.array(["CA", "CB"] * count)
    for ours, theirs in (("name", "res_name"), ("chain", "chain_id"), ("number", "res_id"),
                         ("insertion", "ins_code")):
        setattr(array, theirs, np.repeat(structure.residues[ours], 2))
    array.hetero = np.zeros(2 * count, bool)
    return array


def test_biotite(ubiquitin, expected):
    array = biotite_array(ubiquitin)
    modes = modesweep.anm(array)
    assert len(modes.coords) == 76 and modes.residues["number"][-1] == 76
    np.testing.assert_allclose(modes.eigenvalues, expected.eigenvalues, rtol=1e-5)
    assert np.isnan(modes.residues["b_factor"]).all()
    array.coord = array.coord[np.newaxis]
    with pytest.raises(modesweep.Error, match="stack"):
        modesweep.anm(array)


def code_of(call, *arguments, **options):
    with pytest.raises(modesweep.Error) as caught:
        call(*arguments, **options)
    assert str(caught.value)
    return caught.value.stage, caught.value.code


def test_what_cannot_be_solved():
    coords = helix(30)
    assert code_of(modesweep.anm, np.empty((0, 3))) == ("network", "no_nodes")
    assert code_of(modesweep.anm, np.where(coords == coords[3], np.nan, coords)) == (
        "network", "bad_coordinates")
    assert code_of(modesweep.anm, coords * np.inf) == ("network", "bad_coordinates")
    for wrong in (coords.ravel(), coords[:, :2], coords[np.newaxis], [], 1.0):
        assert code_of(modesweep.anm, wrong) == ("network", "bad_shape")
    assert code_of(modesweep.anm, [[0, 0, 0], [0, 0, 0], [1, 0, 0]]) == (
        "network", "coincident_nodes")
    assert code_of(modesweep.anm, coords, cutoff=0) == ("network", "bad_parameter")
    assert code_of(modesweep.anm, coords, gamma=float("nan")) == ("network", "bad_parameter")
    assert code_of(modesweep.anm, coords, n_modes=0) == ("solve", "bad_parameter")
    assert code_of(modesweep.anm, coords, solver="magic") == (None, "request")
    assert code_of(modesweep.anm, coords, solver="jacobi") == ("solve", "no_device")
    assert code_of(modesweep.anm, "no/such/file.pdb") == ("parse", "unreadable")


def test_two_nodes_have_the_one_mode_that_they_have():
    modes = modesweep.anm([[0, 0, 0], [3.8, 0, 0]])
    np.testing.assert_allclose(modes.eigenvalues, [2])
    assert modes.zero_modes == 5
    np.testing.assert_allclose(np.abs(modes.mode(1)), [[0.5 ** 0.5, 0, 0]] * 2, atol=1e-12)


def test_one_node_has_no_mode():
    assert len(modesweep.anm([[0, 0, 0]])) == 0


@pytest.mark.parametrize("wrong", [None, object(), {"a": 1}, np.array(["a"]), [["a", "b", "c"]],
                                   np.zeros((4, 3), complex)])
def test_what_holds_no_coordinates_is_a_type_error(wrong):
    with pytest.raises(TypeError):
        modesweep.anm(wrong)


def test_no_other_package_is_imported(ubiquitin):
    from conftest import in_process
    code = ("import sys, modesweep; modesweep.anm([[0, 0, 0], [3.8, 0, 0], [3, 3, 0]])\n"
            "print(sorted({'prody', 'pandas', 'MDAnalysis', 'gemmi', 'scipy', 'tqdm'} "
            "& set(sys.modules)))")
    result = in_process(code)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr
    assert sys.version_info >= (3, 9)
