# SPDX-License-Identifier: MIT
"""rank, compare, search, fetch, info: as the program does them."""
import csv
import gzip
import http.server
import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import DEMO, LDH, SOURCE, UBIQUITIN, in_process

import modesweep

TRYPSIN = DEMO / "trypsin"


def records(table):
    return table.to_dict("records") if hasattr(table, "to_dict") else list(table)


def rank(entries, **options):
    return modesweep.rank(entries, result_cache=False, progress=False, **options)


def test_rank_gives_what_each_structure_has_alone():
    rows = records(rank(TRYPSIN, columns=["rank", "file", "fv1", "coll1", "residues"]))
    assert len(rows) == 16
    assert [row["rank"] for row in rows] == list(range(1, 17))
    assert [row["fv1"] for row in rows] == sorted((row["fv1"] for row in rows), reverse=True)
    for row in rows[:4]:
        modes = modesweep.anm(row["file"])
        assert row["fv1"] == pytest.approx(modes.fractions[0], rel=1e-10)
        assert row["coll1"] == pytest.approx(modes.collectivity[0], rel=1e-9)
        assert row["residues"] == len(modes.coords)


def test_progress_ends_where_all_is_done(monkeypatch):
    class Bar:
        n, total, closed = 0, None, False

        def refresh(self):
            pass

        def close(self):
            self.closed = True

    shown = Bar()
    monkeypatch.setattr(modesweep._jobs, "bar", lambda *_: shown)
    modesweep.rank(TRYPSIN, result_cache=False)
    assert (shown.n, shown.total, shown.closed) == (16, 16, True)


def test_rank_takes_the_programs_choices():
    rows = records(rank(TRYPSIN, where="not tail", top=3, columns=["pdb_id", "notes", "fv1"]))
    assert len(rows) == 3 and all(row["notes"] is None or "tail" not in row["notes"]
                                  for row in rows)
    by_size = records(rank(TRYPSIN, sort="residues", columns=["residues"]))
    assert by_size[0]["residues"] == max(row["residues"] for row in by_size)
    one = records(rank(UBIQUITIN, model="gnm", n_modes=5, columns=["enm", "eigenvalues"]))[0]
    assert one["enm"] == "gnm" and len(one["eigenvalues"]) == 5
    expected = modesweep.gnm(UBIQUITIN, n_modes=5).eigenvalues
    np.testing.assert_allclose(one["eigenvalues"], expected, rtol=1e-10)
    core = records(rank(TRYPSIN, core=True))
    assert [row["fv1_core"] for row in core] == sorted((row["fv1_core"] for row in core),
                                                       reverse=True)


def test_rank_says_what_is_left_out(tmp_path):
    bad = tmp_path / "bad.pdb"
    bad.write_text("nothing\n")
    table = rank([UBIQUITIN, bad])
    assert len(records(table)) == 1
    (left_out,) = table.attrs["left_out"]
    assert left_out["stage"] == "parse" and left_out["code"] and left_out["file"] == str(bad)


def test_rank_without_pandas_is_a_list(tmp_path):
    code = (f"import sys; sys.modules['pandas'] = None\nimport modesweep\n"
            f"table = modesweep.rank({str(UBIQUITIN)!r}, progress=False)\n"
            "print(type(table).__mro__[1].__name__, table[0]['pdb_id'], table.attrs)")
    result = in_process(code, env=dict(os.environ, MODESWEEP_CACHE_DIR=str(tmp_path)))
    assert result.stdout.strip() == "list 1UBI {'left_out': []}", result.stdout + result.stderr


def test_rank_by_ids_from_a_mirror(tmp_path, monkeypatch):
    folder = tmp_path / "mirror/ub"
    folder.mkdir(parents=True)
    (folder / "pdb1ubi.ent.gz").write_bytes(UBIQUITIN.read_bytes())
    monkeypatch.setenv("PDB_DIR", str(tmp_path / "mirror"))
    table = rank(["1ubi", "9zzz"], offline=True)
    assert [row["pdb_id"] for row in records(table)] == ["1UBI"]
    assert [entry["code"] for entry in table.attrs["left_out"]] == ["offline"]
    files = modesweep.fetch(["1UBI", "9ZZZ"], offline=True, progress=False)
    assert files["1UBI"] == folder / "pdb1ubi.ent.gz"
    assert isinstance(files["9ZZZ"], modesweep.Error) and files["9ZZZ"].stage == "download"


def test_a_run_is_gone_on_with(tmp_path):
    run = tmp_path / "run"
    first = records(rank(TRYPSIN, run=run))
    again = records(rank(TRYPSIN, run=run))
    assert first == again and (run / "run.lock").exists()


@pytest.mark.parametrize("options, words", [
    ({"columns": ["fv0_of_what"]}, "fv0_of_what"), ({"where": "fv1 >"}, "condition"),
    ({"model": "pca"}, "PCA"), ({"solver": "magic"}, "magic"), ({"backend": "tpu"}, "tpu"),
    ({"nodes": "all"}, "all"), ({"model": "gnm", "backend": "cuda"}, "CPU alone")])
