from __future__ import annotations

from typing import Any

import pytest
from post_reading import glimpse, read
from tables import START, acts, kinds, number, table

from tamis.errors import FormatError
from tamis.sources.posts.ira_csv import READER
from tamis.sources.posts.stamps import iso_of_us
from tamis.syntax.clock import UnreadableTimeError


def row(second: int, **more: Any) -> dict[str, Any]:
    return {
        "external_author_id": "2944766250", "author": "SOME_NAME", "content": "Invented #Vote",
        "region": "Unknown", "language": "English", "publish_date": "5/5/2017 18:49",
        "harvested_date": "5/5/2017 18:50", "following": "10", "followers": "20", "updates": "30",
        "post_type": "", "account_type": "x", "retweet": "0", "account_category": "y",
        "new_june_2018": "0", "alt_external_id": "2944766250", "tweet_id": number(second),
        "article_url": "", "tco1_step1": "https://paper.example/a", "tco2_step1": "",
        "tco3_step1": "", **more}  # fmt: skip


def test_the_id_tells_the_time_and_shows_the_zone_of_the_column() -> None:
    found = read(READER, table(row(7), row(8), row(9, publish_date="5/5/2017 14:49")))
    post = found["post"][0]
    assert post["posted_at"] == START.replace(second=7, microsecond=500_000)
    assert (post["clock"], post["precision_s"]) == ("id_derived", 0.001)
    assert "+0 h from the time in the id for 2 of 3 posts" in found["intake_count"][0]["note"]
    assert kinds(found, post["post_id"]) == {
        "hashtag:vote": "in_text", "url:https://paper.example/a": "in_text",
        "domain:paper.example": "in_text"}  # fmt: skip
    assert post["language_declared"] is None, "the researchers' label is not the platform's"
    (state,) = found["account_snapshot"]
    assert (state["follower_count"], state["following_count"], state["post_count"]) == (20, 10, 30)


def test_without_a_time_in_the_id_the_zone_is_asked_for() -> None:
    old = row(0, tweet_id="20000000000", publish_date="6/1/2010 12:00")
    with pytest.raises(FormatError, match=r"'publish_date'.*--assume-zone"):
        read(READER, table(old))
    found = read(READER, table(row(0), old))
    assert "--assume-zone" in found["rejected"][0]["reason"]
    (post,) = read(READER, table(old), assume_zone="America/New_York")["post"]
    assert post["posted_at"].isoformat() == "2010-06-01T16:00:00+00:00"
    assert (post["clock"], post["precision_s"]) == ("archive", 60.0)


def test_a_wrong_zone_shows_as_an_interval() -> None:
    (post,) = read(READER, table(row(7)), assume_zone="America/New_York")["post"]
    assert post["posted_high_at"] > post["posted_low_at"].replace(hour=22)
    (post,) = read(READER, table(row(7)), assume_zone="UTC")["post"]
    assert post["clock"] == "id_derived"


@pytest.mark.parametrize(
    ("text", "iso"),
    [("10/1/2017 19:58", "2017-10-01 19:58"), ("1/10/2017 9:08", "2017-01-10 09:08")],
)
def test_dates_are_month_first(text: str, iso: str) -> None:
    assert iso_of_us(text) == iso


@pytest.mark.parametrize("text", ["13/1/2017 10:00", "2017-05-05 10:00", "5/5/17 10:00", ""])
def test_other_dates_are_none(text: str) -> None:
    with pytest.raises(UnreadableTimeError, match="US form"):
        iso_of_us(text)


def test_reposts_have_no_target_and_quotes_neither() -> None:
    found = read(READER, table(
        row(0, retweet="1", post_type="RETWEET"), row(1, post_type="QUOTE_TWEET"),
        row(2, content="RT @Other: x")))  # fmt: skip
    assert acts(found) == {
        ("repost", None, None, "native"), ("quote", None, None, "native"),
        ("repost", None, "x:@other", "text_pattern")}  # fmt: skip
    assert set(kinds(found, f"x:{number(0)}").values()) == {"inherited"}


def test_rounded_ids_of_accounts_are_no_ids() -> None:
    rounded = {"external_author_id": "9.06E+17"}
    found = read(READER, table(
        row(0, **rounded, alt_external_id="905874659358453760"),
        row(1, **rounded, alt_external_id="9.06E+17"), row(2, tweet_id="8.6E+17")))  # fmt: skip
    assert [p["account_id"] for p in found["post"]] == ["x:905874659358453760", "x:@some_name"]
    assert "3 ids of accounts were rounded" in found["intake_count"][0]["note"]
    assert "digits" in found["rejected"][0]["reason"]


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row(0)), "a.csv")) >= 90
    assert READER.recognises(glimpse(b"author,content\n1,2\n", "a.csv")) == 0
