"""The ledger of claims: attribution, captures, disagreement side by side, words of people."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tamis import records
from tamis.case import Case, audit
from tamis.cli import cli
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.claim_ledger import entries, set_status, table_lines
from tamis.run.intake import add
from tamis.run.report import write_report

if TYPE_CHECKING:
    from pathlib import Path

EVIDENCE = {
    "cohort_id": "c1",
    "shared_by": "software",
    "shared": "x",
    "detail": "three documents share one author",
    "is_differing": True,
    "differs_rank": 0,
    "item_count": 3,
    "rest_count": 9,
    "marks": [],
    "is_foreign": True,
    "is_one_sitting": True,
    "resaved_share": 1.0,
    "foreign_count": 0,
    "limits": "l",
    "run_id": "r",
    "analysis_version": "a/1",
}
PAGE = b"<p>the office says so</p>\n"
HEAD = (
    "claim_id,kind,statement,speaker,role,authority,official,said_at,about,source_address,"
    "capture,capture_sha256,conflicts_with\n"
)
ITEM = "ab" * 32
HOSTILE = "Ada\x1b[2J <script>alert(1)</script>\u202e"


def sheet(folder: Path, *rows: str) -> Path:
    path = folder / "claims.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows))
    return path


ROWS = (
    (
        "A1,other,The dump mixes false with true,Ada,minister,her service,yes,"
        f"2017-05-06T10:00:00Z,{ITEM},https://one.example/a,page.html,,B1"
    ),
    (
        "B1,other,No forgery is in it,Bob,judge,,yes,2017-05-06T11:00:00Z,,https://two.example/b,,"
        f"{hashlib.sha256(PAGE).hexdigest()},"
    ),
    f"C1,other,Nothing is known,{HOSTILE},,,no,,,,lost.html,,A1",
    f"D1,other,It came late,,,,,,,,page.html,{'cd' * 32},",
)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case.create(tmp_path / "case", title="t")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "page.html").write_bytes(PAGE)
    add(made, [tmp_path / "kept"], kind="reference")
    assert add(made, [sheet(tmp_path, *ROWS)], kind="claims").rows["claim"] == len(ROWS)
    with made.writer() as writer:
        writer.append("cohort", records.table("cohort").build([EVIDENCE]))
        writer.commit()
    return made


def words(case: Case) -> list[dict[str, Any]]:
    with case.view() as view:
        rows: list[dict[str, Any]] = view.table("claim_word").to_pylist()
    return rows


def test_the_ledger_needs_no_run_and_says_which_captures_are_held(case: Case) -> None:
    told = {one.claim["claim_id"]: one for one in entries(case)}
    assert list(told) == ["A1", "B1", "C1", "D1"]
    row = told["A1"].row()
    assert (row["speaker"], row["speaker_role"], row["authority"]) == (
        "Ada",
        "minister",
        "her service",
    )
    assert row["is_official"] is True
    assert row["about_item_ids"] == [ITEM]
    assert (row["capture"], row["capture_sha256"]) == ("held", hashlib.sha256(PAGE).hexdigest())
    assert told["B1"].capture == "held"
    assert (told["C1"].capture, told["C1"].capture_sha256) == ("not_held", None)
    assert told["D1"].capture == "differs", "the case holds a page.html, but another one"
    assert {name: one.against for name, one in told.items()} == {
        "A1": ("B1", "C1"),
        "B1": ("A1",),
        "C1": ("A1",),
        "D1": (),
    }
    assert all(one.word is None and one.checked is None for one in told.values())


def test_a_check_of_the_collection_is_evidence_unless_it_tells_nothing(case: Case) -> None:
    source = entries(case)[0].claim["source_item_id"]
    stamp = {"source_item_id": source, "reason": "agrees", "conflict_ids": [], "run_id": "r"}
    rows = [
        {**stamp, "claim_id": "A1", "outcome": "confirmed", "detail": "the collection gives 15"},
        {**stamp, "claim_id": "B1", "outcome": "not_testable", "detail": "it is not held"},
    ]
    with case.writer() as writer:
        table = records.table("claim_check")
        writer.append("claim_check", table.build([{**r, "analysis_version": "a/1"} for r in rows]))
        writer.commit()
    told = {one.claim["claim_id"]: one for one in entries(case)}
    assert told["B1"].check_id is None
    assert told["C1"].check_id is None
    assert told["A1"].row()["check_id"] == f"{source[:12]}:A1"
    assert f"[evidence {source[:12]}:A1]" in "\n".join(table_lines(told.values()))
    with pytest.raises(InputError, match="no evidence is called"):
        set_status(case, "B1", "corroborated", [f"{source[:12]}:B1"], note="n", author="Eve")
    set_status(case, "A1", "corroborated", [f"{source[:12]}:A1"], note="n", author="Eve")
    (row,) = words(case)
    assert row["evidence_ids"] == [f"claim_check:{source[:12]}:A1"]


def test_a_status_rests_on_evidence_and_the_last_word_counts(case: Case) -> None:
    for wrong, told in (
        (("A1", "corroborated", []), "rests on evidence"),
        (("A1", "corroborated", ["c2"]), "no evidence is called 'c2'"),
        (("A1", "true", ["c1"]), "is none of"),
        (("Z9", "open", []), "no claim is called 'Z9'"),
    ):
        with pytest.raises(InputError, match=told):
            set_status(case, *wrong, note="n", author="a")
    for note, author in ((" ", "a"), ("n", "")):
        with pytest.raises(InputError):
            set_status(case, "A1", "open", [], note=note, author=author)
    assert not case.decisions()
    assert words(case) == []
    assert set_status(case, "A1", "open", [], note="not yet", author="Eve") == ""
    set_status(case, "A1", "contradicted", ["c1", "c1"], note="see", author="Eve")
    (row,) = words(case)
    assert (row["status"], row["evidence_ids"], row["change_count"]) == (
        "contradicted",
        ["cohort:c1"],
        1,
    )
    assert len(case.decisions()) == 2


def test_one_id_in_two_files_must_be_named_with_its_file(case: Case, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    second = sheet(tmp_path / "more", "A1,other,Another claim,,,,,,,,,,")
    add(case, [second], kind="claims")
    with pytest.raises(InputError, match="several files have a claim"):
        set_status(case, "A1", "open", [], note="n", author="a")
    name = hashlib.sha256(second.read_bytes()).hexdigest()
    set_status(case, f"{name[:10]}:A1", "open", [], note="n", author="a")
    assert words(case)[0]["source_item_id"] == name


def test_claim_review_has_what_the_schema_requires_and_claims_nothing_more(
    case: Case, tmp_path: Path
) -> None:
    set_status(case, "A1", "contradicted", ["c1"], note="secret note", author="Eve")
    set_status(case, "C1", "open", [], note="n", author="Eve")
    out = tmp_path / "claims.jsonld"
    command = ["claims", str(case.path), "--as", "claimreview", "-o", str(out)]
    done = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert "2 of 4 claims left out" in done.stderr
    text = out.read_text()
    assert "secret note" not in text
    for acting in ("\x1b", "\u202e", "<"):
        assert acting not in text, acting
    graph = json.loads(text)["@graph"]
    assert len(graph) == 2
    for one in graph:
        assert {"@type", "url", "claimReviewed", "reviewRating", "itemReviewed"} <= one.keys()
        assert one["url"].startswith("FILL IN: ")
        assert "ratingValue" not in one["reviewRating"]
    first, second = graph
    assert first["itemReviewed"]["author"] == {
        "@type": "Thing", "name": "Ada", "description": "minister"
    }  # fmt: skip
    assert first["itemReviewed"]["datePublished"] == "2017-05-06T10:00:00Z"
    assert first["itemReviewed"]["appearance"]["url"] == "https://one.example/a"
    assert second["itemReviewed"]["author"]["name"] == HOSTILE
    assert second["reviewRating"]["alternateName"] == "Open"


def test_the_command_line_shows_and_sets(case: Case) -> None:
    run = CliRunner()
    base = ["claims", str(case.path)]
    done = run.invoke(cli, [*base, "set", "B1", "corroborated", "--evidence", "c1",
                            "--note", "n", "--by", "Eve"], catch_exceptions=False)  # fmt: skip
    assert done.exit_code == 0
    told = run.invoke(cli, base, catch_exceptions=False).stdout
    assert "\x1b" not in told
    assert "said by Ada, minister, on the authority of her service, in office" in told
    assert "status: corroborated on cohort:c1: n (Eve, " in told
    assert "none is right by being counted" in told
    lines = run.invoke(cli, [*base, "--as", "jsonl"], catch_exceptions=False).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["status"] for row in rows] == [None, "corroborated", None, None]


def test_the_report_sets_official_statements_side_by_side(case: Case, tmp_path: Path) -> None:
    list(analyse(case, only=("spread",), progress=Silent()))
    set_status(case, "B1", "corroborated", ["c1"], note="because", author="Evelyn")
    write_report(case, tmp_path / "work.html", progress=Silent())
    page = (tmp_path / "work.html").read_text()
    section = page[page.index('<section id="claims">') :]
    section = section[: section.index("</section>")]
    pair = section[section.index("Statements that disagree") :]
    assert pair.index("The dump mixes") < pair.index("No forgery") < pair.index("both in office")
    assert pair.count("both in office") == 1
    assert "because" in section
    assert "<script>" not in section
    assert audit(case.path).ok
    write_report(case, tmp_path / "public.html", public=True, progress=Silent())
    public = (tmp_path / "public.html").read_text()
    for hidden in ("because", "Evelyn", "The dump mixes", "minister"):
        assert hidden not in public, hidden


def test_what_is_said_of_claims_goes_with_their_file(case: Case, tmp_path: Path) -> None:
    set_status(case, "B1", "open", [], note="n", author="Eve")
    case.forget(hashlib.sha256((tmp_path / "claims.csv").read_bytes()).hexdigest(), "asked for")
    assert words(case) == []
    with case.view() as view:
        assert not view.row_count("claim")
    write_report(case, tmp_path / "after.html", progress=Silent())
    assert words(case) == []
