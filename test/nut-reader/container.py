"""The parts of a .nut file (SPEC.md, sections 1 and 2): from bytes to the header, with arrays for its tensors."""

import math
import struct
import zlib

import msgpack
import numpy as np

START = b"\x96\xa8nuthatch\x92"
DTYPES = {"uint8": "<u1", "uint16": "<u2", "uint32": "<u4", "int32": "<i4", "float32": "<f4", "float64": "<f8"}
UINT = ("uint8", "uint16", "uint32")
LARGEST = 2**53 - 1


class NutError(Exception):
    """The file is refused as a whole."""


def need(condition, what):
    if not condition:
        raise NutError(what)


# Values of header maps

def get(node, key, kind):
    need(type(node) is dict and type(node.get(key)) is kind, f"{key}: expected {kind.__name__}")
    return node[key]


def integer(node, key, low=0, high=LARGEST):
    need(low <= get(node, key, int) <= high, f"{key}: out of range")
    return node[key]


def choice(node, key, options):
    need(get(node, key, str) in options, f"{key}: {node[key]!r}")
    return node[key]


def strings_or_none(value, what, length):
    need(type(value) is list and len(value) == length, f"{what}: expected {length} strings")
    need(all(one is None or type(one) is str for one in value), f"{what}: expected strings")
    return value


def strings(value, what):
    need(type(value) is list and all(type(one) is str for one in value), f"{what}: expected strings")
    return value


def tensor(node, key, dtypes, length=None):
    """The array [length] at a key. Of UINT, it must have the narrowest type that holds its elements."""
    array = get(node, key, np.ndarray)
    need(array.ndim == 1 and array.dtype.name in dtypes, f"{key}: tensor of another type")
    need(length is None or len(array) == length, f"{key}: tensor of another length")
    need(dtypes is not UINT or array.dtype == np.min_scalar_type(array.max(initial=0)), f"{key}: not the narrowest type")
    return array


def read_container(data):
    """The header in a file's bytes, without `tensors` and with numpy arrays for {"$tensor": i}."""
    need(len(data) >= 30 and data[:11] == START, "not a .nut file")
    need(data[11] == 1 and data[12] < 128, "version not supported")
    need(data[-10:-8] == b"\xc4\x08", "checksums missing")
    first, second = struct.unpack(">II", data[-8:])
    need(zlib.crc32(memoryview(data)[:-8]) == second, "checksum of the file")
    header, at = read_header(data)
    padding = data[at + 1]
    start = at + 2 + padding + 5
    need(data[at] == 0xC4 and padding < 64 and start % 64 == 0 and start + 10 <= len(data), "padding")
    need(not any(data[at + 2 : start - 5]), "padding is not zero")
    need(data[start - 5] == 0xC6 and struct.unpack(">I", data[start - 4 : start])[0] == len(data) - 10 - start, "payload")
    need(zlib.crc32(memoryview(data)[:start]) == first, "checksum of the header")
    tensors, used = read_tensors(get(header, "tensors", list), memoryview(data)[start:-10]), set()
    resolved = {key: resolve(value, tensors, used) for key, value in header.items() if key != "tensors"}
    need(len(used) == len(tensors), "tensor not used")
    return resolved


def read_header(data):
    """The header, tensors still as references, and the offset of the byte after it."""
    def unique(pairs):
        need(len(dict(pairs)) == len(pairs), "a key twice in a map")
        return dict(pairs)

    unpacker = msgpack.Unpacker(object_pairs_hook=unique, max_str_len=2**20, max_bin_len=0, max_ext_len=0)
    unpacker.feed(data[13 : 13 + 2**26])
    try:
        header = unpacker.unpack()
    except Exception as error:  # msgpack raises a dozen kinds
        raise NutError(f"header: {error}") from error
    need(type(header) is dict, "header: not a map")
    check_plain(header, 1)
    return header, min(13 + unpacker.tell(), len(data) - 10)


def check_plain(value, depth):
    """Only maps with string keys, arrays, strings, booleans, safe integers and, in arrays, nils: no float, no bin, no ext."""
    need(depth <= 64, "header: nested too deep")
    if type(value) is dict:
        need(all(type(key) is str for key in value), "header: a key is not a string")
    if type(value) in (dict, list):
        for one in value.values() if type(value) is dict else [one for one in value if one is not None]:
            check_plain(one, depth + 1 if type(one) in (dict, list) else depth)
    else:
        need(type(value) in (str, bool, int), f"header: a value of type {type(value).__name__}")
        need(type(value) is not int or abs(value) <= LARGEST, "header: integer too large")


def read_tensors(table, payload):
    """The arrays that the table lists, over the payload's bytes."""
    arrays, end = [], 0
    for entry in table:
        get(entry, "name", str)
        dtype = np.dtype(DTYPES[choice(entry, "dtype", DTYPES)])
        shape = get(entry, "shape", list)
        need(all(type(one) is int and one >= 0 for one in shape), "tensor: shape")
        offset, length = integer(entry, "offset"), integer(entry, "length")
        need(length == math.prod(shape) * dtype.itemsize, "tensor: length is not that of its shape")
        need(offset % 16 == 0 and 0 <= offset - end < 16 and offset + length <= len(payload), "tensor: offset")
        need(not any(payload[end:offset]), "payload: bytes between tensors are not zero")
        need(zlib.crc32(payload[offset : offset + length]) == integer(entry, "crc32"), "tensor: checksum")
        arrays.append(np.frombuffer(payload[offset : offset + length], dtype).reshape(shape))
        end = offset + length
    need(len(payload) - end < 16 and not any(payload[end:]), "payload: bytes after the last tensor")
    return arrays


def resolve(value, tensors, used):
    """A header value with arrays for its references. `used`: indices met so far; none may come twice."""
    if type(value) is list:
        return [resolve(one, tensors, used) for one in value]
    if type(value) is not dict:
        return value
    if "$tensor" in value:
        index = integer(value, "$tensor", 0, len(tensors) - 1)
        need(len(value) == 1 and index not in used, "tensor used twice, or further keys beside $tensor")
        used.add(index)
        return tensors[index]
    return {key: resolve(one, tensors, used) for key, one in value.items()}
