"""Groups of documents: counted by hand, against honest offices, and over many seeds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import stated_documents
from corpus_rows import run
from stated_documents import START, Stated

from tamis.analyses.leak import cohorts

if TYPE_CHECKING:
    from pathlib import Path

NAME = "Рошка Георгий"


def judge(folder: Path, documents: list[Stated], **params: Any) -> list[dict[str, Any]]:
    tables: dict[str, Any] = stated_documents.rows(documents)
    found = run(cohorts.ANALYSIS, folder, params=params, **tables)
    members: dict[str, set[str]] = {}
    for row in found["cohort_member"]:
        members.setdefault(row["cohort_id"], set()).add(row["item_id"])
    for row in found["cohort"]:
        row["members"] = members[row["cohort_id"]]
        assert len(row["members"]) == row["item_count"]
    return found["cohort"]


def plain(count: int = 60) -> list[Stated]:
    """One save a day by six people, who speak French to their machines."""
    return [
        Stated(
            f"Author {number % 6}",
            f"Author {number % 6}",
            "Excel 16",
            *("Feuilles de calcul", "fr-FR"),
            None,
            START + timedelta(days=number - 3),
            START + timedelta(days=number),
        )
        for number in range(count)
    ]


def odd(count: int = 9, **changed: Any) -> list[Stated]:
    told = {
        "last_author": NAME,
        "creator": "Author 1",
        "software": "Excel 16",
        "interface": "Листы",
        "language": "fr-FR",
        "edit_minutes": None,
        **changed,
    }
    made = START + timedelta(days=5)
    return [
        Stated(**told, created=made, saved=START + timedelta(days=30, seconds=30 * number))
        for number in range(count)
    ]


def differing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups that differ and stand for themselves; those inside one are part of it."""
    told = {row["cohort_id"]: row for row in rows if row["is_differing"]}
    for row in told.values():
        if row["inside_cohort_id"] is not None:
            assert row["members"] < told[row["inside_cohort_id"]]["members"]
    return [row for row in told.values() if row["inside_cohort_id"] is None]


def test_a_group_counted_by_hand(tmp_path: Path) -> None:
    (row,) = differing(judge(tmp_path, plain() + odd()))
    assert (row["shared_by"], row["shared"]) == ("last_author", NAME)
    assert (row["item_count"], row["rest_count"], row["span_s"]) == (9, 60, 240.0)
    assert row["largest_gap_s"] == 30.0
    assert row["first_at"] == START + timedelta(days=30)
    assert row["marks"] == ["interface: Листы", "name_script: Cyrillic"]
    assert (row["mark_rest_share"], row["resaved_share"]) == (0.0, 1.0)
    assert (row["habit_count"], row["as_quick_count"], row["foreign_count"]) == (60, 0, 0)
    assert row["expected"] == pytest.approx(1 / 61)
    assert row["detail"].startswith(
        "9 files, one last author in Cyrillic letters, saved within 4 minutes (2016-02-03 08:00:00"
        " to 2016-02-03 08:04:00 UTC), program: Excel 16, Russian program language"
    )
    assert "easily set by anybody" in row["limits"]
    assert "no country" in row["limits"]


def test_each_condition_alone_is_not_enough(tmp_path: Path) -> None:
    own = {"last_author": "Author 9", "interface": "Feuilles de calcul"}
    assert differing(judge(tmp_path, plain() + odd(**own))) == [], "not foreign"
    slow = [
        Stated(NAME, "Author 1", "Excel 16", "Листы", "fr-FR", None, START, saved)
        for saved in (START + timedelta(days=9 * number) for number in range(9))
    ]
    assert differing(judge(tmp_path, plain() + slow)) == [], "not in one sitting"
    fresh = [
        Stated(NAME, NAME, "Excel 16", "Листы", "fr-FR", None, one.saved, one.saved)
        for one in odd()
    ]
    assert differing(judge(tmp_path, plain() + fresh)) == [], "files of one's own"
    assert differing(judge(tmp_path, plain() + odd(2))) == [], "two are no group"
    unmarked = {"last_author": "user", "language": "fr-FR", "interface": "Листы"}
    assert differing(judge(tmp_path, plain() + odd(**unmarked))) == [], "one mark of a machine"
    marked = {**unmarked, "language": "ru-RU"}
    assert differing(judge(tmp_path, plain() + odd(**marked))), "two agree"


def test_half_the_files_without_the_name_are_found_by_their_machine(tmp_path: Path) -> None:
    group = odd(5, language="ru-RU") + odd(4, language="ru-RU", last_author=None)
    found = differing(judge(tmp_path, plain() + group))
    assert {f"d{60 + n}" for n in range(9)} in [row["members"] for row in found]
    assert any("one last author in 5 of them" in row["detail"] for row in found)


