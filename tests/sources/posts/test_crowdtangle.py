from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from post_reading import glimpse, read
from tables import acts, kinds, table

from tamis.errors import FormatError
from tamis.sources.posts.crowdtangle import READER
from tamis.sources.posts.stamps import ABBREVIATIONS

EVENING = datetime(2021, 8, 15, 20, 1, 32, tzinfo=UTC)


def row(
    native: str = "77", created: str = "2021-08-15 22:01:32 CEST", **more: Any
) -> dict[str, Any]:
    return {
        "Page Name": "A page", "User Name": "apage", "Facebook Id": "100", "Page Category": "X",
        "Page Description": "About", "Likes at Posting": "9", "Followers at Posting": "1,200",
        "Post Created": created, "Type": "Link", "Total Interactions": "1,001", "Likes": "900",
        "Comments": "7", "Shares": "5", "Love": "90", "Wow": "0", "Haha": "10", "Sad": "0",
        "Angry": "1", "Care": "0", "Post Views": "0", "URL":
        f"https://www.facebook.com/100/posts/{native}", "Message": "Words #Vote",
        "Link": "https://short.example/x", "Final Link": "https://paper.example/a",
        "Image Text": "", "Link Text": "", "Description": "", **more}  # fmt: skip


def test_a_post_with_its_zone_in_the_value() -> None:
    found = read(READER, table(row()))
    (post,) = found["post"]
    assert post["posted_at"] == EVENING
    assert (post["clock"], post["precision_s"]) == ("platform", 1.0)
    assert (post["post_id"], post["account_id"]) == ("facebook:100_77", "facebook:100")
    assert post["container_id"] == "facebook:100"
    assert kinds(found, post["post_id"]) == {
        "url:https://paper.example/a": "card", "domain:paper.example": "card",
        "hashtag:vote": "in_text"}  # fmt: skip
    (counts,) = found["post_snapshot"]
    assert (counts["like_count"], counts["repost_count"], counts["reply_count"]) == (1001, 5, 7)
    assert found["account_snapshot"][0]["follower_count"] == 1200
    assert found["container"][0]["kind"] == "page"
    assert acts(found) == set()


@pytest.mark.parametrize(
    ("mark", "hour"), [("UTC", 22), ("EDT", 26), ("EEST", 19), ("+02:00", 20), ("CEST", 20)]
)
def test_abbreviations_with_one_meaning(mark: str, hour: int) -> None:
    (post,) = read(READER, table(row(created=f"2021-08-15 22:01:32 {mark}")))["post"]
    expected = datetime(2021, 8, 15, 0, 1, 32, tzinfo=UTC) + timedelta(hours=hour)
    assert post["posted_at"] == expected


@pytest.mark.parametrize("mark", ["CST", "IST", "PST", "BST", "XYZ"])
def test_ambiguous_abbreviations_are_asked_about(mark: str) -> None:
    odd = row("78", f"2021-01-15 22:01:32 {mark}")
    with pytest.raises(FormatError, match=r"'Post Created'.*--assume-zone"):
        read(READER, table(odd))
    found = read(READER, table(row(), odd))
    assert "stands for several" in found["rejected"][0]["reason"]


def test_a_named_zone_decides_an_ambiguous_abbreviation_and_nothing_else() -> None:
    winter = row(created="2021-01-15 22:01:32 CST")
    (post,) = read(READER, table(winter), assume_zone="America/Chicago")["post"]
    assert post["posted_at"] == datetime(2021, 1, 16, 4, 1, 32, tzinfo=UTC)
    (post,) = read(READER, table(row()), assume_zone="America/Chicago")["post"]
    assert post["posted_at"] == EVENING
    wrong = read(READER, table(winter), assume_zone="Europe/Paris")
    assert "did not show 'CST'" in wrong["rejected"][0]["reason"]


def test_the_hour_that_came_twice_is_told_by_its_abbreviation() -> None:
    for mark, hour in (("CDT", 6), ("CST", 7)):
        one = row(created=f"2021-11-07 01:30:00 {mark}")
        (post,) = read(READER, table(one), assume_zone="America/Chicago")["post"]
        assert post["posted_at"] == datetime(2021, 11, 7, hour, 30, tzinfo=UTC)


