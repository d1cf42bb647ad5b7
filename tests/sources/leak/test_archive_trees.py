"""Archives of random trees give back the tree; mutated ones never break out of their reader."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import py7zr
import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Open = Callable[..., Any]
MAIL = b"From: a@b\nTo: c@d\nSubject: x\nDate: y\n\nhello\n"
PARTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters='/\\:*?"<>|'),
    min_size=1,
    max_size=12,
).filter(lambda part: part.strip(". ") == part)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
CONTENT = st.one_of(st.binary(max_size=3000), st.just(MAIL), st.just(b"word " * 2000))
TREES = st.dictionaries(NAMES, CONTENT, min_size=1, max_size=8)
RELAXED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def zipped(tree: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made:
        for name, data in tree.items():
            made.writestr(name, data)
    return target.getvalue()


def tarred(tree: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as made:
        for name, data in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return target.getvalue()


def sevenzipped(tree: dict[str, bytes], **options: Any) -> bytes:
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", **options) as made:
        for name, data in tree.items():
            made.writestr(data, name)
    return target.getvalue()


MAKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "tar": tarred,
    "7z": sevenzipped,
}


@pytest.mark.parametrize("kind", sorted(MAKERS))
@RELAXED
@given(tree=TREES)
def test_what_goes_in_comes_out(opened: Open, kind: str, tree: dict[str, bytes]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = MAKERS[kind](tree)
    found = opened(raw, f"x.{kind}")
    assert {name: found.bytes(name) for name in found.children} == tree
    assert found.ledger["emitted_count"] == len(tree)
    assert found.ledger["failed_count"] == 0
    assert found.is_balanced()


SEED_TREE = {"a/b.eml": MAIL, "c.txt": b"word " * 400, "d.bin": bytes(range(256)) * 8}
SEEDS: dict[str, bytes] = {
    "zip": zipped(SEED_TREE),
    "stored.zip": zipped(SEED_TREE, zipfile.ZIP_STORED),
    "lzma.zip": zipped(SEED_TREE, zipfile.ZIP_LZMA),
    "tar": tarred(SEED_TREE),
    "7z": sevenzipped(SEED_TREE),
    "copy.7z": sevenzipped(SEED_TREE, filters=[{"id": py7zr.FILTER_COPY}]),
    "gz": gzip.compress(MAIL * 50, mtime=0),
    "bz2": bz2.compress(MAIL * 50),
    "xz": lzma.compress(MAIL * 50),
    "zst": zstd.compress(MAIL * 50),
    "emlx": b"%d\n" % len(MAIL) + MAIL + b"<plist><dict></dict></plist>",
    "ics": b"BEGIN:VCALENDAR\nDTSTART;TZID=Europe/Paris:20170505T230000\nEND:VCALENDAR\n",
}


def mutated(raw: bytes, dice: random.Random) -> bytes:
    """The bytes with some changed, cut out, doubled, or the end missing."""
    data = bytearray(raw)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        place = dice.randrange(len(data))
        what = dice.randrange(6)
        if what == 0:
            data[place] = dice.randrange(256)
        elif what == 1:
            data[place] ^= 1 << dice.randrange(8)
        elif what == 2:
            del data[place : place + dice.randrange(1, 40)]
        elif what == 3:
            data[place:place] = data[place : place + dice.randrange(1, 40)]
        elif what == 4:
            data[place : place + 4] = dice.choice((b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f"))
        else:
            del data[max(1, place) :]
        if not data:
            return b"\0"
    return bytes(data)


@pytest.mark.parametrize("kind", sorted(SEEDS))
def test_mutated_files_fail_only_as_rows(opened: Open, kind: str) -> None:
    dice = random.Random(f"containers {kind}")
    for _ in range(170):
        raw = mutated(SEEDS[kind], dice)
        found = opened(raw, f"x.{kind}", ["password"])
        top = found.top
        assert top["status"] in {"read", "partly", "failed", "refused"}
        assert top["status"] == "read" or top["reason"]
        assert found.is_balanced()
        assert "stopped on something unexpected" not in (top["reason"] or ""), top["reason"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name",
    [
        "mime/MimeKit/tnef__triples.tnef",
        "mime/MimeKit/tnef__long-filename.tnef",
        "mixed/ingest-file/fixtures__test-documents.rar",
        "mixed/ingest-file/fixtures__badrar.rar",
        "mixed/ingest-file/fixtures__7z_password.7z",
        "mixed/ingest-file/fixtures__john-doe.vcf",
        "docs/tika/test-documents__testZip_with_DataDescriptor2.zip",
    ],
)
def test_mutated_real_files_fail_only_as_rows(opened: Open, shared_data: Any, name: str) -> None:
    dice = random.Random(name)
    seed = (shared_data / "leak" / name).read_bytes()
    for _ in range(60):
        found = opened(mutated(seed, dice), name.rpartition("/")[2])
        top = found.top
        assert top["status"] in {"read", "partly", "failed", "refused"}
        assert "stopped on something unexpected" not in (top["reason"] or ""), top["reason"]
        assert found.is_balanced()
