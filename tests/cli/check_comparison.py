#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Opens a page of `modesweep compare` in headless Chromium.

    /usr/bin/python3 tests/cli/check_comparison.py PAGE FOLDER

Screenshots at two widths go to FOLDER. Prints one line a check. Exit code 1 where something is not
as it should be, 77 without Chromium.
"""

import sys
import time
from pathlib import Path

from check_report import CUT, PATIENCE, PIXELS, WIDTHS, open_browser

DRAWN = "return performance.getEntriesByName('page drawn').length"
CHARTS = ["displacement", "fluctuation", "held-a", "held-b", "overlaps"]


def main():
    page, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    browser = open_browser(folder)
    failed = 0

    def check(what, holds, found=""):
        nonlocal failed
        print(f"{'pass' if holds else 'FAIL'}  {what}{f': {found}' if not holds else ''}")
        failed += not holds

    for width in WIDTHS:
        browser.set_window_size(width, 2000)
        browser.get(page.resolve().as_uri())
        end = time.monotonic() + PATIENCE
        while not (drawn := browser.execute_script(DRAWN)) and time.monotonic() < end:
            time.sleep(0.05)
        check(f"all is drawn at {width}", drawn, f"not within {PATIENCE} s")
        for chart in CHARTS:
            check(f"chart {chart} is there", browser.execute_script(
                "return document.querySelectorAll(`#${arguments[0]} .chart svg`).length", chart) > 0)
        marked, before = browser.execute_script(PIXELS)
        check("the structure is drawn", marked > 200, f"{marked} pixels")
        end = time.monotonic() + PATIENCE
        while (moved := browser.execute_script(PIXELS)[1]) == before and time.monotonic() < end:
            time.sleep(0.1)
        check("and moves", moved != before)
        check("no word is cut", not (cut := browser.execute_script(CUT)), cut)
        sideways = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check("nothing sticks out", sideways <= 0, f"{sideways} pixels")
        browser.save_screenshot(str(folder / f"compare-{width}.png"))
    log = [entry["message"] for entry in browser.get_log("browser")]
    check("no message in the console", not log, log)
    browser.quit()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
