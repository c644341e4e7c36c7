#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What includes what: public headers nothing but the standard library, tl/expected and each other;
the areas of src/host themselves and those that stand before them in its CMakeLists.txt, of which
those of modesweep::core come first; the program no solver, for it asks for one by name. Of
src/kernels the host knows the module's interface alone, and device/ what lies in it alone. gemmi,
whose interface changes from version to version, is the adapter's alone, and of what compares with
it: the tests' oracle and the readers' benchmark.

    includes_test.py SOURCE-FOLDER
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def wrong_in_public_headers(folder):
    for header in sorted(folder.glob("*.hpp")):
        for name in includes(header):
            ours = name.startswith("modesweep/") and (folder.parent / name).exists()
            # Headers of the standard library have no folder and no ending.
            if not (ours or name == "tl/expected.hpp" or re.fullmatch("[a-z0-9_]+", name)):
                yield f"{header.name} includes {name}"


def wrong_in_areas(host):
    order = re.findall(r"add_subdirectory\((\w+)\)",
                       (host / "CMakeLists.txt").read_text(encoding="utf-8"))
    folders = sorted(path.name for path in host.iterdir() if path.is_dir())
    if sorted(order) != folders:
        yield f"CMakeLists.txt has {sorted(order)}, and there are {folders}"
    core = ["target_sources(modesweep_core" in
            (host / area / "CMakeLists.txt").read_text(encoding="utf-8") for area in order]
    if core != sorted(core, reverse=True) or not any(core):
        yield "the areas of modesweep::core do not come first"
    for place, area in enumerate(order):
        before = set(order[:place + 1])
        for path in sorted((host / area).rglob("*.[ch]pp")):
            for name in includes(path):
                folder = name.split("/")[0]
                if folder in order and folder not in before:
                    yield f"{area}/{path.name} includes {name}, which stands after it"


def wrong_in_program(host):
    for path in sorted((host / "cli").glob("*.[ch]pp")):
        for name in includes(path):
            if name.startswith("solver/"):
                yield f"cli/{path.name} includes {name}"


def wrong_in_kernels(source):
    for path in sorted((source / "host").rglob("*.[ch]pp")):
        for name in includes(path):
            if name.startswith("kernels/") and name != "kernels/module.hpp":
                yield f"{path.relative_to(source)} includes {name}"
    for path in sorted((source / "kernels/device").iterdir()):
        for name in includes(path):
            if name.startswith("kernels/") and not name.startswith("kernels/device/"):
                yield f"kernels/device/{path.name} includes {name}"


def wrong_for_later_fmt(source):
    """Since fmt 11 `fmt::join` is declared in a header of its own."""
    for folder in ("src", "tests", "bench", "examples"):
        for path in sorted((source / folder).rglob("*.?pp")):
            text = path.read_text(encoding="utf-8")
            if "fmt::join" in text and "<fmt/ranges.h>" not in text:
                yield f"{path.relative_to(source)} has fmt::join without <fmt/ranges.h>"


GEMMI = {"src/host/structure/gemmi_adapter.cpp", "tests/unit/structure/gemmi_oracle.cpp",
         "bench/micro/reader_benchmark.cpp"}


def wrong_for_other_gemmi(source):
    for folder in ("include", "src", "tests", "bench", "examples"):
        for path in sorted((source / folder).rglob("*.?pp")):
            name = str(path.relative_to(source))
            if name not in GEMMI and (any(n.startswith("gemmi/") for n in includes(path)) or
                                      "gemmi::" in path.read_text(encoding="utf-8")):
                yield f"{name} names gemmi, which is the adapter's"


def main():
    source = Path(sys.argv[1])
    wrong = [*wrong_in_public_headers(source / "include/modesweep"),
             *wrong_in_areas(source / "src/host"),
             *wrong_in_program(source / "src/host"),
             *wrong_in_kernels(source / "src"),
             *wrong_for_later_fmt(source),
             *wrong_for_other_gemmi(source)]
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
