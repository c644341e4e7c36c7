#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The README asks to cite what CITATION.cff lists, and the help of commands names nothing else.

    citation_test.py SOURCE-FOLDER
"""
import re
import sys
from pathlib import Path

SHORT = re.compile(r"(\d+):(D?\d+)\s+\((\d{4})\)")  # volume:page (year)
LONG = re.compile(r"volume: (\d+)\n(?:    issue: .*\n)?    start: (D?\d+)\n(?:    end: .*\n)?"
                  r"    year: (\d{4})")


def main():
    source = Path(sys.argv[1])

    def read(path):
        return (source / path).read_text(encoding="utf-8")

    listed = set(LONG.findall(read("CITATION.cff")))
    asked = set(SHORT.findall(read("README.md").split("## Please cite")[1]))
    helped = set(SHORT.findall(read("src/host/cli/help_texts.hpp").split("citations")[1]))
    wrong = [f"{name} lacks {volume}:{page} ({year})"
             for name, lacking in (("README.md", listed - asked), ("CITATION.cff", asked - listed),
                                   ("CITATION.cff", helped - listed))
             for volume, page, year in sorted(lacking)]
    if not helped:
        wrong.append("the help of commands cites nothing")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
