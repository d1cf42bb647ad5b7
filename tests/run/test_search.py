from __future__ import annotations

import itertools
import json
import random
import re
import shutil
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tamis import records
from tamis.case import Case
from tamis.cli import cli
from tamis.errors import ExpressionError, InputError
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.search import search
from tamis.run.search_query import Every, Not, Some, Term, parse
from tamis.run.stages import stages


def _id(number: int) -> str:
    return f"{number:064x}"


MAIL: list[dict[str, Any]] = [
    {
        "subject": "Réunion à l'école",
        "body_text": "L'œuvre complète sera présentée lundi. Le budget suit.",
        "from_raw": "Anne Dupont <anne@parti.example>",
        "to_addresses": ["bob@presse.example"],
        "sent_at": datetime(2017, 5, 4, 22, 30, tzinfo=UTC),
        "language": "fr",
    },
    {
        "subject": "Budget of the tour",
        "body_text": "The school meeting is on Monday; see the budget plan.",
        "from_raw": "Bob <bob@presse.example>",
        "to_addresses": ["anne@parti.example"],
        "sent_at": datetime(2017, 4, 30, 12, 0, tzinfo=UTC),
        "language": "en",
    },
    {
        "subject": "\u202etxt.exe \x1b[31mred",
        "body_text": "plan budget\x07 du matin",
        "from_raw": "x <x@y.example>",
        "sent_at": datetime(1, 1, 1, tzinfo=UTC),
    },
    {"subject": None, "body_text": None, "from_raw": None},
]


def build(path: Path, mail: list[dict[str, Any]], zone: str = "Europe/Paris") -> Case:
    case = Case.create(path, title="x", display_zone=zone)
    items, places, messages, languages = [], [], [], []
    stamp = {"run_id": "r0", "analysis_version": "leak.language/1"}
    for number, row in enumerate(mail):
        items.append({"item_id": _id(number), "kind": "leak", "size_bytes": 1, "status": "read"})
        places.append(
            {
                "item_id": _id(number),
                "root": "/r",
                "path": f"boîte/mail_{number}.eml",
                "name": f"mail_{number}.eml",
                "position": number,
                "depth": 1,
            }
        )
        if "language" in row:
            told = {"item_id": _id(number), "language_detected": row["language"]}
            languages.append({**told, **stamp})
        given = {"reference_ids": [], "to_addresses": [], "cc_addresses": [], "bcc_addresses": []}
        messages.append(
            {
                **given,
                "item_id": _id(number),
                "received_count": 0,
                "is_bulk": False,
                "body_raw_bytes": 1,
                "line_ends": "lf",
                **{name: value for name, value in row.items() if name != "language"},
            }
        )
    with case.writer() as writer:
        tables = {"item": items, "place": places, "message": messages, "text_language": languages}
        for name, rows in tables.items():
            writer.append(name, records.table(name).build(rows))
        writer.commit()
    return case


def index(case: Case) -> str:
    stage = next(one for one in stages(("leak",)) if one.name == "leak.search")
    with case.writer() as writer:
        return run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    case = build(tmp_path_factory.mktemp("search") / "case", MAIL)
    index(case)
    return case


def found(case: Case, query: str) -> list[int]:
    with case.view() as view:
        return sorted(int(hit.item_id, 16) for hit in search(view, query).hits)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ecole", [0]),
        ("ÉCOLE", [0]),
        ("e\u0301cole", [0]),
        ("oeuvre", [0]),
        ("œuvre", [0]),
        ("l'école", [0]),
        ('"budget plan"', [1]),
        ('"plan budget"', [2]),
        ("budget -plan", [0]),
        ("NOT budget", [3]),
        ("-budget -mail_3", []),
        ("ecole OR school", [0, 1]),
        ("(ecole OR school) monday", [1]),
        ("present*", [0]),
        ("subject:budget", [1]),
        ("text:budget", [0, 1, 2]),
        ("from:dupont", [0]),
        ("to:anne@parti.example", [1]),
        ("anne@parti.example", [0, 1]),
        ("path:boite", [0, 1, 2, 3]),
        ('path:"mail_3.eml"', [3]),
        ("language:FR", [0]),
        ("kind:message side:leak", [0, 1, 2, 3]),
        ("verdict:verified", []),
        # 22:30 UTC is half past midnight in the display zone of this case.
        ("date:2017-05-05", [0]),
        ("date:2017-05-04", []),
        ("date:2017-05-04T22:30Z..", [0]),
        ("date:2017-05-04T22:31Z..", []),
        ("date:2017-04..2017-05", [0, 1]),
        ("date:2017", [0, 1]),
        ("date:..2016", [2]),
        ("budget date:2017-04-30", [1]),
    ],
)
def test_queries_find_what_a_reader_would(made: Case, query: str, expected: list[int]) -> None:
    assert found(made, query) == expected


