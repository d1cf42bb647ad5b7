"""The checklist of the breakout scale: evidence by criterion, and a level only where one signs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.audit import audit
from tamis.run.breakout import checklist, levels, sign
from tamis.run.intake import add
from tamis.run.report import write_report

if TYPE_CHECKING:
    from pathlib import Path


def _case(folder: Path) -> Case:
    case = Case.create(folder / "case", title="breakout", selectors=("#leak",))
    with (folder / "posts.csv").open("w", newline="") as file:
        names = ("post_id", "account_id", "text", "hashtags", "posted_at")
        table = csv.writer(file)
        table.writerow(names)
        for n in range(6):
            table.writerow((f"p{n}", f"a{n}", f"see {n} #leak", "leak", f"2017-05-05T18:0{n}:00Z"))
    add(case, [folder / "posts.csv"], kind="posts")
    (folder / "claims.csv").write_text(
        "claim_id,kind,subject_kind,subject,measure,value\n"
        "C1,count,phrase,#leak,posts,2\nC2,count,hashtag,#none,posts,2\n"
    )
    add(case, [folder / "claims.csv"], kind="claims")
    list(analyse(case, only=["spread"], jobs=1, progress=Silent()))
    return case


def test_criteria_are_shown_and_only_a_person_gives_a_level(tmp_path: Path) -> None:
    case = _case(tmp_path)
    rows = {row["criterion"]: row for row in checklist(case)}
    assert {row["object_id"] for row in rows.values()} == {"hashtag:leak"}
    assert (rows["seen"]["outcome"], rows["seen"]["measured_count"]) == ("met", 6)
    assert rows["several_platforms"]["outcome"] == "not_met"
    for name in ("several_communities", "outside_social_media", "prominent_accounts", "response"):
        assert rows[name]["outcome"] == "not_testable"
    assert levels(case.decisions()) == []
    with pytest.raises(InputError, match="no checklist"):
        sign(case, "phrase:other", 2, "because", "A. Nalyst")
    for level, note, author in ((7, "x", "y"), (2, " ", "y"), (2, "x", "")):
        with pytest.raises(InputError):
            sign(case, "hashtag:leak", level, note, author)
    assert levels(case.decisions()) == []
    command = ["breakout", str(case.path), "sign", "hashtag:leak", "1", "--note", "one board"]
    done = CliRunner().invoke(cli, [*command, "--by", "A. Nalyst"], catch_exceptions=False)
    assert done.output == "hashtag:leak: level 1, signed by A. Nalyst\n"
    sign(case, "hashtag:leak", 2, "seen on a second one", "B. Other")
    with case.view() as view:
        kept = [row for batch in view.batches("breakout_level") for row in batch.to_pylist()]
    assert [(row["level"], row["author"], row["change_count"]) for row in kept] == [
        (2, "B. Other", 1)
    ]
    shown = CliRunner().invoke(cli, ["breakout", str(case.path), "show"], catch_exceptions=False)
    assert "hashtag:leak: level 2, signed by B. Other" in shown.output


def test_the_report_prints_claims_and_levels_and_an_audit_asks_again(tmp_path: Path) -> None:
    case = _case(tmp_path)
    page = tmp_path / "report.html"
    write_report(case, page, public=False, progress=Silent())
    text = page.read_text()
    assert "no level is signed" in text
    assert "Contradicted by this collection: the collection holds more: 6" in text
    assert "No coefficient: fewer than 1,000 posts" in text
    assert audit(case.path).ok
    sign(case, "hashtag:leak", 2, "two boards", "B. Other")
    write_report(case, page, public=False, progress=Silent())
    assert "signed by " in page.read_text()
    assert "B. Other" in page.read_text()
    write_report(case, page, public=True, progress=Silent())
    assert "B. Other" not in page.read_text()
