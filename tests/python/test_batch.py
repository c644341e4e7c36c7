# SPDX-License-Identifier: MIT
"""Many structures: order, failures, threads, and what ends it early."""
import threading
import time

import numpy as np
import pytest
from conftest import demo_files, globule, helix

import modesweep


def test_a_list_in_order_with_failures_in_their_places():
    structures = [helix(20 + 7 * i) for i in range(30)]
    structures[3] = np.zeros((5, 3))
    structures[7] = np.zeros((5, 2))
    structures[11] = "no/such/file.pdb"
    results = modesweep.anm_batch(structures, threads=3, progress=False)
    assert len(results) == 30
    for i, result in enumerate(results):
        if i in (3, 7, 11):
            assert isinstance(result, modesweep.Error)
        else:
            alone = modesweep.anm(structures[i])
            np.testing.assert_array_equal(result.eigenvalues, alone.eigenvalues)
            np.testing.assert_array_equal(result.eigenvectors, alone.eigenvectors)
    assert [results[i].code for i in (3, 7, 11)] == ["coincident_nodes", "bad_shape", "unreadable"]


def test_results_as_they_come():
    pairs = modesweep.anm_batch([helix(900), helix(20), helix(30)], threads=2, as_completed=True,
                                progress=False)
    found = dict(pairs)
    assert sorted(found) == [0, 1, 2] and len(found[0].coords) == 900


def test_an_iterator_is_taken_from_as_it_is_needed():
    taken = []

    def endless():
        while True:
            taken.append(len(taken))
            yield helix(20)

    results = modesweep.anm_batch(endless(), threads=2, as_completed=True, progress=False)
    assert next(results)[0] in range(8)
    assert len(taken) <= 9
    results.close()


def test_files_and_gnm():
    paths = demo_files()[:5]
    for path, modes in zip(paths, modesweep.gnm_batch(paths, threads=2, n_modes=4, progress=False)):
        assert modes.model == "GNM" and len(modes) == 4
        np.testing.assert_array_equal(modes.eigenvalues,
                                      modesweep.gnm(path, n_modes=4).eigenvalues)


def test_nothing_to_do():
    assert modesweep.anm_batch([], progress=False) == []


def test_what_the_iterator_raises_ends_the_batch():
    def broken():
        yield helix(30)
        raise OSError("of the iterator")

    with pytest.raises(OSError, match="of the iterator"):
        modesweep.anm_batch(broken(), progress=False)


def test_all_modes_of_a_batch_are_refused():
    with pytest.raises(modesweep.Error):
        modesweep.anm_batch([helix(30)], n_modes=None)


def test_python_goes_on_while_a_structure_is_solved():
    """Without the GIL: the counter would stand still, but for what fits between two bytecodes."""
    counted = 0
    finished = threading.Event()

    def solve():
        modesweep.anm(globule(1400), threads=1)
        finished.set()

    worker = threading.Thread(target=solve)
    worker.start()
    while not finished.is_set():
        counted += 1
        time.sleep(0)
    worker.join()
    assert counted > 100


def test_threads_of_python_may_solve_at_once():
    """Each gets the numbers of its own structure."""
    coords = [globule(400 + i, seed=i) for i in range(6)]
    results = [None] * 6

    def solve(i):
        results[i] = modesweep.anm(coords[i])

    workers = [threading.Thread(target=solve, args=(i,)) for i in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for modes, points in zip(results, coords):
        np.testing.assert_array_equal(modes.eigenvalues, modesweep.anm(points).eigenvalues)