def test_a_foreign_colleague_makes_the_same_letters_common(tmp_path: Path) -> None:
    colleague = [
        Stated("Ирина", "Ирина", "Excel 16", "Листы", "ru-RU", None, START, saved)
        for saved in (START + timedelta(days=2 * number) for number in range(10))
    ]
    rows = judge(tmp_path, plain() + colleague + odd())
    assert differing(rows) == []
    assert {row["shared"] for row in rows} >= {NAME, "Ирина"}, "shown as groups all the same"


def test_quick_habits_of_the_rest_raise_what_is_expected(tmp_path: Path) -> None:
    quick = plain(600)
    for start in range(0, 600, 10):
        for step in range(10):
            saved = START + timedelta(days=start, seconds=20 * step)
            quick[start + step] = Stated(
                "Author 1",
                "Author 2",
                "Excel 16",
                "Feuilles de calcul",
                "fr-FR",
                None,
                START,
                saved,
            )
    (row,) = [one for one in judge(tmp_path, quick + odd()) if one["shared"] == NAME]
    assert (row["as_quick_count"], row["habit_count"]) == (60, 60)
    assert not row["is_differing"]


def test_times_without_a_zone_measure_a_pace_and_no_moment(tmp_path: Path) -> None:
    tables: dict[str, Any] = stated_documents.rows(plain() + odd())
    for row in tables["property"]:
        if row["item_id"] in {f"d{60 + n}" for n in range(9)} and row["noted_at"]:
            row["noted_at"], row["value"] = None, row["value"][:19]
    found = run(cohorts.ANALYSIS, tmp_path, **tables)["cohort"]
    (row,) = [one for one in found if one["is_differing"]]
    assert (row["first_at"], row["span_s"]) == (None, 240.0)
    assert "no zone stated" in row["detail"]


def test_a_dump_with_nothing_to_compare_with_says_nothing(tmp_path: Path) -> None:
    assert differing(judge(tmp_path, odd())) == []
    assert differing(judge(tmp_path, plain(8) + odd(5))) == []
    assert judge(tmp_path, []) == []


def test_the_rank_of_a_sitting_agrees_with_a_slow_count(tmp_path: Path) -> None:
    for seed in range(3):
        documents = stated_documents.office(seed) + odd(7)
        (row,) = [one for one in judge(tmp_path, documents) if one["shared"] == NAME]
        step = next(one for one in (60, 300, 900) if one >= row["largest_gap_s"])
        sittings: list[int] = []
        people: dict[str, list[Any]] = {}
        for one in documents:
            person = one.last_author or one.creator or one.software
            if person and person != NAME:
                people.setdefault(person, []).append(one.saved)
        for times in people.values():
            before = None
            for saved in sorted(times):
                if before is None or (saved - before).total_seconds() > step:
                    sittings.append(0)
                sittings[-1] += 1
                before = saved
        assert row["habit_count"] == len(sittings)
        assert row["as_quick_count"] == sum(size >= row["item_count"] for size in sittings)


def measure(folder: Path, seeds: range) -> dict[str, int]:
    """Offices with a differing group that is none, and odd groups found, by what the rest has."""
    told = dict.fromkeys(("clean_told", "alone", "alone_found", "beside", "beside_found"), 0)
    for seed in seeds:
        honest = stated_documents.office(seed)
        told["clean_told"] += bool(differing(judge(folder, honest)))
        group = stated_documents.odd(seed, honest)
        rows = differing(judge(folder, honest + group))
        ids = {f"d{number}" for number in range(len(honest), len(honest) + len(group))}
        told["clean_told"] += any(not row["members"] & ids for row in rows)
        # Foreign letters that the office knows anyway are no mark: those are counted apart.
        letters = [one for one in honest if one.interface in {"Листы", "Аркуші"}]
        where = "beside" if letters else "alone"
        told[where] += 1
        told[f"{where}_found"] += any(row["members"] <= ids for row in rows)
    return told


def test_of_some_unseen_offices_none_is_accused(tmp_path: Path) -> None:
    found = measure(tmp_path, range(1000, 1004))
    assert found["clean_told"] == 0
    assert found["alone_found"] == found["alone"] > 0


@pytest.mark.slow
def test_the_half_that_chose_no_threshold(tmp_path: Path) -> None:
    found = measure(tmp_path, range(1000, 1040))
    assert found["clean_told"] <= 1
    assert found["alone_found"] >= 0.9 * found["alone"] > 0
