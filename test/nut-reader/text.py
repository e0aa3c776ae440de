"""What a .nut file's nodes of kind vectorize must fulfil, and what they make of documents (SPEC.md, 4.6).

Needs Python 3.11, whose strings are those of the format.
"""

import functools
import itertools
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


def sort_of(char):
    if char.isalnum() or char == "_":
        return 1
    if unicodedata.combining(char):
        return 2
    if unicodedata.category(char) == "Cn":
        return 3
    return 5 if char.isspace() else 4


@functools.cache
def own_sorts():
    """What this Python knows of all characters."""
    return np.array([sort_of(chr(point)) for point in range(0x110000)], np.uint8)


def check_characters(characters):
    """Those of other versions of Python would need a str.lower of their own."""
    starts = tensor(characters, "starts", ("uint32",)).astype(np.int64)
    sorts = tensor(characters, "sorts", ("uint8",))
    need(len(starts) == len(sorts) + 1 and starts[0] == 0 and starts[-1] == 0x110000, "characters: starts")
    need((np.diff(starts) >= 0).all(), "characters: starts do not ascend")
    need((np.repeat(sorts, np.diff(starts)) == own_sorts()).all(), "characters: not those of this Python")


def check_pattern(pattern):
    steps = tensor(pattern, "steps", ("int32",))
    members = tensor(pattern, "members", ("uint32",))
    need(len(steps) % 3 == 0 and 0 < len(steps) <= 3000, "pattern: steps")
    need(len(members) % 2 == 0 and len(members) <= 20_000 and (members < 0x110006).all(), "pattern: members")
    steps = steps.reshape(-1, 3)
    for at, (kind, first, second) in enumerate(steps):
        need(0 <= kind <= 4, "pattern: type")
        least = -at if kind == 3 else 0
        most = (len(members) // 2, len(members) // 2, 5, len(steps) - at, 1)[kind]
        need(least <= first <= most and least <= second <= most, "pattern: numbers of a step")


def words_of(pattern, text):
    """What the steps find."""
    steps = tensor(pattern, "steps", ("int32",)).reshape(-1, 3).tolist()
    members = tensor(pattern, "members", ("uint32",)).reshape(-1, 2).tolist()

    def is_word(at):
        return 0 <= at < len(text) and own_sorts()[ord(text[at])] == 1

    def is_of(first, last, at):
        if first < 0x110000:
            return first <= ord(text[at]) <= last
        name = "wds"[(first - 0x110000) // 2]
        found = {"w": is_word(at), "d": text[at].isdecimal(), "s": text[at].isspace()}[name]
        return found == (first % 2 == 0)

    def is_at(place, at):
        boundary = is_word(at - 1) != is_word(at)
        last = at == len(text)
        return (
            boundary,
            len(text) > 0 and not boundary,
            at == 0,
            at == 0,
            last,
            last or (at == len(text) - 1 and text[at] == "\n"),
        )[place]

    def match(start):
        """Where the match ends and where its group lies, if there is one."""
        ways, met = [(0, start, (-1, -1))], set()
        while ways:
            step, at, group = ways.pop()
            if step == len(steps):
                return at, group
            kind, first, second = steps[step]
            if kind < 2:
                if at < len(text) and any(is_of(*member, at) for member in members[first:second]) == (kind == 0):
                    ways.append((step + 1, at + 1, group))
            elif kind == 2:
                if is_at(first, at):
                    ways.append((step + 1, at, group))
            elif kind == 3:
                if (step, at) not in met:
                    met.add((step, at))
                    ways += [(step + second, at, group), (step + first, at, group)]
            else:
                ways.append((step + 1, at, (at, group[1]) if first == 0 else (group[0], at)))
        return None

    captures = any(kind == 4 for kind, _, _ in steps)
    words, at = [], 0
    while at < len(text):
        found = match(at)
        if found is None or found[0] == at:
            at += 1
            continue
        end, (first, last) = found
        words.append(text[max(first, 0) : max(last, 0)] if captures else text[at:end])
        at = end
    return words


def check_vectorize(node, given):
    need(given == ("columns", [True]) and integer(node, "features", 1, 1) == 1, "vectorize: not given one column of strings")
    choice(node, "type", ("float64", "float32"))
    words = choice(node, "analyzer", ("word", "char", "char_wb")) == "word"
    get(node, "lowercase", bool)
    get(node, "binary", bool)
    check_characters(get(node, "characters", dict))
    if "accents" in node:
        choice(node, "accents", ("unicode", "ascii"))
    need(words == ("pattern" in node) and (words or "stopWords" not in node), "vectorize: keys of words")
    if words:
        check_pattern(node["pattern"])
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
        words = [word for word in words_of(node["pattern"], text) if word not in left_out]
        return [" ".join(words[at : at + size]) for size in sizes for at in range(len(words) - size + 1)]
    if node["analyzer"] == "char":
        runs = ["".join(run) for _, run in itertools.groupby(text, str.isspace)]
        pieces = ["".join(" " if len(run) > 1 and run.isspace() else run for run in runs)]
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
