# SPDX-License-Identifier: MIT
"""Kind 4: the bytes of a file: encodings of text, compression, and files of other kinds."""
import bz2
import gzip
import io
import json
import lzma
import tarfile

from binary_cif import PY_MMCIF_64, bcif, pack
from case import SPEC, TWIN, Kind
from containers import gz, skippable_frame, tar, zipped, zstd
from structures import atom_site, calphas, cif, pdb, protein, table

kind = Kind(4, "bytes")


def files_of(trait):
    """The same protein as bytes of each format."""
    atoms = protein(trait)
    return calphas(atoms), {"pdb": pdb(atoms).encode(), "cif": cif(atom_site(atoms)).encode(),
                            "bcif": bcif(atom_site(atoms))}


def each(trait, transform, formats=("pdb", "cif", "bcif"), suffix="", words="", known=TWIN,
         **fields):
    nodes, files = files_of(trait)
    for form in formats:
        kind.add(trait, form, transform(files[form]), None if words else nodes, words,
                 ending=form + suffix, known=known, **fields)


TEXTS = ("pdb", "cif")
NOT_TEXT = "ProDy reads UTF-8 or ASCII with LF"


def encodings():
    each("UTF-8 byte order mark", lambda b: b"\xef\xbb\xbf" + b, TEXTS)
    each("UTF-8 byte order mark", lambda b: gz(b"\xef\xbb\xbf" + b), TEXTS, ".gz")
    for name in "utf-16-le", "utf-16-be":
        each(f"{name.upper()} with its mark",
             lambda b: ("\ufeff" + b.decode()).encode(name), TEXTS, prody=NOT_TEXT)
        each(f"{name.upper()} with its mark", prody=NOT_TEXT, formats=TEXTS,
             transform=lambda b: ("\ufeff" + b.decode().replace("\n", "\r\n")).encode(name))
    each("lines end in CR alone", lambda b: b.replace(b"\n", b"\r"), TEXTS)
    each("lines end in CR alone", lambda b: b.replace(b"\n", b"\r").removesuffix(b"\r"), TEXTS)
    each("lines end in LF, CR LF and CR", lambda b: b.replace(b"\n", b"\r\n", 20)
         .replace(b" A\r\n", b" A\r"), TEXTS)
    each("NUL bytes behind the text", lambda b: b + bytes(512), TEXTS)
    each("NUL bytes behind the text", lambda b: b.rstrip(b"\n") + bytes(3), TEXTS)
    each("Ctrl-Z behind the text", lambda b: b + b"\x1a", TEXTS)
    each("Ctrl-Z behind the text", lambda b: b.replace(b"\n", b"\r\n") + b"\x1a", TEXTS)
    trait = "Latin-1 letters in remarks"
    nodes, files = files_of(trait)
    kind.add(trait, "pdb", b"AUTHOR    J.M\xdcLLER\nREMARK   1 25 \xc5\n" + files["pdb"], nodes)
    kind.add(trait, "cif", files["cif"].replace(b"#\n", b"_note.text 'M\xfcller, 25 \xc5'\n", 1),
             nodes)
    trait = "blank lines first"
    each(trait, lambda b: b"\n  \n\n" + b, TEXTS)
    trait = "named as another format"
    nodes, files = files_of(trait)
    for form, ending in (("pdb", "cif"), ("cif", "pdb"), ("bcif", "cif"), ("cif", "bcif.gz"),
                         ("pdb", "pdb.gz")):
        kind.add(trait, form, files[form], nodes, ending=ending)


def named_gzip(data):
    """As gzip(1) writes it."""
    buffer = io.BytesIO()
    with gzip.GzipFile("1abc.structure", "wb", fileobj=buffer, mtime=1_600_000_000) as file:
        file.write(data)
    return buffer.getvalue()


