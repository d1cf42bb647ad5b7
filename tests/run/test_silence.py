"""`tamis silence`: the French vote of 2017, what is stale or not established, what is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from own_rules import OWN
from tamis.cli import cli
from tamis.errors import InputError
from tamis.syntax.silence.reading import shipped
from tamis.syntax.silence.rules import DOES_NOT_COVER

# Territory, polling day, opening by the clock of Paris, start of silence in UTC.
FRANCE_2017 = [
    ("Saint-Pierre-et-Miquelon", "2017-05-06", "2017-05-06 12:00", "2017-05-05T02:00"),
    ("Guyane", "2017-05-06", "2017-05-06 13:00", "2017-05-05T03:00"),
    ("Guadeloupe", "2017-05-06", "2017-05-06 14:00", "2017-05-05T04:00"),
    ("Martinique", "2017-05-06", "2017-05-06 14:00", "2017-05-05T04:00"),
    ("Saint-Barthelemy", "2017-05-06", "2017-05-06 14:00", "2017-05-05T04:00"),
    ("Saint-Martin", "2017-05-06", "2017-05-06 14:00", "2017-05-05T04:00"),
    ("Polynesie francaise", "2017-05-06", "2017-05-06 20:00", "2017-05-05T10:00"),
    ("Wallis-et-Futuna", "2017-05-07", "2017-05-06 22:00", "2017-05-05T12:00"),
    ("Nouvelle-Caledonie", "2017-05-07", "2017-05-06 23:00", "2017-05-05T13:00"),
    ("La Reunion", "2017-05-07", "2017-05-07 06:00", "2017-05-05T20:00"),
    ("Mayotte", "2017-05-07", "2017-05-07 07:00", "2017-05-05T21:00"),
    ("Metropole", "2017-05-07", "2017-05-07 08:00", "2017-05-05T22:00"),
]
# What would read as leave to act. "Unlawfully" is part of what the answer must name.
LEAVE = re.compile(
    r"\b(permi(t|ts|tted|tting|ssible|ssion)|allow(s|ed|ing|able)?|authori[sz](e|es|ed|ation)|"
    r"lawful(ly)?|legal(ly)? to|legitimate(ly)?|licit|free to|may (be )?publish(ed)?|"
    r"can (be )?publish(ed)?|may stay|safe to|ok(ay)?|no restriction|unrestricted|entitled)\b",
    re.IGNORECASE,
)

ADDRESS = re.compile(r"https?://[^\s\";]+")


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["silence", *arguments])


def rows(*arguments: str) -> list[dict[str, Any]]:
    done = ask(*arguments, "--as", "jsonl")
    assert done.exit_code == 0, (done.output, done.exception)
    return [json.loads(line) for line in done.stdout.splitlines()]


def france(at: str = "2017-05-05T20:49+02:00") -> dict[str, dict[str, Any]]:
    found = rows("--jurisdiction", "FR", "--polling-day", "2017-05-07", "--at", at)
    return {
        row["territory"]: row
        for row in found
        if row["rule_id"] in {"fr-campaign", "fr-sat-campaign"}
    }


def test_the_twelve_territories_of_2017() -> None:
    found = france()
    assert set(found) == {one[0] for one in FRANCE_2017}
    for name, day, opens_paris, start in FRANCE_2017:
        row = found[name]
        assert row["polling_days"] == [day]
        assert row["start_low_at"] == f"{start}:00Z"
        assert row["start_high_at"] == f"{start}:00Z"
        # Local midnight of the eve; and the opening, which is eight hours of the day after it.
        assert row["start_local"][11:16] == "00:00"
        opening = dt.datetime.fromisoformat(f"{opens_paris}:00+02:00")
        begins = dt.datetime.fromisoformat(row["start_low_at"])
        assert opening - begins == dt.timedelta(hours=32)


def test_results_stay_barred_until_the_close_in_paris() -> None:
    (row,) = rows(
        *("--jurisdiction", "FR", "--polling-day", "2017-05-07"),
        *("--at", "2017-05-07T17:59:59Z", "--act", "results"),
    )
    assert (row["state"], row["end_low_at"]) == ("inside", "2017-05-07T18:00:00Z")
    assert row["start_state"] == "any_time"


def test_the_evening_of_the_dump() -> None:
    found = france()
    assert found["Metropole"]["state"] == "before"
    assert found["Saint-Pierre-et-Miquelon"]["state"] == "inside"
    for name in ("Metropole", "Saint-Pierre-et-Miquelon"):
        assert any(source.startswith("https://") for source in found[name]["sources"])
    assert found["Metropole"]["confidence"][:3] == ["covers A", "start A", "end B"]
    assert found["Saint-Pierre-et-Miquelon"]["confidence"][1:3] == ["start C", "end U"]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2017-05-06T00:00:00+02:00", "inside"),
        ("2017-05-05T23:59:59.999999+02:00", "before"),
        ("2017-05-07T19:59:59+02:00", "inside"),
        ("2017-05-07T20:00:00+02:00", "after"),
    ],
)
def test_the_borders_in_paris(at: str, state: str) -> None:
    assert france(at)["Metropole"]["state"] == state


def test_an_hour_that_is_not_known_gives_a_span_and_an_hour_that_is_told_ends_it() -> None:
    asked = ("--jurisdiction", "IT", "--polling-day", "2022-09-25", "--act", "campaign")
    (row,) = rows(*asked, "--at", "2022-09-25T12:00+02:00")
    assert (row["end_state"], row["state"]) == ("between", "unsure")
    (row,) = rows(*asked, "--at", "2022-09-25T12:00+02:00", "--polls-close", "23:00")
    assert (row["end_low_at"], row["state"]) == ("2022-09-25T21:00:00Z", "inside")


def test_votes_of_several_days() -> None:
    days = ("--polling-day", "2024-06-08", "--polling-day", "2024-06-09")
    (row,) = rows("--jurisdiction", "IT", *days, "--act", "campaign", "--at", "2024-06-08T10:00Z")
    assert row["start_local"].startswith("2024-06-08 00:00")  # Friday 24:00, as the ministry says
    (row,) = rows("--jurisdiction", "IT", *days, "--act", "polls", "--at", "2024-06-08T10:00Z")
    assert row["start_local"].startswith("2024-05-25 00:00")
    days = tuple(f"--polling-day=2020-09-{day}" for day in (11, 12, 13))
    found = rows("--jurisdiction", "RU", *days, "--at", "2020-09-10T12:00+03:00")
    assert len(found) == 11
    assert {row["start_local"][:16] for row in found} == {"2020-09-10 00:00"}
    days = ("--polling-day", "2021-03-27", "--polling-day", "2021-04-29")
    (row,) = rows(
        *("--jurisdiction", "IN", *days, "--act", "exit_polls", "--at", "2021-04-01T00:00Z"),
        *("--polls-open", "07:00", "--polls-close", "19:00"),
    )
    assert row["start_local"].startswith("2021-03-27 07:00")
    assert row["end_local"].startswith("2021-04-29 19:30")


def test_weekdays_and_hours_before_the_opening() -> None:
    found = rows("--jurisdiction", "AU", "--polling-day", "2022-05-21", "--at", "2022-05-19T00:00Z")
    assert {row["start_local"][:16] for row in found} == {"2022-05-19 00:00"}  # Wednesday 24:00
    (row,) = rows(
        *("--jurisdiction", "AR", "--polling-day", "2023-11-19", "--act", "campaign"),
        *("--at", "2023-11-17T12:00Z"),
    )
    assert row["start_local"] == "2023-11-17 08:00-03:00"
    found = rows(
        *("--jurisdiction", "MX", "--polling-day", "2024-06-02", "--act", "polls"),
        *("--at", "2024-06-02T12:00Z"),
    )
    (row,) = (one for one in found if one["territory"] == "Central")
    assert row["end_low_at"] == "2024-06-03T01:00:00Z"  # 18:00 in Tijuana


def test_the_law_of_the_day_decides() -> None:
    def of(day: str) -> list[str]:
        found = rows("--jurisdiction", "IE", "--polling-day", day, "--at", f"{day}T12:00Z")
        return [row["rule_id"] for row in found]

    assert of("2020-02-08") == ["ie-moratorium"]
    assert of("2024-10-31") == ["ie-moratorium"]
    assert of("2024-11-01") == ["ie-care"]
    assert of("2024-11-29") == ["ie-care"]


@pytest.mark.parametrize(
    ("code", "day", "told"),
    [
        ("FR", "1900-01-01", "fr-results (a law of 1964 to now)"),
        ("PK", "2013-05-11", "pk-campaign (a law of 2017 to now)"),
        ("ES", "1982-10-28", "es-polls (a law of 1985 to now)"),
        ("PL", "1995-11-05", "pl-polls (seen 2025-05-17 to now)"),
        ("DE", "1850-01-01", "de-station (seen 2021-09-16 to now)"),
    ],
)
def test_no_rule_is_older_than_its_law_or_its_sources_by_far(
    code: str, day: str, told: str
) -> None:
    """Before, the law of 2017 was INSIDE in 1850."""
    done = ask("--jurisdiction", code, "--polling-day", day, "--at", f"{day}T12:00Z")
    assert isinstance(done.exception, InputError)
    assert "is known to have been in force" in str(done.exception)
    assert told in str(done.exception)


def test_a_vote_long_before_the_oldest_source_is_answered_with_doubt() -> None:
    asked = ("--jurisdiction", "MX", "--polling-day", "2018-07-01", "--act", "campaign")
    found = rows(*asked, "--at", "2018-06-30T12:00Z")
    assert {row["currency"] for row in found} == {"earlier"}
    assert found[0]["caveats"][0].startswith("earlier: the oldest source that shows it is of 2024")
    assert "INSIDE (if it held then)" in ask(*asked, "--at", "2018-06-30T12:00Z").output
    for day in ("2022-06-02", "2024-06-02"):
        (row, *_) = rows("--jurisdiction", "MX", "--polling-day", day, "--at", f"{day}T12:00Z")
        assert row["currency"] == "current"
    # Seen in force in 2016, whatever the newest source is.
    (row,) = rows(
        *("--jurisdiction", "FR", "--polling-day", "2017-05-07", "--act", "results"),
        *("--at", "2017-05-07T17:59Z"),
    )
    assert (row["currency"], row["state"]) == ("current", "inside")
    assert row["caveats"][0].startswith("seen from 2016-03-19 to 2026-03-13; its law is of 1964")


def test_what_was_changed_after_the_vote_is_said() -> None:
    def later(day: str) -> list[str]:
        found = rows("--jurisdiction", "FR", "--polling-day", day, "--at", f"{day}T12:00Z")
        (row, *_) = (one for one in found if one["rule_id"] == "fr-campaign")
        return [one for one in row["caveats"] if one.startswith("later than this vote")]

    assert later("2026-03-15") == []
    (one,) = later("2017-05-07")
    assert "2020-06-30: version in force; electoral meetings added" in one
    assert len(later("1995-05-07")) == 3


def test_stale_and_not_established_are_answers() -> None:
    (row,) = rows(
        "--jurisdiction", "JP", "--polling-day", "2024-10-27", "--at", "2024-10-27T00:00Z"
    )
    assert row["currency"] == "stale"
    assert row["caveats"][0].startswith("stale: the newest source is of 2017-10-18")
    assert (row["end_state"], row["state"]) == ("not_established", "not_established")
    (row,) = rows(
        "--jurisdiction", "US", "--polling-day", "2016-11-08", "--at", "2016-11-08T12:00Z"
    )
    assert (row["currency"], row["state"]) == ("undated", "not_established")
    told = ask(
        *("--jurisdiction", "DE", "--polling-day", "2021-09-26", "--at", "2021-09-26T12:00Z"),
        *("--act", "campaign"),
    )
    assert told.exit_code == 0
    assert "not established" in told.output


def test_a_territory_whose_other_day_is_not_known_for_this_vote_says_so() -> None:
    found = rows("--jurisdiction", "FR", "--polling-day", "2026-03-15", "--at", "2026-03-14T12:00Z")
    (row,) = (one for one in found if one["territory"] == "Guyane")
    assert any("not established for this one" in caveat for caveat in row["caveats"])


def test_the_actor_chooses_rules_that_bind_him() -> None:
    asked = ("--jurisdiction", "GB", "--polling-day", "2019-12-12", "--at", "2019-12-12T12:00Z")
    assert {row["rule_id"] for row in rows(*asked)} == {"gb-exit-polls", "gb-broadcast"}
    assert {row["rule_id"] for row in rows(*asked, "--actor", "citizens")} == {"gb-exit-polls"}


@pytest.mark.parametrize("code", sorted(shipped().jurisdictions))
@pytest.mark.parametrize("act", [None, "campaign", "results"])
def test_no_answer_gives_leave_and_every_answer_says_what_it_does_not_cover(
    code: str, act: str | None
) -> None:
    more = () if act is None else ("--act", act)
    for day in ("2023-05-07", "2026-05-10"):
        asked = ("--jurisdiction", code, "--polling-day", day, "--at", f"{day}T23:30Z", *more)
        told = ask(*asked)
        assert told.exit_code == 0, told.output
        words = ADDRESS.sub("", told.output)
        assert not LEAVE.search(words), LEAVE.search(words)
        last = told.output.strip().splitlines()[-1]
        assert last.startswith("This answer does not cover: ")
        assert all(one in last for one in DOES_NOT_COVER)
        for row in rows(*asked):
            assert row["does_not_cover"] == list(DOES_NOT_COVER)
            assert not LEAVE.search(ADDRESS.sub("", json.dumps(row)))


def test_the_words_of_leave_are_looked_for() -> None:
    for text in ("this is permitted", "You may publish it", "allowed", "It is lawful.", "OK"):
        assert LEAVE.search(text)
    assert not LEAVE.search("data that were obtained unlawfully")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--jurisdiction", "XX", "--polling-day", "2017-05-07"), "no rules are known; there are"),
        (("--jurisdiction", "IE", "--polling-day", "1990-05-07"), "no rule of IE is known"),
        (("--jurisdiction", "FR", "--polling-day", "7 May"), "expected a date such as"),
        (
            ("--jurisdiction", "FR", "--polling-day", "2017-05-07", "--at", "2017-05-05T23:00"),
            "a time without a zone names no instant",
        ),
        (
            ("--jurisdiction", "FR", "--polling-day", "2017-05-07", "--at", "yesterday"),
            "expected an instant with its offset",
        ),
        (
            ("--jurisdiction", "FR", "--polling-day", "2017-05-07", "--at", "0001-01-01T00:00+14"),
            "outside the years",
        ),
        (("--jurisdiction", "FR", "--polling-day", "9999-12-31"), "between the years"),
        (
            ("--jurisdiction", "IT", "--polling-day", "2022-09-25", "--polls-close", "late"),
            "expected an hour",
        ),
        (
            (
                *("--jurisdiction", "IT", "--polling-day", "2022-09-25"),
                *("--polls-open", "20:00", "--polls-close", "08:00"),
            ),
            "expected to open before they close",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(
    arguments: tuple[str, ...], told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tamis", "silence", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert not done.stdout


def test_own_rules_come_before_those_of_tamis(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    asked = ("--jurisdiction", "XO", "--polling-day", "2021-08-22", "--rules", str(file))
    (row,) = rows(*asked, "--at", "2021-08-20T22:00Z")
    assert (row["start_low_at"], row["end_high_at"]) == (
        "2021-08-20T22:00:00Z",
        "2021-08-22T18:00:00Z",
    )
    assert row["state"] == "inside"
    assert row["origin"] == "file own.toml"
    file.write_text(OWN.replace('"campaign"', '"gag"'))
    done = ask(*asked)
    assert done.exit_code == 1
    assert "kind = 'gag'" in str(done.exception)
