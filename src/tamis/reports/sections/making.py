"""How the report was made and how to check it: runs, custody, words, and every figure's query."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.reports.desk import Desk, anchor, shown
from tamis.reports.figures import Answer, Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.question import check_question
from tamis.reports.words import NOT_CLAIMED, ROLL_UPS, SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUNS = Figure(
    "runs",
    "Runs whose results this report may show",
    """
    SELECT run_id, stage, started_at, ended_at, engine, versions, settings, row_count
    FROM run ORDER BY started_at, stage, run_id
    """,
    keeps=Keeps.DIGEST,
)
_ROWS_SHOWN = 2_000
_WORDS = frozenset({"roll_up", "verdict", "status", "outcome"})  # parameters with words of ours


@dataclass(frozen=True, slots=True)
class Making:
    """What stands behind a report besides its figures.

    `files` maps a table to (path in the case, SHA-256) of its files in the generation.
    """

    report_id: str
    generation: int
    head_count: int
    head_hash: str
    version: str
    files: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)


def limits() -> Markup:
    """What no section of any report claims."""
    entries = [tag("li", sentence) for sentence in NOT_CLAIMED]
    heading = tag("h2", "What this report does not claim")
    return tag("section", heading, tag("ul", *entries, class_="claims"), id="limits")


def glossary() -> Markup:
    """The words of the verdict scale."""
    groups = [
        (tag("dt", tag("span", word, class_=f"badge {word}")), tag("dd", meaning))
        for word, meaning in ROLL_UPS.items()
    ]
    words = [
        (
            tag("dt", tag("span", word.verdict.replace("_", " "), class_=f"badge {word.roll_up}")),
            tag("dd", word.says, " ", tag("span", "Not: ", word.does_not_say, class_="not")),
        )
        for word in SCALE
    ]
    return tag(
        "section",
        tag("h2", "The words of the scale"),
        tag("p", "Five words roll the scale up:"),
        tag("dl", *(piece for pair in groups for piece in pair), class_="words"),
        tag("p", "The scale itself:"),
        tag("dl", *(piece for pair in words for piece in pair), class_="words"),
        id="words",
    )


def render(desk: Desk, making: Making) -> Markup:
    """How the report was made, and how to check it."""
    check = f"tamis audit {desk.case_name} --head {making.head_hash}"
    return tag(
        "section",
        tag("h2", "How this was made, and how to check it"),
        tag(
            "dl",
            tag("dt", "Report"),
            tag("dd", tag("code", making.report_id)),
            tag("dt", "Generation of the case"),
            tag("dd", str(making.generation), class_="fixed"),
            tag("dt", "Custody head"),
            tag(
                "dd",
                tag("code", making.head_hash, class_="hash"),
                tag("span", f" after {making.head_count:,} entries", class_="fixed"),
            ),
            tag("dt", "Made by"),
            tag("dd", f"tamis {making.version}", class_="fixed"),
            class_="facts",
        ),
        tag(
            "p",
            "Whoever has the case can check everything on this page: ",
            tag("code", check),
            " walks the custody chain, hashes every file, and asks every figure below again. "
            "Note the custody head somewhere outside the case: it shows a rewritten history.",
        ),
        _isolation(desk),
        _runs(desk),
        id="making",
    )


def _isolation(desk: Desk) -> Markup:
    sentences: list[str] = []
    for row in desk.ask(RUNS).rows:
        for text in (row["settings"], row["versions"]):
            told = _object(text).get("isolation")
            if isinstance(told, str) and told not in sentences:
                sentences.append(told)
    if not sentences:
        return tag(
            "p",
            "Hostile files are parsed in separate workers. Which protections were active on the "
            "machine was not recorded in this case.",
        )
    return tag(
        "ul", *(tag("li", desk.edition.remark(one)) for one in sentences), class_="isolation"
    )


def _runs(desk: Desk) -> Markup | None:
    found = desk.ask(RUNS).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["stage"], 60),
            tag("code", desk.edition.remark(row["run_id"], 40)),
            desk.clock.show(row["started_at"]),
            desk.edition.remark(row["engine"], 20),
            shown(row["row_count"]),
            _settings(desk, row),
        )
        for row in found
    ]
    heads = (
        ("Stage", ""),
        ("Run", ""),
        ("Started", ""),
        ("Engine", ""),
        ("Rows", "n"),
        ("Versions and settings", ""),
    )
    return table(heads, rows, caption=join("Runs", desk.mark(RUNS)))


def _settings(desk: Desk, row: Mapping[str, Any]) -> Markup:
    versions = _object(row["versions"])
    pieces = [(f"{name} ", str(value)) for name, value in versions.items() if name != "isolation"]
    if not desk.edition.is_public:
        # Settings may hold selectors and paths, which are the investigator's own.
        settings = _object(row["settings"])
        pieces += [
            (f"{name} = ", json.dumps(value, ensure_ascii=False))
            for name, value in settings.items()
            if name != "isolation"
        ]
    lines = [tag("li", desk.edition.remark(name + value, 300)) for name, value in pieces]
    return tag("details", tag("summary", "show"), tag("ul", *lines))


def _object(text: str | None) -> dict[str, Any]:
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def appendix(desk: Desk, making: Making) -> Markup:
    """Every figure with its question, and the files it was asked of."""
    answers = desk.book.answers
    entries = [_figure(answer, is_public=desk.edition.is_public) for answer in answers]
    read = sorted({name for answer in answers for name in check_question(answer.figure.sql)})
    return tag(
        "section",
        tag("h2", "Every figure, with its query"),
        tag(
            "p",
            "Each number or list above carries a small number; it leads here. A figure is a query "
            "over the tables of one generation, whose files and hashes follow at the end. Lists "
            "that hold text of the dump are kept as a row count and a SHA-256 of their rows.",
        ),
        tag("ol", *entries, class_="figures"),
        tag("h3", "The files of those tables"),
        *(_files(name, making.files.get(name, ())) for name in read),
        id="figures",
    )


def _figure(answer: Answer, *, is_public: bool) -> Markup:
    figure = answer.figure
    given = _named_by_nobody(figure.params) if is_public else dict(figure.params)
    params = json.dumps(given, sort_keys=True) if given else "none"
    tolerance = f"to {figure.tolerance:g} relative" if figure.tolerance else "exactly"
    return tag(
        "li",
        tag("strong", figure.label),
        " ",
        tag("code", figure.figure_id),
        tag("div", "Answer: ", _answer(answer)),
        tag(
            "div",
            "parameters ",
            tag("code", params),
            f"; compared {tolerance}; from ",
            ", ".join(check_question(figure.sql)) or "no table",
            class_="showing",
        ),
        tag("details", tag("summary", "query"), tag("pre", tag("code", _dedent(figure.sql)))),
        id=anchor(answer),
        value=answer.number,
    )


def _named_by_nobody(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters for the public: other texts can name accounts or lead to the dump."""
    return {
        name: value
        if name in _WORDS or value is None or isinstance(value, (int, float))
        else "not in the public edition"
        for name, value in params.items()
    }


def _answer(answer: Answer) -> Markup:
    kept = json.loads(answer.stored)
    if answer.figure.keeps is Keeps.VALUE:
        return tag("code", json.dumps(kept["value"]))
    if answer.figure.keeps is Keeps.DIGEST:
        return join(
            f"{kept['row_count']:,} rows, SHA-256 ", tag("code", kept["sha256"], class_="hash")
        )
    text = json.dumps(kept["rows"], separators=(",", ":"))
    if len(text) > _ROWS_SHOWN:
        cut = f" … first {_ROWS_SHOWN:,} of {len(text):,} characters"
        text = text[:_ROWS_SHOWN] + cut
    return tag("details", tag("summary", f"{kept['row_count']:,} rows"), tag("code", text))


def _dedent(sql: str) -> str:
    lines = [line.rstrip() for line in sql.strip("\n").splitlines()]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in lines).strip()


def _files(name: str, files: Sequence[tuple[str, str]]) -> Markup:
    entries = [
        tag("li", tag("code", path), " SHA-256 ", tag("code", digest, class_="hash"))
        for path, digest in files
    ]
    content = tag("ul", *entries) if entries else tag("p", "no rows in this generation")
    return tag("div", tag("h4", name), content, class_="files")
