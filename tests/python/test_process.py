# SPDX-License-Identifier: MIT
"""The process around it: memory, Ctrl-C, fork, sub-interpreters."""
import multiprocessing
import os
import resource
import sys

import numpy as np
import pytest
from conftest import SOURCE, UBIQUITIN, helix, in_process

import modesweep


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_memory_does_not_grow():
    coords = helix(12)
    for _ in range(1000):
        modesweep.anm(coords).core
    before = resident()
    for _ in range(10_000):
        modesweep.anm(coords).core
    # One eigenvector array each, 6 KB, would be 58 MB.
    assert resident() - before < 4e6


def test_memory_of_batches_and_errors_does_not_grow():
    structures = [helix(12), np.zeros((3, 3))] * 50

    def run():
        modesweep.anm_batch(structures, threads=2, progress=False)

    for _ in range(10):
        run()
    before = resident()
    for _ in range(60):
        run()
    assert resident() - before < 8e6


INTERRUPT = """
import os, signal, sys, threading, time
sys.path.insert(0, {tests!r})
from conftest import globule, helix
import modesweep
started = threading.Event()
def interrupt():
    started.wait()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
def forever():
    started.set()
    while True:
        yield {structure}
try:
    {call}
except KeyboardInterrupt:
    print("interrupted,", len(modesweep.anm(helix(40))), "modes")
"""


@pytest.mark.parametrize("structure, call", [
    ("helix(300)", "modesweep.anm_batch(forever(), progress=False)"),
    ("globule(4000)", "modesweep.anm_batch(forever(), progress=False, threads=1)"),
    ("0", "next(forever()); modesweep.anm(globule(40_000), n_modes=20)"),
], ids=["batch", "batch of large ones", "one large one"])
def test_interrupt_leaves_the_interpreter_usable(structure, call):
    tests = str(SOURCE / "tests/python")
    result = in_process(INTERRUPT.format(tests=tests, structure=structure, call=call))
    assert result.stdout.strip() == "interrupted, 20 modes", result.stdout + result.stderr


def in_child(work):
    """The exit status of a forked child that calls it; a hang is ended by an alarm."""
    import signal
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(60)
            status = 0 if work() else 1
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def test_a_forked_process_solves():
    modesweep.anm(UBIQUITIN)
    modesweep.anm_batch([helix(30)] * 4, threads=2, progress=False)

    def work():
        expected = modesweep.anm(helix(30)).eigenvalues
        results = modesweep.anm_batch([helix(30)] * 4, threads=2, progress=False)
        return all(np.array_equal(modes.eigenvalues, expected) for modes in results)

    assert in_child(work) == 0


def test_a_forked_process_solves_large_ones_on_several_threads():
    from conftest import globule
    coords = globule(1600)
    expected = modesweep.anm(coords, threads=2).eigenvalues

    def work():
        return np.array_equal(modesweep.anm(coords, threads=2).eigenvalues, expected)

    assert in_child(work) == 0


def test_a_pool_of_forked_processes():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = pool.map(modesweep.anm, [helix(30 + i) for i in range(6)])
    for i, modes in enumerate(results):
        np.testing.assert_array_equal(modes.eigenvectors, modesweep.anm(helix(30 + i)).eigenvectors)


def test_a_fork_during_work_is_refused_with_a_sentence():
    results = modesweep.anm_batch([helix(30)] * 40, threads=2, progress=False, as_completed=True)
    next(results)

    def is_refused(call):
        try:
            call()
        except modesweep.Error as error:
            return error.code == "forked" and "spawn" in str(error) or "forked from" in str(error)
        return False

    def work():
        return (is_refused(lambda: list(results)) and
                is_refused(lambda: modesweep.anm(helix(30))) and
                is_refused(lambda: modesweep.read_structure(UBIQUITIN)))

    assert in_child(work) == 0
    # The parent goes on.
    assert len(list(results)) == 39


@pytest.mark.parametrize("before", ["", "import modesweep"], ids=["first", "after the main one"])
def test_a_sub_interpreter_is_refused_with_a_sentence(before):
    pytest.importorskip("_xxsubinterpreters", reason="this Python has no sub-interpreters of ours")
    code = f"""
import sys, _xxsubinterpreters as interpreters
{before}
one = interpreters.create(isolated=False)
try:
    interpreters.run_string(one, "import modesweep")
except interpreters.RunFailedError as error:
    print(error)
"""
    result = in_process(code)
    assert "sub-interpreter" in result.stdout and "ImportError" in result.stdout, (
        result.stdout + result.stderr)
    assert result.returncode == 0 and sys.version_info >= (3, 9)
