"""What a .nut file's nodes of kind vectorize must fulfil, and what they make of documents (SPEC.md, 4.6).

Needs Python 3.11, whose strings are those of the format.
"""

import re
import unicodedata

import numpy as np

from container import choice, get, integer, need, tensor


def strings_of(terms):
    """The strings in a map of code units and starts."""
    units = tensor(terms, "units", ("uint8", "uint16"))
    starts = tensor(terms, "starts", ("uint32",)).astype(np.int64)
    need(len(starts) > 1 and starts[0] == 0 and starts[-1] == len(units), "terms: starts")
    need((np.diff(starts) >= 0).all(), "terms: starts do not ascend")
    text = units.astype("<u2").tobytes()
    return [text[2 * first : 2 * end].decode("utf-16-le", "surrogatepass") for first, end in zip(starts, starts[1:])]


def check_vectorize(node, given):
    need(given == ("columns", [True]) and integer(node, "features", 1, 1) == 1, "vectorize: not given one column of strings")
    choice(node, "type", ("float64", "float32"))
    words = choice(node, "analyzer", ("word", "char", "char_wb")) == "word"
    get(node, "lowercase", bool)
    get(node, "binary", bool)
    if "accents" in node:
        choice(node, "accents", ("unicode", "ascii"))
    need(words == ("pattern" in node) and (words or "stopWords" not in node), "vectorize: keys of words")
    if words:
        pattern = get(node, "pattern", str)
        need(len(pattern.encode("utf-16-le", "surrogatepass")) <= 20_000, "pattern: too long")
        need(re.compile(pattern).groups < 2, "pattern: groups")
        strings_of(node["stopWords"]) if "stopWords" in node else None
    integer(node, "largest", integer(node, "smallest", 1, 100), 100)
    need(("vocabulary" in node) != ("hash" in node), "vectorize: a vocabulary and a hash, or neither")
    if "vocabulary" in node:
        return "sparse", [False] * len(strings_of(node["vocabulary"]))
    get(node["hash"], "signed", bool)
    return "sparse", [False] * integer(node["hash"], "columns", 1)


def terms_of(node, document, left_out):
    """The terms of a document, in any order."""
    text = document.lower() if node["lowercase"] else document
    accents = node.get("accents")
    if accents == "ascii":
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    elif accents and not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    sizes = range(node["smallest"], node["largest"] + 1)
    if node["analyzer"] == "word":
        words = [word for word in re.findall(node["pattern"], text) if word not in left_out]
        return [" ".join(words[at : at + size]) for size in sizes for at in range(len(words) - size + 1)]
    if node["analyzer"] == "char":
        pieces = [re.sub(r"\s\s+", " ", text)]
    else:
        pieces = [f" {word} " for word in text.split()]
    found = [piece for piece in pieces if node["analyzer"] == "char_wb" and len(piece) < node["smallest"]]
    return found + [piece[at : at + size] for piece in pieces for size in sizes for at in range(len(piece) - size + 1)]


def murmur(data):
    """MurmurHash3 (x86, 32 bits, seed 0) of bytes, signed."""
    mask = 0xFFFFFFFF

    def turn(value, by):
        return (value << by | value >> (32 - by)) & mask

    def mix(word):
        return turn(word * 0xCC9E2D51 & mask, 15) * 0x1B873593 & mask

    whole = len(data) // 4 * 4
    result = 0
    for at in range(0, whole, 4):
        result = turn(result ^ mix(int.from_bytes(data[at : at + 4], "little")), 13) * 5 + 0xE6546B64 & mask
    result ^= mix(int.from_bytes(data[whole:], "little")) ^ len(data)
    result = (result ^ result >> 16) * 0x85EBCA6B & mask
    result = (result ^ result >> 13) * 0xC2B2AE35 & mask
    result ^= result >> 16
    return result - 2**32 if result >= 2**31 else result


def count_terms(node, documents):
    """Counts, and which of them a sparse value has: [n, w] each."""
    known, width = {}, node.get("hash", {}).get("columns", 0)
    if "vocabulary" in node:
        terms = strings_of(node["vocabulary"])
        known, width = {term: at for at, term in reversed(list(enumerate(terms)))}, len(terms)
    left_out = set(strings_of(node["stopWords"])) if "stopWords" in node else set()
    counts = np.zeros((len(documents), width), node["type"])
    for row, document in enumerate(documents):
        if document is None:
            raise ValueError("a document is missing")
        for term in terms_of(node, document, left_out):
            code = 0 if "vocabulary" in node else murmur(term.encode())
            at = known.get(term, -1) if "vocabulary" in node else abs(code) % width
            if at >= 0 and node["binary"]:
                counts[row, at] = 1
            elif at >= 0:
                counts[row, at] += -1 if code < 0 and node["hash"]["signed"] else 1
    return counts, counts != 0
