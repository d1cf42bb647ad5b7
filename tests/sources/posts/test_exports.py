"""All readers together: each file goes to its own one; damage costs rows, never the run."""

from __future__ import annotations

import random

import pytest
from exports import EXPORTS
from post_reading import glimpse, read

from tamis import registry
from tamis.errors import TamisError

MUTATIONS = 60


def winner(data: bytes, name: str = "export.json") -> str:
    readers = registry.plugins("posts").values()
    return max(readers, key=lambda one: one.recognises(glimpse(data, name))).name


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_goes_to_its_own_reader(name: str) -> None:
    assert winner(EXPORTS[name]) == name
    assert winner(b"\xef\xbb\xbf" + EXPORTS[name]) == name or name == "4plebs"


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_cut_anywhere_says_so(name: str) -> None:
    reader, whole = registry.plugins("posts")[name], EXPORTS[name]
    full = read(reader, whole, assume_zone="UTC")
    for at in sorted(random.Random(5).sample(range(1, len(whole) - 1), 40)):
        cut = whole[:at].rstrip()
        found = read(reader, cut, assume_zone="UTC")
        assert len(found["post"]) <= len(full["post"])
        (count,) = found["intake_count"]
        is_whole = cut.endswith(b"}") and whole[at : at + 1] in {b"\n", b""}
        lost = full["intake_count"][0]["row_count"] - count["row_count"] > 0
        assert found["rejected"] or is_whole or not lost or whole[: at + 1].endswith(b"\n")


@pytest.mark.parametrize("name", EXPORTS)
def test_changed_bytes_never_stop_a_reader(name: str) -> None:
    reader, whole, dice = registry.plugins("posts")[name], EXPORTS[name], random.Random(7)
    refusals: list[str] = []
    for _ in range(MUTATIONS):
        changed = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            way = dice.randrange(3)
            if way == 0:
                changed[at] = dice.choice(b'{}[]",:0-\\nt\x00\xff')
            elif way == 1:
                del changed[at : at + dice.randint(1, 30)]
            else:
                changed[at:at] = changed[at : at + dice.randint(1, 60)]
        try:
            found = read(reader, bytes(changed), assume_zone="UTC")
        except TamisError as error:
            refusals.append(str(error))
            continue
        assert found["intake_count"][0]["row_count"] or not bytes(changed).strip()
        for one in found["rejected"]:
            assert one["reason"]
            assert one["byte_start"] is None or 0 <= one["byte_start"] <= len(changed)
        for post in found["post"]:
            assert 0 <= post["byte_start"] < post["byte_end"] <= len(changed)
            if post["posted_low_at"] is not None and post["posted_high_at"] is not None:
                assert post["posted_low_at"] <= post["posted_high_at"]
    assert all(len(told) > 20 for told in refusals)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize(
    "data", [b"", b"\n", b"   \n\n", b"null", b"[]", b"{}", b"{", b"\x00" * 99]
)
def test_next_to_nothing(name: str, data: bytes) -> None:
    found = read(registry.plugins("posts")[name], data, assume_zone="UTC")
    assert not found["post"]


@pytest.mark.parametrize("name", EXPORTS)
def test_half_characters_and_nuls(name: str) -> None:
    data = EXPORTS[name].replace(b"Invented", b"\\ud800 \\u0000 x").replace(b"Words", b"\\udc00")
    found = read(registry.plugins("posts")[name], data, assume_zone="UTC")
    assert found["intake_count"][0]["row_count"]


@pytest.mark.parametrize("name", EXPORTS)
def test_reading_twice_gives_the_same(name: str) -> None:
    reader = registry.plugins("posts")[name]
    assert read(reader, EXPORTS[name], assume_zone="UTC") == read(
        reader, EXPORTS[name], assume_zone="UTC"
    )
