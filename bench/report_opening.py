#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Size of a report of many entries, and how long headless Chromium takes to open it.

    bench/report_opening.py [--program build/release/modesweep] [--entries 500] [--openings 9] [FOLDER...]

Real structure files of Debian packages, the smallest first, each under a name of its own (files
come again where there are too few). Every opening is a new page of a browser that runs already:
seconds from the navigation to the load event, until the table and the charts of the first entry are
drawn, and until its 3-D view, which software has to draw here, is. The record goes to bench/results/.
"""

import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compare_prody

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "cli"))
import check_report

PACKAGES = [
    "/usr/share/doc/theseus/examples",
    "/usr/share/doc/t-coffee/examples",
    "/usr/lib/python3/dist-packages/prody/tests/datafiles",
]
MARKS = ("load event", "table and charts drawn", "3-D view drawn")
TIMES = """
const load = performance.getEntriesByType("navigation")[0].loadEventEnd;
const times = ["charts drawn", "entry shown"].map(
    (name) => performance.getEntriesByName(name).map((mark) => mark.startTime)[0]);
return load && times.every(Boolean) ? [load, ...times].map((time) => time / 1000) : null;
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(HERE.parent / "build" / "release" / "modesweep"))
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--openings", type=int, default=9)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("folders", nargs="*", metavar="FOLDER", default=PACKAGES)
    return parser.parse_args()


def make_report(options, folder):
    """The page, and what the program said last."""
    files = [
        path
        for name in options.folders
        for path in sorted(Path(name).rglob("*"))
        if path.is_file() and path.name.endswith(compare_prody.ENDINGS)
    ]
    if not files:
        sys.exit("there are no structure files")
    inputs = folder / "entries"
    inputs.mkdir()
    for number in range(options.entries):
        path = files[number % len(files)]
        (inputs / f"{number:04}-{path.name}").symlink_to(path)
    page = folder / "report.html"
    command = [options.program, "report", str(inputs), "-o", str(page), "--min-residues", "1"]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    told = [line for line in run.stderr.splitlines() if "report.html: " in line]
    return page, told[-1].split("report.html: ")[1]


def open_often(page, openings, folder):
    """Seconds from the navigation to each of MARKS, opening by opening."""
    browser = check_report.open_browser(folder)
    times = []
    try:
        for _ in range(openings + 1):  # the first one starts what the browser needs
            browser.get("about:blank")
            browser.get(page.as_uri())
            while not (found := browser.execute_script(TIMES)):
                time.sleep(0.05)
            times.append(found)
    finally:
        browser.quit()
    return times[1:]


def main():
    options = arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        page, told = make_report(options, folder)
        size = page.stat().st_size
        times = open_often(page, options.openings, folder)
    date = datetime.datetime.now(datetime.timezone.utc)
    lines = [
        f"report_opening.py --entries {options.entries} --openings {options.openings}",
        f"{compare_prody.cpu_model()}, {date:%Y-%m-%d %H:%M} UTC, load average of one minute: "
        f"{load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end",
        f"{told}; {size / 1e6:.1f} MB",
    ]
    for what, seconds in zip(MARKS, zip(*times)):
        lines.append(f"{what}: median {statistics.median(seconds):.2f} s, "
                     f"{min(seconds):.2f} to {max(seconds):.2f} s")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / f"report_opening-{date:%Y%m%dT%H%M%S}.txt").write_text(text)


if __name__ == "__main__":
    main()