def _fold(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def test_random_queries_agree_with_looking_at_every_text(tmp_path: Path) -> None:
    rng = random.Random(5)
    words = ["été", "ete", "cœur", "plan", "média", "L'an", "Ça", "note", "école", "x1"]
    texts = [" ".join(rng.choices(words, k=rng.randint(1, 6))) for _ in range(60)]
    case = build(tmp_path / "case", [{"body_text": text} for text in texts])
    index(case)
    with case.view() as view:
        for _ in range(80):
            terms = rng.choices(words, k=rng.randint(1, 3))
            kind = rng.choice(["all", "any", "phrase", "none"])
            told = [f"text:{term}" for term in terms]
            query = {
                "all": " ".join(told),
                "any": " OR ".join(told),
                "phrase": f'text:"{" ".join(terms)}"',
                "none": " ".join(f"-{term}" for term in told),
            }[kind]
            expected = [n for n, text in enumerate(texts) if _answers(kind, terms, _fold(text))]
            hits = search(view, query, 100).hits
            assert sorted(int(hit.item_id, 16) for hit in hits) == expected, query


def _answers(kind: str, terms: list[str], text: list[str]) -> bool:
    held = [_holds(_fold(term), text) for term in terms]
    if kind == "phrase":
        return _holds(list(itertools.chain.from_iterable(map(_fold, terms))), text)
    return {"all": all(held), "any": any(held), "none": not any(held)}[kind]


def _holds(phrase: list[str], text: list[str]) -> bool:
    return any(text[at : at + len(phrase)] == phrase for at in range(len(text)))


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "it is empty"),
        ('"half', "no other half"),
        ("(half", "an opening bracket"),
        ("half)", "a closing bracket"),
        ("()", "a bracket is empty"),
        ("budget OR", "it ends"),
        ("AND", "AND stands where"),
        ("http://x.example/", "no field is called 'http'"),
        ("item_id:0", "no field is called 'item_id'"),
        ("from: anne", "nothing follows from:"),
        ("a*", "at least 2 letters"),
        ("*", "no letter or digit"),
        ("\x00", "no letter or digit"),
        ("kind:[a-z]", "no value"),
        ("date:2017-13", "is no date"),
        ("date:yesterday", "is no date"),
        ("date:..", "is no date"),
        ("date:2017..2016", "ends before it begins"),
        ("x" * 1001, "more than 1,000 characters"),
        ("a " * 65, "more than 64 terms"),
        ("(" * 17 + "a" + ")" * 17, "nested more than 16"),
        ("NOT " * 17 + "a", "nested more than 16"),
    ],
)
def test_a_query_that_cannot_be_understood_says_why(made: Case, query: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(why)):
        found(made, query)


def test_hostile_queries_end_in_an_answer_or_an_expression_error(made: Case) -> None:
    rng = random.Random(7)
    pieces = ['"', "(", ")", "-", "*", ":", "date:", "kind:", "\\", "[", "{", "é", "\ud800", ".."]
    pieces += [" ", "OR", "AND", "NOT", "a", "bud", "+", "^2", "~1", "/", ".*", "\u202e", "\x1b"]
    refused = 0
    with made.view() as view:
        for _ in range(400):
            query = "".join(rng.choices(pieces, k=rng.randint(1, 12)))
            try:
                search(view, query)
            except ExpressionError:
                refused += 1
    assert 0 < refused < 400


def test_brackets_and_signs_bind_as_told() -> None:
    a, b, c = Term("a"), Term("b"), Term("c")
    assert parse("a b OR c") == Some((Every((a, b)), c))
    assert parse("a (b OR -c)") == Every((a, Some((b, Not(c)))))
    assert parse("a AND b") == parse("a b")
    assert parse("subject:pre* x-y") == Every((Term("pre", "subject", is_prefix=True), Term("x-y")))


def test_what_is_shown_can_do_nothing_to_a_terminal(made: Case) -> None:
    with made.view() as view:
        result = search(view, "path:mail_2")
        shown = "\n".join([*result.table(), *result.jsonl()])
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "⟨U+202E⟩txt.exe ␛[31mred" in shown
    assert result.hits[0].sent_at == "0001-01-01T00:00:00+00:00"


def test_an_index_is_made_once_and_again_when_something_changed(tmp_path: Path) -> None:
    case = build(tmp_path / "case", MAIL)
    with case.view() as view, pytest.raises(InputError, match="tamis run"):
        search(view, "budget")
    assert "4" in index(case)
    assert "up to date" in index(case)
    row = {"item_id": _id(9), "kind": "leak", "size_bytes": 1, "status": "read"}
    with case.writer() as writer:
        writer.append("item", records.table("item").build([row]))
        writer.commit()
    with case.view() as view:
        assert "has changed since" in search(view, "budget").summary()
    assert "5" in index(case)
    with case.view() as view:
        assert search(view, "budget").note == ""
    assert len(list((case.path / "index").iterdir())) == 1
    shutil.rmtree(next((case.path / "index").iterdir()))
    assert "5" in index(case)  # derived: whoever removes it gets it back


def test_what_was_forgotten_is_not_found(tmp_path: Path) -> None:
    case = build(tmp_path / "case", MAIL)
    index(case)
    assert found(case, "school") == [1]
    case.forget(_id(1), "asked for")
    assert not list((case.path / "index").iterdir())
    with case.view() as view, pytest.raises(InputError, match="no search index"):
        search(view, "school")
    index(case)
    assert found(case, "school") == []
    assert found(case, "budget") == [0, 2]


def test_the_command_prints_lines_or_json_and_says_no_with_its_exit_code(made: Case) -> None:
    runner = CliRunner()
    done = runner.invoke(cli, ["search", str(made.path), "budget", "--as", "jsonl", "--limit", "2"])
    assert done.exit_code == 0
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["rank"] for row in rows] == [1, 2]
    assert "2 of 3 items shown" in done.stderr
    assert rows[0]["score"] >= rows[1]["score"]
    assert rows[0]["subject"] == "Budget of the tour"
    assert runner.invoke(cli, ["search", str(made.path), "zebra"]).exit_code == 1


def test_the_help_shows_its_examples_a_line_each() -> None:
    from click.testing import CliRunner

    from tamis.cli.search import search as command

    told = CliRunner().invoke(command, ["--help"]).output
    assert "\\b" not in told
    assert any(line.strip().startswith("tamis search CASE 'from:") for line in told.splitlines())
