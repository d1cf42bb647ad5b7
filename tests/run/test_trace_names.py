"""`tamis trace` asked in many spellings, on a table of posts that is no clean one."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.breakout import checklist, sign
from tamis.run.intake import add
from tamis.run.trace import Trace, trace

HASH = "3f786850e387550fdab836ed7e6dc881de23001b"
MAGNET = f"magnet:?xt=urn:btih:{HASH.upper()}&dn=dump&tr=udp%3A%2F%2Ftracker.example%3A1"
COLUMNS = ("status_id", "user_id", "screen_name", "tweet_time", "tweet_text", "source_platform",
           "retweet_id")  # fmt: skip
ROWS = [
    (1, 11, "anna", "2031-05-03T18:00:00Z",
     "#Été2031 https://www.Example-News.org/a/caf%C3%A9?utm_source=tw&id=7#top", "x", ""),
    (2, 12, "bob", "2031-05-03T18:00:00Z",
     "#ÉTÉ2031 https://example-news.org/a/caf%c3%a9/?id=7", "fb", ""),
    (3, 13, "cy", "2031-05-03T18:05:00Z",
     "\uff03été2031 https://m.example-news.org/a/café?id=7&fbclid=abc", "x", ""),
    (4, 14, "dora", "2031-05-03T18:06:00Z", "#E\u0301te\u03012031 decomposed", "tg", ""),
    (5, 15, "eve", "", "#été2031 no time at all", "x", ""),
    (6, 15, "eve", "2031-05-03T17:00:00Z",
     "#選挙2031 https://münchen.example.de/straße and http://192.0.2.7:8080/dump.zip", "x", ""),
    (7, 16, "fay", "2031-05-03T17:30:00Z",
     "http://xn--mnchen-3ya.example.de/stra%C3%9Fe the\u00a0Secret  plan", "fb", ""),
    (8, 17, "gus", "not a time", "#été2031", "x", ""),
    (9, 18, "hal", "2031-05-03T18:10:00.123Z", f"https://bit.ly/3abc {MAGNET}", "x", ""),
    (10, 19, "ida", "2031-05-03T18:10:00.125Z", "https://bit.ly/3abc the secret plan", "fb", ""),
    (11, 20, "leo", "2031-05-03T17:59:30Z", "RT @ghost: gone #Été2031", "x", "9999"),
    (12, 20, "leonie", "2031-05-04T09:00:00Z", "I was leo", "x", ""),
]  # fmt: skip


SELECTORS = ("#E\u0301TE\u03012031", "www.example-news.org/a/caf%c3%a9/?utm_source=y&id=7")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("names")
    with (folder / "posts.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *ROWS])
    made = Case.create(folder / "case", title="t", selectors=SELECTORS)
    add(made, [folder / "posts.csv"], kind="posts")
    list(analyse(made, only=["spread"], jobs=1, progress=Silent()))
    return made


def traced(case: Case, name: str) -> Trace:
    with case.view() as view:
        return trace(view, name)


def sights(found: Trace) -> dict[str, str]:
    return {r["scope"]: r["post_id"] for r in found.rows["sight"] if r["dimension"] == "platform"}


@pytest.mark.parametrize(
    "name",
    [
        "https://example-news.org/a/caf%C3%A9?id=7",
        "example-news.org/a/café?id=7",
        "www.example-news.org/a/caf%c3%a9/?id=7&utm_medium=x",
        "HTTP://EXAMPLE-NEWS.ORG:80/a/café?id=7#x",
        "url:https://example-news.org/a/caf%C3%A9?id=7",
    ],
)
def test_an_address_in_any_spelling(case: Case, name: str) -> None:
    found = traced(case, name)
    assert (found.subject["kind"], found.subject["post_count"]) == ("url", 3)
    # What is traced is the page, not the first spelling of it.
    assert found.subject["display"] == "https://example-news.org/a/caf%C3%A9?id=7"
    assert sights(found) == {"fb": "fb:2", "x": "x:1"}


@pytest.mark.parametrize(
    "name",
    ["example-news.org", "www.Example-News.org", "https://example-news.org/", "example-news.org."],
)
def test_a_domain_in_any_spelling(case: Case, name: str) -> None:
    found = traced(case, name)
    assert (found.subject["kind"], found.subject["post_count"]) == ("domain", 3)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("münchen.example.de", 2),
        ("xn--mnchen-3ya.example.de", 2),
        ("MÜNCHEN.example.de", 2),
        ("192.0.2.7", 1),
        ("192.0.2.7:8080", 1),
    ],
)
def test_a_host_that_is_no_registered_domain(case: Case, name: str, count: int) -> None:
    found = traced(case, name)
    assert (found.subject["kind"], found.subject["post_count"]) == ("host", count)


@pytest.mark.parametrize(
    "name",
    [MAGNET, HASH, HASH.upper(), f"magnet:?dn=other&xt=urn:btih:{HASH}", f"urn:btih:{HASH}",
     "H54GQUHDQ5KQ7WVYG3WX43OIQHPCGAA3"],
)  # fmt: skip
def test_a_torrent_by_link_or_bare_hash(case: Case, name: str) -> None:
    assert sights(traced(case, name)) == {"x": "x:9"}


def test_a_hashtag_in_any_script_width_and_form(case: Case) -> None:
    for name in ("#été2031", "＃ÉTÉ２０３１", "#E\u0301te\u03012031", "été2031"):  # noqa: RUF001
        found = traced(case, name)
        assert (found.subject["kind"], found.subject["own_count"]) == ("hashtag", 4)
        assert sights(found) == {"fb": "fb:2", "x": "x:1", "tg": "tg:4"}
    assert sights(traced(case, "#選挙２０３１")) == {"x": "x:6"}


def test_rows_that_could_not_be_read_are_a_limit(case: Case) -> None:
    found = traced(case, "#été2031")
    limits = [row["text"] for row in found.rows["limit"]]
    assert any(text.startswith("2 rows of files of posts could not be read") for text in limits)
    assert any("5 declare no language" in text for text in limits)
    unseen = found.rows["unseen_root"]
    assert [row["target_post_id"] for row in unseen] == ["x:9999"]


def test_a_phrase_in_any_case_and_spacing(case: Case) -> None:
    found = traced(case, "The  SECRET plan")
    assert (found.subject["kind"], found.subject["post_count"]) == ("phrase", 2)


def test_an_account_by_each_of_its_names(case: Case) -> None:
    for name in ("@leo", "@Leonie", "x:20", "leo"):
        found = traced(case, name)
        assert (found.subject["subject"], found.subject["post_count"]) == ("x:20", 2)
        assert found.subject["display"] == "leo, leonie"
        # What it reposted of others is no earlier post of its own.
        assert found.rows["unseen_root"] == []


def test_lags_of_milliseconds_are_told(case: Case) -> None:
    told = "\n".join(traced(case, "https://bit.ly/3abc").lines())
    assert "platform x -> fb, 0.001 to 0.003 s later" in told


def test_a_post_is_not_an_object_and_its_objects_are_named(case: Case) -> None:
    with pytest.raises(InputError, match=r"x:1 is a post.*hashtag:été2031"):
        traced(case, "x:1")


@pytest.mark.parametrize("name", ["example.de/other", "nobody.example.org", "#", "a.b.c.d.e", "%"])
def test_what_is_not_there_is_told_plainly(case: Case, name: str) -> None:
    answer = CliRunner().invoke(cli, ["trace", str(case.path), name, "--as", "jsonl"])
    assert answer.exit_code == 1
    rows: list[dict[str, Any]] = [json.loads(line) for line in answer.output.splitlines()]
    assert rows[0]["post_count"] == 0
    limits = [row["text"] for row in rows[1:]]
    assert limits[0].startswith("no post of this collection carries it")
    assert any("could not be read" in text for text in limits)


def test_selectors_are_found_in_every_spelling_and_levels_signed_by_name(case: Case) -> None:
    looked_at = ["hashtag:été2031", "url:https://example-news.org/a/caf%C3%A9?id=7"]
    assert sorted({row["object_id"] for row in checklist(case)}) == looked_at
    with pytest.raises(InputError, match=r"selectors.*case\.toml"):
        sign(case, "#nobody", 2, "note", "me")
    sign(case, "#ÉTÉ2031", 2, "two platforms", "me")
    with case.view() as view:
        levels = view.table("breakout_level").to_pylist()
    assert [(row["object_id"], row["level"]) for row in levels] == [("hashtag:été2031", 2)]
