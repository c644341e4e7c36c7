#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Opens a page of `modesweep report` in headless Chromium and uses it.

    /usr/bin/python3 tests/cli/check_report.py PAGE FOLDER [--bare]

Screenshots at two widths and a print go to FOLDER. --bare: the page was made without libraries.
Prints one line a check. Exit code 1 where something is not as it should be, 77 without Chromium.
"""

import argparse
import base64
import shutil
import sys
import time
from pathlib import Path

try:
    from selenium import webdriver
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)

WIDTHS = (1280, 400)
PATIENCE = 60  # seconds, on a machine that is busy with other tests

# Pixels that are not the background, and a sum that another picture hardly has, too.
PIXELS = """
const drawn = document.querySelector("#canvas-box canvas");
const copy = document.createElement("canvas");
[copy.width, copy.height] = [drawn.width, drawn.height];
const context = copy.getContext("2d");
context.drawImage(drawn, 0, 0);
const bytes = context.getImageData(0, 0, copy.width, copy.height).data;
let marked = 0, sum = 0;
for (let i = 0; i < bytes.length; i += 4)
  if (bytes[i + 3] > 0 && bytes[i] + bytes[i + 1] + bytes[i + 2] < 720) {
    ++marked;
    sum = (31 * sum + i + bytes[i]) % 1000000007;
  }
return [marked, sum];
"""

# Words of charts that stick out of the page.
CUT = """
return [...document.querySelectorAll(".chart svg text")]
    .filter((text) => text.textContent && (text.getBoundingClientRect().left < 0 ||
                      text.getBoundingClientRect().right > document.documentElement.clientWidth))
    .map((text) => text.textContent);
"""


def open_browser(folder):
    """Headless Chromium with WebGL in software; its profile goes to the folder."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        print("there is no chromium or no chromedriver", file=sys.stderr)
        sys.exit(77)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--use-gl=angle",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        f"--user-data-dir={folder}/profile",
    ):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(driver), options=options)


class Page:
    """The page in a browser, and what was found wrong."""

    def __init__(self, path, folder):
        self.browser = open_browser(folder)
        self.folder = folder
        self.failed = 0
        self.set_width(WIDTHS[0])
        self.browser.get(path.resolve().as_uri())
        self.wait_until("the first entry is drawn", "return Boolean(window.performance"
                        ".getEntriesByName('entry shown').length)")

    def check(self, what, holds, found=""):
        print(f"{'pass' if holds else 'FAIL'}  {what}{f': {found}' if not holds else ''}")
        self.failed += not holds

    def wait_until(self, what, script):
        end = time.monotonic() + PATIENCE
        while not (holds := self.script(script)) and time.monotonic() < end:
            time.sleep(0.05)
        self.check(what, holds, f"not within {PATIENCE} s")

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.script("return document.querySelector(arguments[0]).textContent", selector)

    def column(self, name):
        """The cells of a column, as they stand."""
        return self.script(
            """const head = [...document.querySelectorAll("#ranking th")];
               const at = head.findIndex((cell) => cell.dataset.column === arguments[0]);
               return [...document.querySelectorAll("#ranking tbody tr")]
                   .map((line) => line.cells[at].textContent);""",
            name,
        )

    def keys(self, *keys):
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def devtools(self, command, **parameters):
        return self.browser.execute_cdp_cmd(command, parameters)

    def set_width(self, width):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900,
                      deviceScaleFactor=1, mobile=False)