def compression():
    each("gzip", gz, suffix=".gz")
    each("gzip in gzip", lambda b: gz(gz(b)), suffix=".gz")
    each("gzip of several members", lambda b: gz(b[:700]) + gz(b[700:]), suffix=".gz", known=SPEC)
    each("NUL bytes behind the gzip data", lambda b: gz(b) + bytes(512), suffix=".gz", known=SPEC)
    each("gzip under another name", gz)
    each("gzip with a name and a time", named_gzip, suffix=".gz", known=SPEC)
    for trait, sized, checksum in (("Zstandard", True, False),
                                   ("Zstandard with checksum", True, True),
                                   ("Zstandard of unknown size", False, True)):
        each(trait, lambda b: zstd(b, checksum, sized), suffix=".zst")
    each("Zstandard of several frames", suffix=".zst", known=SPEC, transform=lambda b:
         zstd(b[:900]) + skippable_frame(b"index") + zstd(b[900:], True))
    each("xz", lzma.compress, suffix=".xz")
    each("xz of several streams", lambda b: lzma.compress(b[:900]) + lzma.compress(b[900:]), TEXTS,
         ".xz", known=SPEC)
    each("bzip2", bz2.compress, suffix=".bz2")
    each("bzip2 of several streams", lambda b: bz2.compress(b[:900]) + bz2.compress(b[900:]),
         TEXTS, ".bz2", known=SPEC)
    trait = "something behind the gzip data (refused)"
    words = "gzip & behind|after|follow|trailing & something|garbage|bytes|data"
    for tail in b"<html>", b"\x01\x02\x03", b"PDB":
        each(trait, lambda b: gz(b) + tail, ("pdb", "cif", "bcif") if tail[0] == 1 else ("cif",),
             ".gz", words, code="bad_gzip")
    cut = "cut|damaged|truncat|incomplete|ends|short|corrupt|not whole"
    each("gzip that is cut (refused)", lambda b: gz(b)[:-9], suffix=".gz", words=cut,
         code="bad_gzip")
    each("gzip with a wrong checksum (refused)",
         lambda b: gz(b)[:-8] + b"abcd" + gz(b)[-4:], suffix=".gz",
         words="checksum|damaged|corrupt", code="bad_gzip")
    for name, compress, word in (("Zstandard", lambda b: zstd(b, True), "zstd|zstandard"),
                                 ("xz", lzma.compress, "xz"), ("bzip2", bz2.compress, "bzip2")):
        each(f"{name} that is cut (refused)", lambda b: compress(b)[:-6], TEXTS,
             words=f"{word} & {cut}")
    each("Zstandard with a wrong checksum (refused)", lambda b: zstd(b, True)[:-4] + b"abcd", TEXTS,
         words="zstd|zstandard & checksum|damaged|corrupt")


