"""Text columns as dense integer codes: equal codes exactly where the bytes are equal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.walk.compiled import compiled, inlined, word_at

if TYPE_CHECKING:
    from collections.abc import Callable

Array: TypeAlias = np.ndarray[Any, Any]

_ROWS_A_BUCKET = 8_192
_MOST_BUCKET_BITS = 14


class Texts(NamedTuple):
    """A text column without NULL as two buffers: row i is data[offsets[i]:offsets[i + 1]]."""

    offsets: Array
    data: Array

    @property
    def rows(self) -> int:
        """How many texts."""
        return len(self.offsets) - 1

    @property
    def both(self) -> tuple[Array, Array]:
        """The two buffers as compiled functions take them."""
        return self.offsets, self.data


class Codes(NamedTuple):
    """A code for each row, and the text of each code."""

    of_row: Array
    distinct: Texts


def chunks_of(column: pa.ChunkedArray) -> list[Texts]:
    """The buffers of a text column, chunk by chunk, without a copy.

    Errors    ValueError where the column holds NULL.
    """
    if column.null_count:
        raise ValueError("a text column of the walk must not hold NULL")
    return [_buffers(chunk) for chunk in column.chunks if len(chunk)]


def _joined(parts: list[Texts]) -> Texts:
    lengths = [np.diff(part.offsets) for part in parts]
    offsets = np.zeros(sum(len(some) for some in lengths) + 1, np.int64)
    np.cumsum(np.concatenate([np.zeros(0, np.int32), *lengths]), dtype=np.int64, out=offsets[1:])
    held = [part.data[part.offsets[0] : part.offsets[-1]] for part in parts]
    return Texts(offsets, np.concatenate([np.zeros(0, np.uint8), *held]))


def _buffers(chunk: pa.Array) -> Texts:
    kind = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
    if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
        chunk, kind = chunk.cast(pa.large_string()), np.int64
    _, offsets, data = chunk.buffers()
    first = np.frombuffer(offsets, kind)[chunk.offset : chunk.offset + len(chunk) + 1]
    return Texts(first, np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8))


def _gathered(parts: list[Texts], rows: Array) -> Texts:
    """The texts of `rows`, which ascend, side by side in memory."""
    bases = np.cumsum([0, *(part.rows for part in parts)])
    cuts = np.searchsorted(rows, bases)
    lengths = np.empty(len(rows), np.int64)
    inside = [
        rows[low:high] - base
        for low, high, base in zip(cuts[:-1], cuts[1:], bases[:-1], strict=True)
    ]
    for part, local, low in zip(parts, inside, cuts[:-1], strict=True):
        lengths[low : low + len(local)] = part.offsets[local + 1] - part.offsets[local]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    data = np.empty(int(offsets[-1]), np.uint8)
    for part, local, low in zip(parts, inside, cuts[:-1], strict=True):
        _pack(*part, local, offsets[low : low + len(local) + 1], data)
    return Texts(offsets, data)


def coded(parts: list[Texts], threads: int) -> Codes:
    """The column as dense codes, numbered by the first row that holds each text.

    Rows are hashed, spread over buckets that fit a processor's cache, and numbered there; then
    every row is compared byte for byte with its code's text. Should two different texts ever
    share their 64-bit hash, a slower exact encoder numbers the column instead.
    """
    first_of_row = _first_of_row(hashed(parts, threads), threads)
    row_of, codes = _numbered(first_of_row)
    del first_of_row
    distinct = _gathered(parts, row_of)
    if all(_over(parts, threads, lambda part, base: _agree(part.both, distinct.both, codes, base))):
        return Codes(codes, distinct)
    return _slowly(parts)


def identities(parts: list[Texts], threads: int) -> Array:
    """A number for each row: equal exactly where the texts are equal; cheap where few repeat."""
    first = _first_of_row(hashed(parts, threads), threads)
    again = np.flatnonzero(first != np.arange(len(first), dtype=np.int32)).astype(np.int32)
    repeated, places = np.unique(first[again], return_inverse=True)
    texts = _gathered(parts, repeated)
    if _agree(_gathered(parts, again).both, texts.both, places.astype(np.int32), 0):
        return first
    return _slowly(parts).of_row


def _first_of_row(hashes: Array, threads: int) -> Array:
    starts, spread = _spread(hashes, _bucket_bits(len(hashes)))
    out = np.empty(len(hashes), np.int32)
    work = partial(_first_rows, spread, starts, out)
    together(work, ranges(len(starts) - 1, threads), threads)
    return out


def hashed(parts: list[Texts], threads: int) -> Array:
    """A 64-bit hash of each row's bytes."""
    out = np.empty(sum(part.rows for part in parts), np.uint64)
    _over(parts, threads, lambda part, base: _hash(*part, out, base))
    return out