def check_table(page):
    ids = page.column("pdb_id")
    page.check("rows stand by rank", page.column("rank") == [str(i + 1) for i in range(len(ids))])
    head = '#ranking th[data-column="residues"]'
    for direction in ("descending", "ascending"):
        page.find(f"{head} button").send_keys(Keys.ENTER)
        numbers = [int(text) for text in page.column("residues")]
        page.check(f"residues {direction}",
                   numbers == sorted(numbers, reverse=direction == "descending")
                   and len(set(numbers)) > 1, numbers)
        page.check("aria-sort says so", page.find(head).get_attribute("aria-sort") == direction)
        page.check("of one column alone",
                   len(page.browser.find_elements(By.CSS_SELECTOR, "th[aria-sort$=scending]")) == 1)
    page.find('#ranking th[data-column="rank"] button').click()
    page.check("rank again", page.column("pdb_id") == ids, page.column("pdb_id"))

    search = page.find("#search")
    search.send_keys(ids[-1].upper())
    page.check("the search finds an ID", page.column("pdb_id") == [ids[-1]],
               page.column("pdb_id"))
    page.check("and says how many", page.text("#found") == f"1 of {len(ids)} entries",
               page.text("#found"))
    search.clear()
    search.send_keys("no such entry")
    page.check("or nothing", page.column("pdb_id") == [])
    search.send_keys(Keys.ENTER)
    search.clear()
    search.send_keys(" ")
    page.check("all are back", page.column("pdb_id") == ids)

    search.send_keys(Keys.ENTER)
    page.keys(Keys.ARROW_DOWN, Keys.END, Keys.ARROW_UP, Keys.HOME, Keys.ARROW_DOWN)
    page.check("arrows move between rows",
               page.script("return document.activeElement.cells[1].textContent") == ids[1])
    page.check("and show nothing yet", page.text("#entry-title") == ids[0])
    page.keys(Keys.ENTER)
    page.check("Enter shows the entry", page.text("#entry-title") == ids[1])
    page.check("one row is marked", page.script(
        "return [...document.querySelectorAll('tr[aria-selected=true]')]"
        ".map((line) => line.cells[1].textContent)") == [ids[1]])
    page.check("the focus is seen", page.script(
        "return getComputedStyle(document.activeElement).outlineStyle") == "solid")
    page.find("#next").click()
    page.check("next shows the next", page.text("#entry-title") == ids[2])
    page.find("#previous").click()
    page.find("#previous").click()
    page.check("previous goes back", page.text("#entry-title") == ids[0])
    page.check("to the first", not page.find("#previous").is_enabled())


def check_entries(page):
    """Shows each entry: its title as the file has it, its shape or why there is none."""
    page.find("#play").click()  # software that draws is busy enough
    rows = page.script("return document.getElementById('rows').textContent.trim().split('\\n')"
                       ".map((line) => JSON.parse(line))")
    shapes = page.script("return [...document.querySelectorAll('[id^=shape-]')]"
                         ".map((data) => JSON.parse(data.textContent).missing || '')")
    for i, row in enumerate(rows):
        page.script("performance.clearMarks();"
                    "document.querySelectorAll('#ranking tbody tr')[arguments[0]].click()", i)
        page.wait_until(f"{row['pdb_id']} is shown",
                        "return Boolean(performance.getEntriesByName('entry shown').length)")
        page.check("with its title", page.text("#entry-text").startswith(row.get("title") or ""),
                   page.text("#entry-text"))
        missing = shapes[i] if i < len(shapes) else "--top"
        page.check("with its shape or why there is none",
                   page.find("#view").is_displayed() != bool(missing)
                   and page.find("#entry-missing").is_displayed() == bool(missing)
                   and missing in page.text("#entry-missing"), missing)
    page.check("nothing of a file is markup", page.script(
        "return !window.injected && !document.querySelector('main img, main script, main b')"))


def check_charts(page):
    page.script("document.querySelectorAll('#ranking tbody tr')[0].click()")
    for figure, marks in (("overview", "circle, path"), ("displacement", "path"),
                          ("fluctuation", "path"), ("spectrum", "rect")):
        page.wait_until(f"the chart {figure} is drawn", "return document.querySelectorAll("
                        f"'#{figure} .chart svg[aria-label] :is({marks})').length > 0")


