"""The stage of personal data, and `redact`, on a case of three texts; and beacons beside them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tamis.case import Case
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.personal import redacted
from tamis.run.report import write_report
from tamis.run.stages import stages_for

MAIL = (
    b"From: a@campaign.example\r\nTo: c@d.example\r\nSubject: call 06 12 34 56 78\r\n"
    b"Date: 2 May 2017 10:00:00 +0000\r\nMessage-ID: <1@x.example>\r\n\r\n"
    b"born on 12/03/1975, my mobile 06 12 34 56 78, again +33 6 12 34 56 78,\r\n"
    b"a@campaign.example and chief@party.example\r\n"
)
SECRETS = ("12/03/1975", "06 12 34 56 78", "+33612345678", "a@campaign.example")
HTML_MAIL = (
    b"From: news@paper.example\r\nSubject: news\r\nContent-Type: text/html\r\n\r\n"
    b'<p>hello</p><img src="https://Mail.example/o.gif?7" width="1" height="1">\r\n'
)
PAGE = (
    "<html><body><p>hello</p><img src='https://t.Watch.example/p?id=7' width=1 height=1>"
    "<img src='//pics.example/a.png'><img src='cid:1'><a href='https://click.example/'>x</a>"
    "<form action='http://user:pw@form.example:8080/s'></form></body></html>"
)
RICH = (
    rb"{\rtf1\ansi{\*\template https://tpl.example/a.dot}"
    rb"{\field{\*\fldinst INCLUDEPICTURE \"http://Pic.example/x.png\" \\d}{\fldrslt pic}}"
    rb"{\field{\*\fldinst INCLUDEPICTURE \"C:\\\\here.png\"}{\fldrslt pic}}"
    rb"{\field{\*\fldinst HYPERLINK \"http://click.example/\"}{\fldrslt go}} text\par}"
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("personal")
    (folder / "leak").mkdir()
    (folder / "leak" / "m.eml").write_bytes(MAIL)
    (folder / "leak" / "note.txt").write_text("ring 06 12 34 56 78 after six")
    (folder / "leak" / "page.html").write_text(PAGE)
    (folder / "leak" / "h.eml").write_bytes(HTML_MAIL)
    (folder / "leak" / "rich.rtf").write_bytes(RICH)
    (folder / "leak" / "none.bin").write_bytes(bytes(range(256)))
    made = Case.create(
        folder / "case",
        title="t",
        own_domains=("campaign.example",),
        public_figures=("Chief@party.example",),
    )
    add(made, [folder / "leak"], kind="leak")
    with made.writer() as writer:
        for stage in (*stages_for("personal_data"), *stages_for("beacon")):
            run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    return made


def test_each_value_is_one_masked_row_a_text_and_no_value_is_kept(case: Case) -> None:
    with case.view() as view:
        rows = view.table("personal_data").to_pylist()
    told = sorted((r["field_name"], r["kind"], r["standing"], r["occurrence_count"]) for r in rows)
    assert told == [
        ("body_text", "birth_date", "third_party", 1),
        ("body_text", "email", "own_people", 1),
        ("body_text", "email", "public_figure", 1),
        ("body_text", "phone", "third_party", 2),
        ("subject", "phone", "third_party", 1),
        ("text", "phone", "third_party", 1),
    ]
    assert len({r["value_hash"] for r in rows if r["kind"] == "phone"}) == 1
    for row in rows:
        assert not any(secret in str(value) for secret in SECRETS for value in row.values())


def test_redacted_words_hold_no_value_and_public_figures_stay_on_request(
    case: Case, tmp_path: Path
) -> None:
    name = hashlib.sha256(MAIL).hexdigest()[:12]
    without = hashlib.sha256(bytes(range(256))).hexdigest()
    with case.view() as view:
        done = redacted(view, name, tmp_path, keeps_public=False)
        kept = redacted(view, name, tmp_path, keeps_public=True)
        with pytest.raises(InputError, match="no words that were read"):
            redacted(view, without, tmp_path, keeps_public=False)
        for wrong in ("ab", "ffffffffff"):
            with pytest.raises(InputError, match="no item begins so"):
                redacted(view, wrong, tmp_path, keeps_public=False)
    assert not any(secret in done["text"] for secret in SECRETS)
    assert done["counts"] == {"phone": 3, "birth_date": 1, "email": 2}
    assert done["text"].count("[telephone number 1]") == 3
    assert "chief@party.example" in kept["text"]
    assert (kept["kept_count"], kept["counts"]["email"]) == (1, 1)


def test_what_a_page_would_ask_is_a_beacon_and_a_link_is_none(case: Case) -> None:
    with case.view() as view:
        rows = view.table("beacon").to_pylist()
    page = hashlib.sha256(PAGE.encode()).hexdigest()
    told = sorted(
        (r["kind"], r["target_host"], r["is_on_opening"]) for r in rows if r["item_id"] == page
    )
    assert told == [
        ("form", "form.example", False),
        ("remote_load", "pics.example", True),
        ("tiny_image", "t.watch.example", True),
    ]


def test_what_an_html_mail_would_ask_is_a_beacon_of_the_message(case: Case) -> None:
    item_id = hashlib.sha256(HTML_MAIL).hexdigest()
    with case.view() as view:
        (row,) = (row for row in view.table("beacon").to_pylist() if row["item_id"] == item_id)
    assert (row["kind"], row["target_host"], row["part_name"], row["is_on_opening"]) == (
        *("tiny_image", "mail.example", "part 0"),
        True,
    )


def test_fields_and_templates_that_a_text_fetches_are_beacons(case: Case) -> None:
    item_id = hashlib.sha256(RICH).hexdigest()
    with case.view() as view:
        rows = [row for row in view.table("beacon").to_pylist() if row["item_id"] == item_id]
    assert sorted((r["kind"], r["name"], r["target_host"], r["is_on_opening"]) for r in rows) == [
        ("external_part", "includepicture", "pic.example", True),
        ("external_part", "template", "tpl.example", True),
    ]


def test_the_report_counts_and_shows_no_value(case: Case, tmp_path: Path) -> None:
    for is_public in (False, True):
        path = tmp_path / f"{is_public}.html"
        write_report(case, path, public=is_public, progress=Silent())
        page = path.read_text()
        section = page[page.index('id="personal"') :].partition("</section>")[0]
        assert "Before anything is published" in section
        assert not any(secret in section for secret in SECRETS)
