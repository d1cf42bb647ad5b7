from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tamis.syntax.mail.date import parse


@pytest.mark.parametrize(
    ("text", "expected", "offset"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", datetime(1997, 11, 21, 15, 55, 6, tzinfo=UTC), -21600),
        ("21 Nov 97 09:55 GMT", datetime(1997, 11, 21, 9, 55, tzinfo=UTC), 0),
        ("Thu, 13 Feb 1969 23:32 -0330 (NST)", datetime(1969, 2, 14, 3, 2, tzinfo=UTC), -12600),
        ("Mon, 01 Jan 2025 10:00:00 -0000", datetime(2025, 1, 1, 10, tzinfo=UTC), None),
        ("Mon, 01 Jan 2025 10:00:00 K", datetime(2025, 1, 1, 10, tzinfo=UTC), None),
        ("Mon Sep  2 12:29:16 2002", datetime(2002, 9, 2, 12, 29, 16, tzinfo=UTC), None),
        ("Wed, 5 Mar 2003 10:10:60 EST", datetime(2003, 3, 5, 15, 11, tzinfo=UTC), -18000),
        ("5 Mar 103 10:10:00 +0000", datetime(2003, 3, 5, 10, 10, tzinfo=UTC), 0),
        ("Fri, 5 May 2017 23:59:59 +02:00", datetime(2017, 5, 5, 21, 59, 59, tzinfo=UTC), 7200),
    ],
)
def test_dates(text: str, expected: datetime, offset: int | None) -> None:
    assert parse(text) == (expected, offset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Whenever",
        "Mon, 1 Jan 0000 00:00:00 +0000",
        "31 Dec 9999 23:59:59 +0000",
        "31 Dec 99999 23:59:59 +0000",
        "Tue, 28 May 0102 21:38:11 +0500",
        "Wed, 31 Feb 2017 10:00:00 +0000",
        "Wed, 1 Foo 2017 10:00:00 +0000",
        "Wed, 1 Mar 2017 25:00:00 +0000",
        "Wed, 1 Mar 2017 10:00:75 +0000",
        "(" * 100_000,
        "Wed, 1 Mar 2017 10:00:00 +0000" + " x" * 10_000,
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse(text) is None


def test_an_impossible_offset_is_not_believed() -> None:
    assert parse("Wed, 1 Mar 2017 10:00:00 +9999") == (datetime(2017, 3, 1, 10, tzinfo=UTC), None)