def test_what_cannot_be_asked_for(options, words):
    with pytest.raises(modesweep.Error, match=words) as caught:
        rank(UBIQUITIN, **options)
    assert caught.value.stage is None and caught.value.code == "request"


def test_nothing_and_both_kinds_are_refused():
    for entries in ([], [UBIQUITIN, "1UBI"]):
        with pytest.raises(modesweep.Error):
            rank(entries)
    with pytest.raises(modesweep.Error):
        modesweep.fetch(["not an id"])


def test_messages_go_to_logging(tmp_path, caplog):
    (tmp_path / "readme.txt").write_text("nothing\n")
    (tmp_path / "1ubi.pdb.gz").write_bytes(UBIQUITIN.read_bytes())
    with caplog.at_level(logging.DEBUG, "modesweep"):
        rank(tmp_path)
    assert any("1 " in record.message for record in caplog.records), caplog.text


def test_compare_has_prodys_numbers():
    with open(SOURCE / "tests/golden/prody_compare.tsv", newline="", encoding="utf-8") as table:
        prody = next(row for row in csv.DictReader(table, delimiter="\t")
                     if row["file"] == "ldh/6ldh_A.pdb.gz" and row["file2"] == "ldh/1ldm_A.pdb.gz")
    comparison = modesweep.compare(*LDH)
    assert comparison.rmsip10 == pytest.approx(float(prody["rmsip10"]), rel=1e-8)
    assert comparison.rmsip == pytest.approx(float(prody["rmsip20"]), rel=1e-8)
    assert comparison.overlaps.shape == (20, 20)
    assert len(comparison.first_deformation) == 20
    assert "RMSIP" in str(comparison) and "RMSIP" in repr(comparison)
    itself = modesweep.compare(LDH[0], (LDH[0], "A"))
    assert itself.rmsd == pytest.approx(0, abs=1e-9) and itself.rmsip == pytest.approx(1)
    np.testing.assert_allclose(np.diag(itself.overlaps), 1, rtol=1e-9)


def test_what_does_not_match_is_an_error():
    with pytest.raises(modesweep.Error) as caught:
        modesweep.compare(UBIQUITIN, TRYPSIN / "1PPZ_A.pdb.gz")
    assert (caught.value.stage, caught.value.code) == ("rank", "no_match")
    with pytest.raises(modesweep.Error) as caught:
        modesweep.compare(UBIQUITIN, "no/such/file.pdb")
    assert caught.value.stage == "parse"


class Service(http.server.BaseHTTPRequestHandler):
    """RCSB's search, with two entries."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = {"total_count": 2, "result_set": [{"identifier": "1UBI", "score": 1.0},
                                                   {"identifier": "1AKE", "score": 0.5}]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_search_of_a_service():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/query"
        assert modesweep.search("kinase", source="rcsb", url=url) == ["1UBI", "1AKE"]
        server.shutdown()


def test_searches_that_cannot_be():
    for term, options in (("  ", {}), ("kinase", {"source": "google"})):
        with pytest.raises(modesweep.Error) as caught:
            modesweep.search(term, **options)
        assert caught.value.code == "request"
    with pytest.raises(modesweep.Error) as caught:
        modesweep.search("kinase", offline=True)
    assert caught.value.code == "unavailable"


def test_read_structure():
    coords, residues = modesweep.read_structure(UBIQUITIN)
    assert coords.shape == (76, 3) and residues.dtype.names == (
        "chain", "number", "insertion", "name", "atom", "b_factor")
    with gzip.open(UBIQUITIN, "rt") as file:
        line = next(line for line in file if line.startswith("ATOM") and line[12:16] == " CA ")
    assert coords[0].tolist() == [float(line[column:column + 8]) for column in (30, 38, 46)]
    assert residues[0].tolist() == ("A", 1, "", "MET", "CA", float(line[60:66]))
    structure = modesweep.read_structure(UBIQUITIN, selection="//A/10-20")
    assert len(structure) == 11 and structure.header["id"] == "1UBI"
    assert structure.header["resolution"] == pytest.approx(1.8)
    assert repr(structure) == "<modesweep.Structure 1UBI: 11 nodes>"
    for options, code in (({"chains": "B"}, "no_chain"), ({"assembly": "9"}, "no_assembly"),
                          ({"model": 7}, "no_model"), ({"selection": "//A/900"},
                                                       "nothing_selected")):
        with pytest.raises(modesweep.Error) as caught:
            modesweep.read_structure(UBIQUITIN, **options)
        assert caught.value.code == code


def test_info():
    info = modesweep.info()
    assert info["version"] == modesweep.__version__ and info["cpus"] >= 1
    assert info["cuda"] or info["no_devices"]
    assert Path(info["cache"]).is_absolute()


def test_types_are_right():
    """By mypy, where it is there: of the package, and of a program that uses it."""
    pytest.importorskip("mypy", reason="mypy is not here")
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "--ignore-missing-imports",
         "--strict-optional", str(SOURCE / "python/modesweep")],
        capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
