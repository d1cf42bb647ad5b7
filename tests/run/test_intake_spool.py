"""What is held of items inside containers, and how their places are named."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest

from tamis.errors import MemberError
from tamis.run import intake_spool
from tamis.run.intake_spool import FullError, Spool, TogetherError, digest
from tamis.run.intake_work import (
    Window,
    folder_of_name,
    path_of_name,
    stand_in_id,
    window,
)


class Out:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def blob(self, name: str) -> Any:
        files = self.files

        class File(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    files[name] = self.getvalue()
                super().close()

        return File()

    def reopen(self, name: str, start: int, end: int) -> BinaryIO:
        return io.BytesIO(self.files[name][start:end])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_spool, "DEFER_BYTES", 1000)
    monkeypatch.setattr(intake_spool, "_HELD_BYTES", 1500)


def test_a_large_item_is_written_as_it_comes_and_never_joined(small: None) -> None:
    out = Out()
    spool = Spool(out, 1 << 20, is_alone=True)
    kept = spool.keep(bytes([n]) * 400 for n in range(5))
    whole = b"".join(bytes([n]) * 400 for n in range(5))
    assert kept.data is None
    assert kept.item_id == hashlib.sha256(whole).hexdigest()
    assert spool.names == {"spool-1": kept.item_id}
    assert kept.blob is not None
    assert spool.open(kept.blob).read() == whole
    again = spool.keep(bytes([n]) * 400 for n in range(5))
    assert again.blob == kept.blob
    assert spool.names == {"spool-1": kept.item_id}


def test_few_bytes_are_held_and_more_are_read_back(small: None) -> None:
    spool = Spool(Out(), 1 << 20, is_alone=True)
    first, second = spool.keep(b"a" * 900), spool.keep([b"b" * 450, b"b" * 450])
    assert first.data == b"a" * 900
    assert second.data is None
    assert second.blob is not None
    assert spool.open(second.blob).read() == b"b" * 900
    spool.release(first.data)
    assert spool.keep(b"c" * 900).data is not None


def test_damage_keeps_what_came_and_a_refusal_nothing(small: None) -> None:
    def broken(status: str, size: int) -> Iterator[bytes]:
        yield b"x" * size
        raise MemberError(status, "why")

    for size in (10, 5000):
        spool = Spool(Out(), 1 << 20, is_alone=True)
        kept = spool.keep(broken("partly", size))
        assert (kept.size_bytes, kept.damage) == (size, "why")
        with pytest.raises(MemberError, match="why"):
            spool.keep(broken("refused", size))
        assert len(spool.names) == (size > 1000)


def test_the_limit_is_for_one_file_and_several_are_divided(small: None) -> None:
    alone = Spool(Out(), 2000, is_alone=True)
    alone.keep(b"a" * 900)
    with pytest.raises(FullError, match="had given 900 bytes before"):
        alone.keep(b"b" * 1500)
    assert alone.keep(b"c" * 100).size_bytes == 100
    together = Spool(Out(), 2000, is_alone=False)
    with pytest.raises(TogetherError):
        together.keep(b"b" * 3000)


@pytest.mark.parametrize(
    ("name", "path", "folder"),
    [
        ("a/b.txt", "a/b.txt", "a"),
        ("../../x", "_/_/x", "_/_"),
        ("/abs", "abs", ""),
        ("C:\\dir\\x", "C:/dir/x", "C:/dir"),
        ("", "_", ""),
        ("a//b", "a/_/b", "a"),
        ("box/cur/1:2,S", "box/cur/1:2,S", "box"),
        ("nul\0byte", "nul_byte", ""),
    ],
)
def test_names_become_paths_that_stay_below(name: str, path: str, folder: str) -> None:
    assert path_of_name(name) == path
    assert folder_of_name(name) == folder


def test_a_very_long_name_is_short_in_the_path_and_still_its_own() -> None:
    one, other = path_of_name("x" * 65_000 + "1"), path_of_name("x" * 65_000 + "2")
    assert len(one) == len(other) == 300
    assert one != other


def test_a_stand_in_is_the_hash_of_its_place_alone() -> None:
    ids = {stand_in_id("/r", "a", 0), stand_in_id("/r", "a", 1), stand_in_id("/r", "b", 0)}
    assert len(ids) == 3
    assert stand_in_id("/r", "a", 0) in ids


def test_a_window_shows_its_span_and_nothing_else() -> None:
    stream = io.BytesIO(b"0123456789")
    shown = Window(stream, 2, 6)
    assert shown.read() == b"2345"
    assert shown.seek(-1, io.SEEK_END) == 3
    assert shown.read(10) == b"5"
    with pytest.raises(ValueError, match="before the start"):
        shown.seek(-1)
    first, second = window(stream)(0, 5), window(stream)(5, 10)
    assert (first.read(2), second.read(2), first.read(2)) == (b"01", b"56", b"23")
    assert digest(stream, 3, 7) == hashlib.sha256(b"3456").hexdigest()
