from __future__ import annotations

from datetime import UTC, datetime

from post_reading import glimpse, read
from tables import START, kinds

from tamis.sources.posts.gdelt import READER


def line(address: str = "https://www.paper.example/a", extra: str = "", **more: str) -> bytes:
    cells = ["20170505190000-1", "20170505190000", "1", "paper.example", address, *[""] * 21, extra]
    cells[22] = "12|20|said|Invented words#40|9||Other words"
    cells[25] = "srclc:fra;eng:GT-FRA 1.0"
    for at, text in more.items():
        cells[int(at[1:])] = text
    return "\t".join(cells).encode() + b"\n"


PRECISE = (
    "<PAGE_LINKS>https://dump.example/x;https://b.example/</PAGE_LINKS><PAGE_PRECISEPUBTIMESTAMP>"
    "20170505184900</PAGE_PRECISEPUBTIMESTAMP><PAGE_TITLE>A title &amp; more</PAGE_TITLE>"
)


def test_a_document_with_its_own_time() -> None:
    data = line(extra=PRECISE)
    found = read(READER, data)
    (post,) = found["post"]
    assert (post["post_id"], post["account_id"]) == (
        "web:https://paper.example/a",
        "web:paper.example",
    )
    assert (post["posted_at"], post["clock"]) == (START, "client_claimed")
    assert post["text"] == "A title & more\nInvented words\nOther words"
    assert post["language_declared"] == "fra"
    assert set(kinds(found, post["post_id"])) == {
        "url:https://paper.example/a", "domain:paper.example", "url:https://dump.example/x",
        "domain:dump.example", "url:https://b.example/", "domain:b.example"}  # fmt: skip
    assert (post["byte_start"], post["byte_end"]) == (0, len(data) - 1)


def test_a_batch_is_the_latest_time_and_never_the_earliest() -> None:
    (post,) = read(READER, line())["post"]
    assert (post["clock"], post["precision_s"]) == ("archive", 900.0)
    assert post["posted_high_at"] == datetime(2017, 5, 5, 19, 14, 59, 999_999, tzinfo=UTC)
    assert (post["posted_at"], post["posted_low_at"]) == (None, None)


def test_a_stated_time_after_the_sighting_is_not_believed() -> None:
    later = PRECISE.replace("20170505184900", "20300505184900")
    (post,) = read(READER, line(extra=later))["post"]
    assert (post["clock"], post["posted_at"]) == ("archive", None)
    assert post["posted_high_at"].year == 2017


def test_lines_that_cannot_be_used() -> None:
    data = b"".join((line(), b"\n", line(c2="2"), b"20170505190000-1\tx\n", line(c1="soon")))
    found = read(READER, data)
    assert (len(found["post"]), len(found["rejected"])) == (1, 3)
    assert found["intake_count"][0]["skipped_count"] == 1
    assert found["rejected"][1]["byte_start"] == len(line() + b"\n" + line(c2="2"))
    assert READER.recognises(glimpse(data)) >= 90
    assert READER.recognises(glimpse(b"20170505190000\tx\n")) == 0