def _over(parts: list[Texts], threads: int, function: Callable[[Texts, int], Any]) -> list[Any]:
    """What `function` gives for each chunk (cut in two or more where there is one) and its base."""
    bases = np.cumsum([0, *(part.rows for part in parts)])
    cut = [
        (Texts(part.offsets[low : high + 1], part.data), int(base) + low)
        for part, base in zip(parts, bases[:-1], strict=True)
        for low, high in ranges(part.rows, threads)
    ]
    return together(
        lambda at, _: function(*cut[at]), [(at, at + 1) for at in range(len(cut))], threads
    )


def together(
    function: Callable[[int, int], Any], ranges: list[tuple[int, int]], threads: int
) -> list[Any]:
    """What `function` gives for each range, in order, computed in so many threads."""
    if threads == 1 or len(ranges) <= 1:
        return [function(*span) for span in ranges]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda span: function(*span), ranges))


def ranges(count: int, parts: int) -> list[tuple[int, int]]:
    """`count` things cut into `parts` runs of equal length, fewer where there is little."""
    parts = max(1, min(parts, count // _ROWS_A_BUCKET))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))


def _bucket_bits(count: int) -> int:
    return min(_MOST_BUCKET_BITS, max(1, (count // _ROWS_A_BUCKET).bit_length()))


def _slowly(parts: list[Texts]) -> Codes:
    column = _joined(parts)
    buffers = [None, pa.py_buffer(column.offsets), pa.py_buffer(column.data)]
    array = pa.Array.from_buffers(pa.large_string(), column.rows, buffers)
    encoded = pc.dictionary_encode(array)
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Codes(codes, _joined([_buffers(encoded.dictionary)]))


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """`value` with every bit spread over all others."""
    value ^= value >> np.uint64(32)
    value *= np.uint64(0xD6E8FEB86659FD93)
    value ^= value >> np.uint64(32)
    value *= np.uint64(0xD6E8FEB86659FD93)
    return value ^ (value >> np.uint64(32))


@inlined
def _tail(data: Array, at: int, count: int) -> np.uint64:
    word = np.uint64(0)
    for byte in range(count):
        word |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
    return word


@compiled
def _hash(offsets: Array, data: Array, out: Array, base: int) -> None:
    for row in range(len(offsets) - 1):
        at = offsets[row]
        end = offsets[row + 1]
        value = np.uint64(end - at) * np.uint64(0x9E3779B97F4A7C15)
        while at + 8 <= end:
            value = (value ^ word_at(data, at)) * np.uint64(0x9FB21C651E98DF25)
            value ^= value >> np.uint64(29)
            at += 8
        if at < end:
            value = (value ^ _tail(data, at, end - at)) * np.uint64(0x9FB21C651E98DF25)
        out[base + row] = mixed(value)


@compiled
def _spread(hashes: Array, bits: int) -> tuple[Array, Array]:
    """Where each bucket begins, and hash and row of its members, in the order of rows."""
    shift = np.uint64(64 - bits)
    starts = np.zeros((1 << bits) + 1, np.int64)
    for row in range(len(hashes)):
        starts[(hashes[row] >> shift) + np.uint64(1)] += 1
    for bucket in range(1 << bits):
        starts[bucket + 1] += starts[bucket]
    cursor = starts[:-1].copy()
    out = np.empty((len(hashes), 2), np.uint64)
    for row in range(len(hashes)):
        bucket = hashes[row] >> shift
        place = cursor[bucket]
        out[place, 0] = hashes[row]
        out[place, 1] = np.uint64(row)
        cursor[bucket] = place + 1
    return starts, out


@compiled
def _first_rows(spread: Array, starts: Array, out: Array, low: int, high: int) -> None:
    """Into `out`, for each row, the first row with the same hash."""
    largest = 0
    for bucket in range(low, high):
        largest = max(largest, starts[bucket + 1] - starts[bucket])
    size = 16
    while size < 2 * largest:
        size *= 2
    keys = np.empty(size, np.uint64)
    firsts = np.empty(size, np.int32)
    for bucket in range(low, high):
        used = 16
        while used < 2 * (starts[bucket + 1] - starts[bucket]):
            used *= 2
        mask = np.uint64(used - 1)
        firsts[:used] = -1
        for place in range(starts[bucket], starts[bucket + 1]):
            key = spread[place, 0]
            slot = key & mask
            while firsts[slot] >= 0 and keys[slot] != key:
                slot = (slot + np.uint64(1)) & mask
            if firsts[slot] < 0:
                keys[slot] = key
                firsts[slot] = spread[place, 1]
            out[spread[place, 1]] = firsts[slot]


@compiled
def _numbered(first_of_row: Array) -> tuple[Array, Array]:
    """The first rows in ascending order, and each row's number among them."""
    count = 0
    for row in range(len(first_of_row)):
        count += first_of_row[row] == row
    row_of = np.empty(count, np.int32)
    codes = np.empty(len(first_of_row), np.int32)
    count = 0
    for row in range(len(first_of_row)):
        first = first_of_row[row]
        if first == row:
            row_of[count] = row
            codes[row] = count
            count += 1
        else:
            codes[row] = codes[first]
    return row_of, codes


@compiled
def _pack(offsets: Array, data: Array, rows: Array, starts: Array, out: Array) -> None:
    for place in range(len(rows)):
        first = offsets[rows[place]]
        for byte in range(starts[place + 1] - starts[place]):
            out[starts[place] + byte] = data[first + byte]


@inlined
def _same(one: tuple[Array, Array], row: int, other: tuple[Array, Array], other_row: int) -> bool:
    """Whether two rows, perhaps of different columns, hold the same bytes."""
    left = one[0][row]
    right = other[0][other_row]
    length = one[0][row + 1] - left
    if other[0][other_row + 1] - right != length:
        return False
    at = 0
    while at + 8 <= length:
        if word_at(one[1], left + at) != word_at(other[1], right + at):
            return False
        at += 8
    if at and at < length:  # the last word, over bytes that were compared already
        return bool(word_at(one[1], left + length - 8) == word_at(other[1], right + length - 8))
    while at < length:
        if one[1][left + at] != other[1][right + at]:
            return False
        at += 1
    return True


@compiled
def _agree(part: tuple[Array, Array], texts: tuple[Array, Array], codes: Array, base: int) -> bool:
    """Whether each row of the chunk holds the text of its code."""
    for row in range(len(part[0]) - 1):  # noqa: SIM110  # compiled code knows no all()
        if not _same(part, row, texts, codes[base + row]):
            return False
    return True


@compiled
def reversed_pairs(offsets: Array, data: Array, ones: Array, others: Array) -> Array:
    """For each pair of rows, whether the first one's text comes after the second one's."""
    out = np.empty(len(ones), np.bool_)
    for pair in range(len(ones)):
        left = offsets[ones[pair]]
        right = offsets[others[pair]]
        left_length = offsets[ones[pair] + 1] - left
        right_length = offsets[others[pair] + 1] - right
        at = 0
        shorter = min(left_length, right_length)
        while at < shorter and data[left + at] == data[right + at]:
            at += 1
        if at < shorter:
            out[pair] = data[left + at] > data[right + at]
        else:
            out[pair] = left_length > right_length
    return out