def other_files():
    """Refused, with the word for what the file is."""
    atoms = protein("files of other kinds")
    text, site = pdb(atoms).encode(), atom_site(atoms)
    mmcif = cif(site).encode()
    mmjson = {"data_CASE": {"atom_site": {c: [r[i] if isinstance(r[i], (str, int, float)) else None
                                              for r in site.rows]
                                          for i, c in enumerate(site.columns)}}}
    ligand = table("_chem_comp_atom", "comp_id atom_id type_symbol model_Cartn_x",
                   ["ATP", "PG", "P", 1.2], ["ATP", "O1G", "O", 0.9])
    factors = table("_refln", "index_h index_k index_l F_meas_au", [0, 0, 1, 123.4], [0, 0, 2, 9.8])
    small = ("data_1000041\n_cell_length_a 5.64\nloop_\n_atom_site_label\n_atom_site_fract_x\n"
             "_atom_site_fract_y\n_atom_site_fract_z\nNa 0 0 0\nCl 0.5 0.5 0.5\n")
    page = "<html><head><title>404 Not Found</title></head><body>Not found</body></html>\n"
    pdbml = ('<?xml version="1.0" encoding="UTF-8" ?>\n<PDBx:datablock datablockName="1ABC">\n'
             '<PDBx:atom_siteCategory/>\n</PDBx:datablock>\n')
    denied = ('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
              "<Message>Access Denied</Message></Error>")
    mmtf = pack({"mmtfVersion": "1.0.0", "mmtfProducer": "RCSB-PDB Generator", "unitCell":
                 [1.0, 1.0, 1.0, 90.0, 90.0, 90.0], "structureId": "1ABC", "numBonds": 3,
                 "numAtoms": 60, "xCoordList": bytes(24), "yCoordList": bytes(24)})
    mmtf_again = pack({f"k{i}": i for i in range(3)} | {"mmtfVersion": "1.1.0"} |
                      {f"g{i}": bytes(9) for i in range(20)})
    without = "without atoms|no atom"
    for what, words, samples in (
            ("a tar archive", "tar", [("pdb", tar("1abc.pdb", text)),
                                      ("pdb", gz(tar("1abc.pdb", text))),
                                      ("cif", tar("1abc.cif", mmcif, tarfile.GNU_FORMAT))]),
            ("a zip archive", "zip", [("pdb", zipped("1abc.pdb", text)),
                                      ("cif", zipped("1abc.cif", mmcif))]),
            ("an HTML page", "HTML", [("cif", page), ("pdb", "\n\n<!DOCTYPE html>\n" + page),
                                      ("cif", gz(page.encode())), ("bcif", page.upper())]),
            ("PDBML", "PDBML|XML", [("pdb", pdbml), ("cif", denied), ("cif", gz(pdbml.encode()))]),
            ("JSON", "JSON", [("cif", json.dumps(mmjson)), ("cif", '{"message": "Not Found"}'),
                              ("pdb", gz(json.dumps(mmjson, indent=1).encode()))]),
            ("MMTF", "MMTF", [("bcif", mmtf), ("bcif", gz(mmtf_again)), ("pdb", gz(mmtf))]),
            ("a Foldcomp file", "Foldcomp", [("pdb", b"FCMP" + bytes(range(200))),
                                             ("cif", b"FCMP\x0c\x00\x0c\x00" + text)]),
            ("a CIF without atoms", without, [
                ("cif", cif(ligand, block="ATP")), ("cif", cif(factors, block="r1abcsf")),
                ("cif", small), ("cif", "data_only_a_name\n"),
                ("bcif", bcif(ligand)), ("bcif", bcif(factors, style=PY_MMCIF_64)),
                ("cif", cif(atom_site([]))), ("bcif", bcif(ligand, atom_site([])))]),
            ("FASTA", "FASTA", [("pdb", ">1ABC_1|Chain A\nMKTAYIAKQR\n"),
                                ("cif", "\n>sp|P00698|LYSC\nKVFGRCELAA\n")]),
            ("a Git LFS pointer", "Git LFS", [
                (form, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943"
                 f"e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize {size}\n")
                for form, size in (("pdb", 98765), ("cif", 1234567), ("bcif", 65432))]),
            ("PDF", "PDF", [("pdb", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n")]),
            ("PNG", "PNG", [("pdb", b"\x89PNG\r\n\x1a\n" + bytes(60))]),
            ("nothing but white space", "white space", [("pdb", "  \n \t\r\n"), ("cif", "\n"),
                                                        ("pdb", gz(b" \n")), ("pdb", bytes(64))]),
    ):
        for form, data in samples:
            kind.add(f"{what} (refused)", form, data, words=words, code="not_a_structure",
                     prody="ProDy passes over the archive's head" if words == "tar" else "",
                     ending=form + (".gz" if data[:2] == b"\x1f\x8b" else ""))
    for form in "pdb", "cif", "bcif":
        kind.add("an empty file (refused)", form, b"", words="empty", code="empty")
    kind.add("an empty file (refused)", "cif", gz(b""), words="nothing|empty", code="empty",
             ending="cif.gz")
    kind.add("an empty file (refused)", "pdb", gz(gz(b"")), words="nothing|empty", code="empty",
             ending="pdb.gz")


def first_lines():
    """Where there are atoms, what else a file looks like does not count."""
    trait = "a first line as other formats have it"
    nodes, files = files_of(trait)
    for first in (">1ABC_1|Chain A", "{\\rtf1\\ansi", "<pre>", "[generated]", '{"id": 1}',
                  "data_set 1", "loop_model 5", "_" * 10, "PSF", "FCMP", "MTZ", "@<TRIPOS>ATOM",
                  "REMARK made from an SDF file V2000"):
        kind.add(trait, "pdb", f"{first}\n".encode() + files["pdb"], nodes, known=TWIN)
    trait = "a foreign first line"
    nodes, files = files_of(trait)
    for first in ("REMARK written by hand", "HEADER    HYDROLASE", "%% a comment", "```cif",
                  "<pre>", ">1ABC", "HTTP/1.1 200 OK\nContent-Type: chemical/x-cif\n"):
        kind.add(trait, "cif", f"{first}\n".encode() + files["cif"], nodes, known=TWIN)
    for trait, at, mark in (("MAP at byte 208", 208, b"MAP OF A "),
                            ("ustar at byte 257", 257, b"ustar ")):
        nodes, files = files_of(trait)
        lines = b"".join(b"REMARK   1".ljust(80) + b"\n" for _ in range(at // 81))
        head = (lines + b"TITLE     A ").ljust(at) + mark + b"\n"
        kind.add(trait, "pdb", head + files["pdb"], nodes, known=TWIN)
        head = b"data_CASE\n_struct.title 'A".ljust(at) + mark + b"'\n"
        kind.add(trait, "cif", files["cif"].replace(b"data_CASE\n", head, 1), nodes, known=TWIN)


def damaged_files():
    for name, compress, ending in (("xz", lzma.compress, ".xz"), ("bzip2", bz2.compress, ".bz2"),
                                   ("Zstandard", zstd, ".zst")):
        each(f"something behind the {name} data (refused)", lambda b: compress(b) + b"<html>",
             suffix=ending, words=f"{name} & followed", known=SPEC)
    trait = "NUL bytes in the middle (refused)"
    dropped = "ProDy passes over the line that they stand before"
    def put_in(data, count, inside):
        at = data.index(b"\n", len(data) // 2) + 1 + inside
        return data[:at] + bytes(count) + data[at:]
    for count in 512, 1:
        each(trait, lambda b: put_in(b, count, 0), TEXTS, words="NUL", code="not_a_structure",
             prody=dropped)
    each(trait, lambda b: gz(put_in(b, 4, 15)), TEXTS, ".gz", "NUL", code="not_a_structure",
         prody=dropped)


encodings()
compression()
other_files()
first_lines()
damaged_files()