def check_view(page):
    page.script("performance.clearMarks();"
                "document.querySelectorAll('#ranking tbody tr')[0].click()")
    page.wait_until("the 3-D view is there",
                    "return Boolean(performance.getEntriesByName('entry shown').length)")
    marked, first = page.script(PIXELS)
    page.check("it has drawn", marked > 200, marked)
    page.find("#play").click()
    sums = {first}
    end = time.monotonic() + PATIENCE
    while len(sums) < 2 and time.monotonic() < end:
        sums.add(page.script(PIXELS)[1])
    page.check("and moves", len(sums) > 1)
    page.find("#play").click()
    time.sleep(1)  # a frame that was on its way
    still = {tuple(page.script(PIXELS)) for _ in range(4)}
    page.check("Pause stops it", len(still) == 1 and page.text("#play") == "Play")
    page.find("#mode-choice input[value='1']").send_keys(Keys.SPACE)
    page.wait_until("mode 2 is another picture",
                    f"const [marked, sum] = (() => {{{PIXELS}}})();"
                    f"return marked > 200 && sum !== {still.pop()[1]}")
    before = page.script(PIXELS)
    page.find("#canvas-box").send_keys(Keys.ARROW_LEFT)
    page.check("arrow keys turn it", page.script(PIXELS) != before)


def check_looks(page):
    for width in WIDTHS:
        page.set_width(width)
        # Charts are drawn anew.
        page.wait_until(f"nothing sticks out at {width} pixels",
                        f"return document.documentElement.scrollWidth <= {width}")
        page.wait_until("no word of a chart is cut", f"return (() => {{{CUT}}})().length === 0")
        height = page.script("return document.documentElement.scrollHeight")
        picture = page.devtools("Page.captureScreenshot", captureBeyondViewport=True,
                                clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        (page.folder / f"report-{width}.png").write_bytes(base64.b64decode(picture["data"]))
    page.set_width(WIDTHS[0])

    page.devtools("Emulation.setEmulatedMedia", media="print")
    page.check("a print has no search field", not page.find("#search").is_displayed())
    page.check("but all rows", page.script(
        "const box = document.getElementById('table-box');"
        "return box.scrollHeight <= box.clientHeight + 1"))
    page.set_width(700)  # of A4 between margins
    page.check("across the paper", page.script("return document.documentElement.scrollWidth") <= 700)
    page.set_width(WIDTHS[0])
    page.devtools("Emulation.setEmulatedMedia", media="")
    pdf = base64.b64decode(page.devtools("Page.printToPDF", printBackground=False)["data"])
    (page.folder / "report.pdf").write_bytes(pdf)
    page.check("it can be printed", pdf.startswith(b"%PDF"))
    page.check("with all that was folded", page.find("#failures").get_attribute("open"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bare", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        page = Page(arguments.page, arguments.folder)
    except WebDriverException as error:
        print(f"Chromium does not start: {error}", file=sys.stderr)
        sys.exit(77)
    try:
        check_table(page)
        if arguments.bare:
            page.check("it has no 3-D view and says so", "no 3-D view" in page.text("#view-note"))
            for figure in ("overview", "displacement", "spectrum"):
                page.check("it says that it has no charts",
                           "without the library of charts" in page.text(f"#{figure} .note"))
            page.check("its tables remain", "1" in page.text("#numbers tbody"))
        else:
            check_entries(page)
            check_charts(page)
            check_view(page)
        check_looks(page)
        loaded = page.script("return performance.getEntriesByType('resource').map((e) => e.name)"
                             ".filter((name) => !/^(data|blob):/.test(name))")
        page.check("nothing was asked of the network", loaded == [], loaded)
        log = [entry["message"] for entry in page.browser.get_log("browser")
               if entry["level"] in ("SEVERE", "WARNING")]
        page.check("the console is quiet", log == [], log)
    finally:
        page.browser.quit()
    sys.exit(page.failed > 0)


if __name__ == "__main__":
    main()
