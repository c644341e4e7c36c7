# SPDX-License-Identifier: MIT
"""Files in files: Zstandard frames of raw blocks, written by hand (RFC 8878), and archives."""
import gzip
import io
import struct
import tarfile
import zipfile


def gz(data):
    """The same bytes at every run: no time in the header."""
    return gzip.compress(data, mtime=0)


def rotated(value, count):
    return (value << count | value >> (64 - count)) & (1 << 64) - 1


def xxh64(data):
    """The hash of which a frame's checksum is the lower half (seed 0)."""
    p1, p2, p3, p4, p5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
                          0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
    mask, at = (1 << 64) - 1, 0

    def step(lane, word):
        return rotated(lane + word * p2 & mask, 31) * p1 & mask
    if len(data) < 32:
        h = p5
    else:
        lanes = [p1 + p2 & mask, p2, 0, -p1 & mask]
        for at in range(0, len(data) - 31, 32):
            lanes = [step(v, w) for v, w in zip(lanes, struct.unpack_from("<4Q", data, at))]
        at += 32
        h = sum(rotated(v, r) for v, r in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            h = (h ^ step(0, lane)) * p1 + p4 & mask
    h = h + len(data) & mask
    for at in range(at, len(data) - 7, 8):
        h = rotated(h ^ step(0, struct.unpack_from("<Q", data, at)[0]), 27) * p1 + p4 & mask
    at = len(data) & ~7
    if len(data) - at >= 4:
        h = rotated(h ^ struct.unpack_from("<I", data, at)[0] * p1 & mask, 23) * p2 + p3 & mask
        at += 4
    for byte in data[at:]:
        h = rotated(h ^ byte * p5 & mask, 11) * p1 & mask
    for shift, factor in ((33, p2), (29, p3)):
        h = (h ^ h >> shift) * factor & mask
    return h ^ h >> 32


def zstd(data, checksum=False, sized=True, block=4096):
    """One frame. Without `sized` a window (128 KiB) is stated and no size, as in streams."""
    frame = b"\x28\xb5\x2f\xfd"
    frame += bytes([(0xa0 if sized else 0) | checksum << 2])
    frame += struct.pack("<I", len(data)) if sized else b"\x38"
    for at in range(0, len(data), block):
        part = data[at:at + block]
        frame += struct.pack("<I", len(part) << 3 | (at + block >= len(data)))[:3] + part
    return frame + (struct.pack("<I", xxh64(data) & 0xffffffff) if checksum else b"")


def skippable_frame(data):
    return struct.pack("<II", 0x184d2a50, len(data)) + data


def tar(name, data, form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zipped(name, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()
