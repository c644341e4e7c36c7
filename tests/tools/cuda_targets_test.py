#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tools/cuda-targets on files made here, and on the module of a build.

usage: cuda_targets_test.py TOOL [MODULE ARCHITECTURES]

ARCHITECTURES is what CMake compiled the module for, as CMAKE_CUDA_ARCHITECTURES, with commas.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

PTX, CUBIN = 1, 2
TOOL, *MODULE = sys.argv[1:]


def image(kind, number, flags=0, more_header=0, length=24):
    """An image of code for one target, as nvcc writes its header."""
    header = struct.pack("<HHIQIIHHIIIQQQ", kind, 0x101, 64 + more_header, length, 0, 0, 8, 1,
                         number, 0, 0, 0x11 | flags, 0, 0)
    return header + bytes(more_header) + b"c" * length


def fat_binary(*images):
    content = b"".join(images)
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(content)) + content


def elf(section, name=b".nv_fatbin"):
    """An ELF file of 64 bits with this section, that of the names, and nothing else."""
    names = b"\0" + name + b"\0.names\0"
    table = 64 + len(section) + len(names)
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, 3, 2)
    sections = bytes(64)
    for place, offset, content in ((1, 64, section), (len(name) + 2, 64 + len(section), names)):
        sections += struct.pack("<IIQQQQIIQQ", place, 1, 0, 0, offset, len(content), 0, 0, 1, 0)
    return header + section + names + sections


class CudaTargets(unittest.TestCase):
    def run_tool(self, *arguments):
        done = subprocess.run([sys.executable, TOOL, *map(str, arguments)], capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def of_bytes(self, content):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "module.so")
            file.write_bytes(content)
            code, out, err = self.run_tool(file)
            return code, out, err.replace(str(file), "module.so")

    def expect_refused(self, content, why):
        self.assertEqual(self.of_bytes(content), (2, "", f"cuda-targets: module.so {why}\n"))

    def test_targets_in_order(self):
        images = (image(PTX, 120, more_header=16), image(CUBIN, 120, 1 << 24, more_header=48),
                  image(CUBIN, 75), image(CUBIN, 90, 1 << 20), image(CUBIN, 100, 1 << 21))
        expected = "sm_75\nsm_90a\nsm_100f\nsm_120\ncompute_120\n"
        one = fat_binary(*images)
        self.assertEqual(self.of_bytes(elf(one)), (0, expected, ""))
        # Another .cu file has them in another order; between the two are zeros and an empty one.
        another = fat_binary(*reversed(images))
        self.assertEqual(self.of_bytes(elf(one + bytes(16) + fat_binary() + another)),
                         (0, expected, ""))

    def test_one_file_lacks_a_target(self):
        whole = fat_binary(image(CUBIN, 75), image(CUBIN, 90))
        part = fat_binary(image(CUBIN, 90))
        self.assertEqual(self.of_bytes(elf(whole + part + whole)), (
            1, "", "cuda-targets: the fat binaries of module.so are not for the same targets:\n"
                   "  number 1, 3 of 3: sm_75 sm_90\n  number 2 of 3: sm_90\n"))
        # PTX is no machine code.
        self.assertEqual(self.of_bytes(elf(part + fat_binary(image(PTX, 90))))[0], 1)

    def test_files_that_are_none(self):
        self.expect_refused(b"", "is not an ELF file")
        self.expect_refused(b"not a library, but some words of text", "is not an ELF file")
        self.expect_refused(b"\x7fELF\x01\x01\x01" + bytes(60),
                            "is not an ELF file of 64 bits, little-endian")
        self.expect_refused(elf(fat_binary(image(CUBIN, 75)), b".data"), "holds no CUDA code")
        self.expect_refused(elf(bytes(32)), "holds no CUDA code")
        self.expect_refused(elf(fat_binary(image(77, 75))),
                            "holds code of a kind that is not known, 77")
        with tempfile.TemporaryDirectory() as folder:
            for name, why in ((folder, "Is a directory"),
                              (f"{folder}/none", "No such file or directory")):
                self.assertEqual(self.run_tool(name),
                                 (2, "", f"cuda-targets: {name} cannot be read: {why}\n"))
        self.assertEqual(self.run_tool()[0], 2)
        self.assertEqual(self.run_tool("one", "two")[0], 2)

    def test_damaged_files(self):
        whole = elf(fat_binary(image(CUBIN, 75), image(PTX, 75)))
        for length in range(6, len(whole), 61):
            self.assert_damaged(whole[:length])
        binary = bytearray(fat_binary(image(CUBIN, 75), image(PTX, 75)))
        for offset, value in ((0, 0), (6, 3), (8, 255), (16 + 4, 0), (16 + 8, 255)):
            changed = bytearray(binary)
            changed[offset] = value
            self.assert_damaged(elf(bytes(changed)))

    def assert_damaged(self, content):
        self.expect_refused(content, "is cut off or damaged")

    @unittest.skipUnless(MODULE, "this build has no CUDA part")
    def test_module_has_the_targets_of_the_build(self):
        module, architectures = MODULE
        code, out, err = self.run_tool(module)
        self.assertEqual((code, err), (0, ""))
        if architectures in ("all", "all-major"):
            self.skipTest("nvcc itself chose the targets")
        expected = set()
        for word in architectures.split(","):
            number, what = re.fullmatch(r"(\d+[af]?)(-real|-virtual)?", word).groups()
            if what != "-virtual":
                expected.add(f"sm_{number}")
            if what != "-real":
                expected.add(f"compute_{number}")
        self.assertEqual(set(out.split()), expected)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
