# SPDX-License-Identifier: MIT
"""BinaryCIF as Mol* and as py-mmcif write it (github.com/molstar/BinaryCIF, version 0.3), with a
MessagePack writer of its own: real encoders do not write all that readers meet."""
import dataclasses
import struct

from structures import Null

INT8, INT16, INT32, UINT8, UINT16, UINT32, FLOAT32, FLOAT64 = 1, 2, 3, 4, 5, 6, 32, 33
FORMATS = {INT8: "b", INT16: "h", INT32: "i", UINT8: "B", UINT16: "H", UINT32: "I", FLOAT32: "f",
           FLOAT64: "d"}


def pack(value):
    """MessagePack, each value in its shortest form."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return pack_integer(value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return pack_length(len(data), 0xa0, 31, (0xd9, 0xda, 0xdb)) + data
    if isinstance(value, bytes):
        return pack_length(len(value), None, -1, (0xc4, 0xc5, 0xc6)) + value
    if isinstance(value, (list, tuple)):
        return pack_length(len(value), 0x90, 15, (None, 0xdc, 0xdd)) + b"".join(map(pack, value))
    items = b"".join(pack(k) + pack(v) for k, v in value.items())
    return pack_length(len(value), 0x80, 15, (None, 0xde, 0xdf)) + items


def pack_length(length, short, most, codes):
    if length <= most:
        return bytes([short | length])
    for code, form, end in zip(codes, (">B", ">H", ">I"), (1 << 8, 1 << 16, 1 << 32)):
        if code is not None and length < end:
            return bytes([code]) + struct.pack(form, length)
    raise ValueError(length)


def pack_integer(value):
    if 0 <= value < 128:
        return bytes([value])
    if -32 <= value < 0:
        return struct.pack("b", value)
    for code, form, low, high in ((0xcc, ">B", 0, 8), (0xcd, ">H", 0, 16), (0xce, ">I", 0, 32),
                                  (0xd0, ">b", 7, 7), (0xd1, ">h", 15, 15), (0xd2, ">i", 31, 31)):
        if -(1 << low if low else 0) <= value < 1 << high:
            return bytes([code]) + struct.pack(form, value)
    return b"\xd3" + struct.pack(">q", value)


# ---------------------------------------------------------------------------- encodings
# Each takes values and returns (values, encoding), the last one (bytes, encoding).

def byte_array(values, kind):
    data = struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)
    return data, {"kind": "ByteArray", "type": kind}


def delta(values):
    steps = [b - a for a, b in zip(values, values[1:])]
    return [0] * bool(values) + steps, {"kind": "Delta", "origin": values[0] if values else 0,
                                        "srcType": INT32}


def run_length(values):
    runs = []
    for value in values:
        if runs and runs[-2] == value:
            runs[-1] += 1
        else:
            runs += [value, 1]
    return runs, {"kind": "RunLength", "srcType": INT32, "srcSize": len(values)}


def integer_packing(values):
    """One byte a value; values beyond go on in the next byte."""
    unsigned = all(v >= 0 for v in values)
    high, low = (255, 0) if unsigned else (127, -128)
    packed = []
    for value in values:
        while value >= high:
            packed.append(high)
            value -= high
        while low and value <= low:
            packed.append(low)
            value -= low
        packed.append(value)
    encoding = {"kind": "IntegerPacking", "byteCount": 1, "isUnsigned": unsigned,
                "srcSize": len(values)}
    return packed, encoding, UINT8 if unsigned else INT8


def fixed_point(values, factor, kind=FLOAT64):
    return [round(v * factor) for v in values], {"kind": "FixedPoint", "factor": factor,
                                                 "srcType": kind}


def packed_integers(values, *steps):
    encodings = []
    for step in steps:
        values, encoding = step(values)
        encodings.append(encoding)
    values, encoding, kind = integer_packing(values)
    data, last = byte_array(values, kind)
    return data, encodings + [encoding, last]


def plain_integers(values, kind=INT32):
    data, encoding = byte_array(values, kind)
    return data, [encoding]


# ---------------------------------------------------------------------------- the two styles

@dataclasses.dataclass(frozen=True)
class Style:
    """How a program writes. `absent_mask` is None (written as nil), or "absent": no such key."""
    encoder: str
    floats: object  # "fixed", or FLOAT32 / FLOAT64 for a bare ByteArray
    packs: bool  # Delta, RunLength and IntegerPacking
    masked_index: bool  # -1 for each masked string
    absent_mask: object = None
    mask_kind: int = UINT8
    shuffled: bool = False


MOLSTAR = Style("mol*/ciftools cif2bcif", "fixed", True, False)
PY_MMCIF = Style("python-mmcif library", FLOAT32, False, True, mask_kind=INT32)
PY_MMCIF_64 = dataclasses.replace(PY_MMCIF, floats=FLOAT64)


def encode_strings(values, style):
    """A null is None. Offsets count characters, as Python's and JavaScript's len do."""
    distinct = []
    for value in values:
        value = None if style.masked_index and value is None else value or ""
        if value is not None and value not in distinct:
            distinct.append(value)
    index = [distinct.index(v or "") if v is not None or not style.masked_index else -1
             for v in values]
    offsets = [0]
    for value in distinct:
        offsets.append(offsets[-1] + len(value))
    if style.packs:
        indices, data_encoding = packed_integers(index, run_length)
        offset_data, offset_encoding = packed_integers(offsets, delta)
    else:
        indices, data_encoding = plain_integers(index)
        offset_data, offset_encoding = plain_integers(offsets)
    return indices, [{"kind": "StringArray", "dataEncoding": data_encoding,
                      "stringData": "".join(distinct), "offsetEncoding": offset_encoding,
                      "offsets": offset_data}]


def encode_floats(values, style):
    if style.floats != "fixed":
        data, encoding = byte_array(values, style.floats)
        return data, [encoding]
    return packed_integers(values, lambda v: fixed_point(v, 1000), delta)


def encode_column(name, values, style):
    """The type is that of the values that there are."""
    masks = [v.mask if isinstance(v, Null) else 0 for v in values]
    known = [v for v in values if not isinstance(v, Null)]
    if not known or any(isinstance(v, str) for v in known):
        texts = [None if isinstance(v, Null) else str(v) for v in values]
        data, encoding = encode_strings(texts, style)
    elif any(isinstance(v, float) for v in known):
        data, encoding = encode_floats([0.0 if isinstance(v, Null) else v for v in values], style)
    else:
        numbers = [(-1 if style.masked_index else 0) if isinstance(v, Null) else v for v in values]
        data, encoding = (packed_integers(numbers, delta, run_length) if style.packs
                          else plain_integers(numbers))
    column = {"name": name, "data": {"data": data, "encoding": encoding}}
    if any(masks):
        steps, values = [], masks
        if style.packs:
            values, encoding = run_length(masks)
            steps.append(encoding)
        data, encoding = byte_array(values, style.mask_kind)
        column["mask"] = {"data": data, "encoding": steps + [encoding]}
    elif style.absent_mask != "absent":
        column["mask"] = None
    return ordered(column, style)


def ordered(entries, style):
    """Keys of a map may stand in any order."""
    return dict(reversed(entries.items())) if style.shuffled else entries


def encode_table(category, style):
    columns = [encode_column(name, [row[i] for row in category.rows], style)
               for i, name in enumerate(category.columns)]
    return ordered({"name": category.name, "rowCount": len(category.rows), "columns": columns},
                   style)


def document(blocks, style):
    """`blocks` are (header, [categories as of encode_table])."""
    return pack(ordered({"encoder": style.encoder, "version": "0.3.0", "dataBlocks": [
        ordered({"header": header, "categories": categories}, style)
        for header, categories in blocks]}, style))


def bcif(*tables, style=MOLSTAR, block="CASE"):
    return document([(block, [encode_table(t, style) for t in tables])], style)
