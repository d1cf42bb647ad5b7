from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tamis.errors import InputError
from tamis.syntax.mapi import rebuilt
from tamis.syntax.mapi.bag import Bag, moment_of
from tamis.syntax.mapi.codepage import codec_of_codepage, codepage_of_language


def bag(**found: bytes) -> Bag:
    made = Bag()
    for name, raw in found.items():
        made.put(int(name[1:], 16), raw)
    return made


def test_what_is_written_is_read_back() -> None:
    properties = bag(
        t0037001F="тема".encode("utf-16-le"),
        t1000001F=("x" * 2000).encode("utf-16-le"),
        t00390040=(131_383_872_000_000_000).to_bytes(8, "little"),
        t0E070003=(-1).to_bytes(4, "little", signed=True),
        t00710102=b"\x00\xff",
        t003D001F=b"\x00\xd8",
    )
    properties.put(0x8000101F, [b"a\0", b"b\0" * 2000])
    message = rebuilt.Rebuilt("msg", properties, problems=["p"])
    message.attachments.append(rebuilt.Attachment(bag(), "value", b"bytes"))
    data = rebuilt.write(message)
    found = rebuilt.read(data)
    assert found.bag.values == properties.values
    assert found.problems == ["p"]
    start, end = found.attachments[0].span or (0, 0)
    assert data[start:end] == b"bytes"


def test_headers_are_bytes_that_can_be_cited() -> None:
    wide = rebuilt.Rebuilt("pst", bag(t007D001F="From: é\r\n".encode("utf-16-le")))
    data = rebuilt.write(wide)
    found = rebuilt.read(data)
    assert found.headers == "From: é\r\n".encode()
    assert data[found.headers_start :] == found.headers
    narrow = rebuilt.Rebuilt("pst", bag(t007D001E=b"From: \xe9\r\n"))
    assert rebuilt.read(rebuilt.write(narrow)).headers == b"From: \xe9\r\n"


def test_equal_messages_have_equal_bytes_whatever_the_order() -> None:
    one = bag(t0037001F=b"a\0", t00390040=b"\1" * 8)
    two = bag(t00390040=b"\1" * 8, t0037001F=b"a\0")
    written = {rebuilt.write(rebuilt.Rebuilt("pst", each)) for each in (one, two)}
    assert len(written) == 1


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"x\n",
        b"[]\n",
        b"{}\n",
        (
            b'{"attachments":[],"headers":[0,9],"origin":"","page":0,"problems":[],"properties":[],'
            b'"recipients":[],"attachment_count":null,"recipient_count":null}\n'
        ),
        (
            b'{"attachments":[],"headers":null,"origin":"","page":0,"problems":[],'
            b'"properties":[["zz",1]],"recipients":[],"attachment_count":null,'
            b'"recipient_count":null}\n'
        ),
    ],
)
def test_anything_else_is_refused(told: bytes) -> None:
    with pytest.raises(InputError):
        rebuilt.read(rebuilt.MAGIC + told)


def test_times_out_of_reach_are_no_times() -> None:
    assert moment_of(116_444_736_000_000_000) == datetime(1970, 1, 1, tzinfo=UTC)
    assert [moment_of(one) for one in (0, -5, 2**63 - 1, 0x0CB34557A3DD4000)] == [None] * 4


def test_code_pages() -> None:
    assert codec_of_codepage(1251) == "cp1251"
    assert codec_of_codepage(28595) == "iso8859-5"
    assert codec_of_codepage(99999) is None
    assert codepage_of_language(0x0419) == 1251
    assert codepage_of_language(0x0804) == 936
    assert codepage_of_language(0x0404) == 950
    assert codepage_of_language(0x040C) == 1252
