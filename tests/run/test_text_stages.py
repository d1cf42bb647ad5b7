from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run import texts
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.report import write_report
from tamis.run.show import Listing, write_rows
from tamis.run.stages import stages
from tamis.syntax.language import detect

STAGES = ("leak.document_kind", "leak.exposure", "leak.phishing", "leak.language")


def mail(number: int, subject: str, body: str, sender: str = "anne@parti.example") -> bytes:
    return (
        f"From: Anne <{sender}>\r\nTo: bob@parti.example, Eve <eve@presse.example>\r\n"
        f"Subject: {subject}\r\nDate: Fri, 5 May 2017 10:00:0{number} +0200\r\n"
        f"Message-ID: <{number}@parti.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


LETTERS = {
    "a.eml": mail(1, "wifi", "Bonjour,<br>mot de passe : Soleil2017<br>à demain"),
    "b.eml": mail(2, "Facture n° 43", "Total TTC 1 500,00 €, net à payer avant le 30."),
    "c.eml": mail(3, "agenda", 'voir <a href="https://mail-parti-mirecombe.example/x">ici</a>'),
    "d.eml": mail(4, "rien", "D'accord."),
    "e.txt": "Уважаемые коллеги, прошу вас прислать отчёт до пятницы.\n".encode("cp1251"),
    "f.json": b'{"note": "please find attached the minutes of the meeting"}',
    "g.html": b"<html><body><p>Please find attached the minutes of the meeting.</p></body></html>",
}


def run(case: Case, name: str) -> str:
    stage = next(one for one in stages(("leak",)) if one.name == name)
    with case.writer() as writer:
        return run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    root = tmp_path_factory.mktemp("texts")
    (root / "in").mkdir()
    for name, data in LETTERS.items():
        (root / "in" / name).write_bytes(data)
    case = Case.create(root / "case", title="x", own_domains=("parti-mirecombe.example",))
    add(case, (root / "in",), kind="leak", workers=Workers(jobs=1), progress=Silent())
    for name in STAGES:
        run(case, name)
    return case


def rows(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        places = dict(
            zip(*view.table("place", ["item_id", "name"]).to_pydict().values(), strict=True)
        )
        found = view.table(table).to_pylist()
    return [{**row, "name": places[row["item_id"]]} for row in found]


def test_an_exposed_password_says_where_whose_and_whom_to_warn(made: Case) -> None:
    (row,) = rows(made, "exposure")
    assert (row["name"], row["field_name"], row["kind"]) == ("a.eml", "body_text", "password")
    with made.view() as view:
        bodies = view.table("message", ["item_id", "body_text"]).to_pydict()
    body = dict(zip(*bodies.values(), strict=True))[row["item_id"]]
    assert body[row["char_start"] : row["char_end"]] == "Soleil2017"
    assert (row["whose"], row["whose_basis"]) == ("anne@parti.example", "sender")
    assert row["warn_addresses"] == [
        "anne@parti.example",
        "bob@parti.example",
        "eve@presse.example",
    ]
    assert "Soleil2017" not in repr(row)


def test_the_own_domains_of_the_case_decide_what_is_a_look_alike(made: Case) -> None:
    (row,) = rows(made, "phishing")
    assert row["name"] == "c.eml"
    assert row["rule_ids"] == ["link_name_inside"]
    assert row["resembles"] == ["parti-mirecombe.example"]
    assert row["links"] == ["hxxps://mail-parti-mirecombe[.]example/x"]
    assert row["sent_at"].isoformat() == "2017-05-05T08:00:03+00:00"


def test_each_text_has_the_language_it_begins_in_and_data_has_none(made: Case) -> None:
    told = {row["name"]: row["language_detected"] for row in rows(made, "text_language")}
    assert told == {
        "a.eml": "fr",
        "b.eml": "fr",
        "c.eml": "und",
        "d.eml": "und",
        "e.txt": "ru",
        "g.html": "en",
    }
    with made.view() as view:
        parts = (
            view.table("message", ["item_id", "body_text"]),
            view.table("document", ["item_id", "text"]),
        )
        texts = {}
        for part in parts:
            texts.update(zip(*part.to_pydict().values(), strict=True))
        for row in view.table("text_language").to_pylist():
            assert row["language_detected"] == detect(texts[row["item_id"]])
            assert row["analysis_version"] == "leak.language/1"


def test_every_text_has_one_first_label_and_the_words_for_it(made: Case) -> None:
    first = {row["name"]: row for row in rows(made, "document_kind") if row["is_primary"]}
    assert {name: row["label"] for name, row in first.items()} == {
        "a.eml": "credentials",
        "b.eml": "invoice",
        "c.eml": "logistics",
        "d.eml": "other",
        "e.txt": "other",
        "f.json": "logistics",
        "g.html": "logistics",
    }
    assert "Facture n" in first["b.eml"]["words"]


def test_stages_are_up_to_date_until_what_they_read_changes(made: Case, tmp_path: Path) -> None:
    for name in STAGES:
        assert "up to date" in run(made, name)
    text = (made.path / "case.toml").read_text()
    (made.path / "case.toml").write_text(text.replace("parti-mirecombe.example", "autre.example"))
    assert "0 rows of phishing" in run(made, "leak.phishing")
    assert "up to date" in run(made, "leak.exposure")
    (made.path / "case.toml").write_text(text)
    assert "1 rows of phishing" in run(made, "leak.phishing")


def test_what_was_forgotten_leaves_no_row(made: Case, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(made.path, tmp_path / "case")
    case = Case.open(tmp_path / "case")
    (row,) = rows(case, "exposure")
    case.forget(row["item_id"], "asked for")
    assert rows(case, "exposure") == []
    assert row["item_id"] not in {one["item_id"] for one in rows(case, "document_kind")}


def test_texts_are_cut_into_batches_without_losing_any(
    made: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = texts.Pass("find_exposures", "exposure", {})
    monkeypatch.setattr(texts, "_BATCH_ROWS", 1)
    with made.view() as view:
        jobs = list(texts.text_jobs(view, tmp_path, one))
    ids = [item["item_id"] for job in jobs for item in job.items]
    assert len(jobs) == len(LETTERS)
    assert len(set(ids)) == len(LETTERS)
    assert all(job.paths[0].exists() for job in jobs)  # type: ignore[union-attr]


@pytest.mark.parametrize("form", ["table", "csv", "jsonl"])
def test_show_and_the_report_never_tell_a_secret(tmp_path: Path, form: str) -> None:
    secrets = ("Soleil2017", "Lune#4711x", "FR7612345678901234567890158")
    letters = {
        "a.eml": mail(1, "wifi", f"Bonjour,<br>mot de passe : {secrets[0]}<br>à demain"),
        "b.eml": mail(2, f"mot de passe : {secrets[1]}", "Voir l'objet."),
        "c.eml": mail(3, "virement", f"IBAN {secrets[2]} merci"),
    }
    (tmp_path / "in").mkdir()
    for name, data in letters.items():
        (tmp_path / "in" / name).write_bytes(data)
    case = Case.create(tmp_path / "case", title="x")
    add(case, (tmp_path / "in",), kind="leak", workers=Workers(jobs=1), progress=Silent())
    for name in ("leak.signatures", *STAGES):
        run(case, name)
    found = {row["name"] for row in rows(case, "exposure")}
    assert {"a.eml", "b.eml"} <= found
    shown = io.StringIO()
    with case.view() as view:
        write_rows(view, Listing("exposure", form=form), None, shown)
    page = write_report(case).path.read_text()
    assert "[secret]" in page
    for secret in secrets:
        assert secret not in shown.getvalue()
        assert secret not in page