def test_a_value_without_zone_is_refused() -> None:
    bare = row(created="2021-08-15 22:01:32")
    with pytest.raises(FormatError, match="--assume-zone"):
        read(READER, table(bare))
    (post,) = read(READER, table(bare), assume_zone="Europe/Paris")["post"]
    assert post["posted_at"] == EVENING


def test_a_group_hides_who_posted() -> None:
    one = row()
    one["Group Name"] = one.pop("Page Name")
    found = read(READER, table(one))
    (post,) = found["post"]
    assert (post["account_id"], post["container_id"]) == (None, "facebook:100")
    assert found["container"][0]["kind"] == "group"
    assert not found["account"]


def test_instagram() -> None:
    found = read(READER, table({
        "Account": "A name", "User Name": "aname", "Followers at Posting": "5",
        "Post Created": "2021-08-15 22:01:32 CEST", "Type": "Photo", "Likes": "3", "Comments": "1",
        "Views": "", "URL": "https://www.instagram.com/p/CoDe12/", "Link": "", "Photo": "",
        "Title": "", "Description": "Words #Vote"}))  # fmt: skip
    assert found["post"][0]["post_id"] == "instagram:CoDe12"
    assert found["post"][0]["account_id"] == "instagram:@aname"
    assert found["post"][0]["text"] == "Words #Vote"


def test_rows_that_cannot_be_used() -> None:
    rows = (row(), row(URL=""), row("79", ""), row("80", "yesterday CEST"), row("81", Likes="many"))
    found = read(READER, table(*rows))
    assert len(found["post"]) == 1
    assert len(found["rejected"]) == 4


def test_each_abbreviation_has_one_offset_in_every_zone_since_2007() -> None:
    offsets: dict[str, set[timedelta]] = {name: set() for name in ABBREVIATIONS}
    for name in available_timezones():
        zone = ZoneInfo(name)
        for month in range(0, 23 * 12, 3):
            made = datetime(2007 + month // 12, month % 12 + 1, 15, tzinfo=UTC).astimezone(zone)
            if made.tzname() in offsets:
                offsets[str(made.tzname())].add(made.utcoffset() or timedelta())
    for name, stated in ABBREVIATIONS.items():
        hours = timedelta(hours=int(stated[1:3]), minutes=int(stated[4:]))
        assert offsets[name] == {-hours if stated[0] == "-" else hours}, name


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row()), "a.csv")) >= 90
    assert READER.recognises(glimpse(b"Post Created,Message\n1,2\n", "a.csv")) == 0


def test_all_columns_of_an_export_with_a_sponsor_and_a_score() -> None:
    more = {
        "Page Admin Top Country": "FR", "Page Created": "2010-01-01 00:00:00", "Video Share "
        "Status": "", "Is Video Owner?": "-", "Total Views": "0", "Total Views For All Crossposts":
        "0", "Video Length": "", "Sponsor Id": "555", "Sponsor Name": "A sponsor",
        "Sponsor Category": "PERSON", "Overperforming Score (weighted  —  Likes 1x Shares 1x )":
        "-1,234.5"}  # fmt: skip
    found = read(READER, table(row(**more), row("78")))
    assert {p["account_id"] for p in found["post"]} == {"facebook:100"}, "who pays is no author"
    assert {a["account_id"] for a in found["account"]} == {"facebook:100"}
    assert not found["rejected"]
    assert found["post_snapshot"][0]["like_count"] == 1001, "a score is no count"
    assert "1 posts name a sponsor" in found["intake_count"][0]["note"]
    assert READER.recognises(glimpse(table(row(**more)), "a.csv")) >= 90


def test_a_link_to_another_page_s_post_is_a_link_and_no_repost() -> None:
    other = "https://www.facebook.com/200/posts/5"
    found = read(READER, table(row(Link=other, **{"Final Link": ""})))
    assert acts(found) == set()
    assert kinds(found, "facebook:100_77")["domain:facebook.com"] == "card"
