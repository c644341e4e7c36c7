#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compiles the spring tiles as the build does, for one device, and counts the machine instructions
of each kernel's inner loop: a disassembler for what it takes to find loops, no more. Fails where a
slot, one node of a tile with one neighbour of the tile, takes more than so many in a column.

usage: count_inner_loops.py BUILD_DIRECTORY ARCHITECTURE MOST
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

import check_ptxas

# Of compute capability 7.0 to 12.0: 16 bytes an instruction, the operation in its lowest bits.
BYTES, BRANCH, NOTHING = 16, 0x947, 0x918
SINGLE = {0x020, 0x021, 0x023}  # FMUL, FADD, FFMA, wherever their operands come from
SINGLE_OF_SLOT = 6  # a neighbour of one node in one column
LEAST = 16  # instructions of a loop that does something


def sections(elf):
    """(name, contents) of each section of a 64-bit ELF file."""
    start, = struct.unpack_from("<Q", elf, 40)
    count, names = struct.unpack_from("<HH", elf, 60)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, start + 64 * i) for i in range(count)]
    for header in headers:
        begin = headers[names][4] + header[0]
        yield elf[begin:elf.index(b"\0", begin)].decode(), elf[header[4]:header[4] + header[5]]


def branch_target(index, low, high, since_hopper):
    """The instruction that a branch goes to; its distance is from the next one."""
    if since_hopper:  # in words of four bytes, the lowest eight bits apart
        distance, bits = low >> 16 & 0xff | low >> 34 << 8 | (high & 0x3ffff) << 38, 56
    else:
        distance, bits = low >> 32 & 0xffffffff, 32
    if distance >> bits - 1:
        distance -= 1 << bits
    return index + 1 + distance * (4 if since_hopper else 1) // BYTES


def loops(code, since_hopper):
    """(first, last) instruction of each loop."""
    for index, (low, high) in enumerate(code):
        if low & 0xfff == BRANCH:
            target = branch_target(index, low, high, since_hopper)
            if 0 <= target and LEAST <= index - target:
                yield target, index


def cubin_of(build, source, architecture):
    """The machine code of one source for one device."""
    directory, command = next((d, c) for d, c in check_ptxas.compile_commands(build)
                              if any(word.endswith(source) for word in c))
    of_the_build = {"-MD": 1, "-MT": 2, "-MF": 2, "-c": 1, "-x": 2}
    kept, words = [], list(command)
    while words:
        if words[0] in of_the_build:
            del words[:of_the_build[words[0]]]
        elif words[0].startswith(("--generate-code", "-gencode", "-arch")):
            del words[0]
        else:
            kept.append(words.pop(0))
    with tempfile.TemporaryDirectory() as folder:
        cubin = pathlib.Path(folder) / "cubin"
        kept[kept.index("-o") + 1] = str(cubin)
        subprocess.run([*kept, f"-arch=sm_{architecture}", "-cubin"],
                       cwd=directory, check=True)
        return cubin.read_bytes()


def main():
    build, architecture, most = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    elf = cubin_of(build, "tiles.cu", architecture)
    print(f"{'kernel':20}{'instructions':>13}{'of the loop':>13}{'single':>8}{'a slot':>8}")
    slots = []
    for name, contents in sorted(sections(elf)):
        if not name.startswith(".text."):
            continue
        kernel = subprocess.run(["c++filt", name[6:]], capture_output=True, text=True,
                                check=True).stdout
        kernel = re.search(r"(\w+<[^()]*>)\([^()]*\)$", kernel.strip())[1]
        code = [struct.unpack_from("<QQ", contents, i) for i in range(0, len(contents), BYTES)]
        while code[-1][0] & 0xfff == NOTHING:
            code.pop()
        for first, last in loops(code, int(architecture) >= 90):
            single = sum(low & 0x1ff in SINGLE for low, _ in code[first:last + 1])
            if not single:
                continue
            slots.append((last - first + 1) / (single / SINGLE_OF_SLOT))
            print(f"{kernel:20}{len(code):13}{last - first + 1:13}{single:8}{slots[-1]:8.2f}")
    if not slots:
        sys.exit("no kernel has a loop")
    if max(slots) > most:
        sys.exit(f"more than {most} instructions a slot and column")


if __name__ == "__main__":
    main()
