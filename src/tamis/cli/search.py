"""`tamis search`: full text over the corpus."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
def search(case: Path, query: str, limit: int, form: str) -> None:
    """Find messages, documents and files of CASE by their words; the best come first.

    QUERY holds words (all must occur), "phrases", prefix*, field:value, OR, AND, -not and
    brackets; accents and case do not matter. Fields: text, subject, from, to, path, kind, date,
    language, verdict, side. Dates: date:2017-05, date:2017-05-01..2017-05-05, in the case's
    display zone. Exit code 1 when nothing is found.

    \b
      tamis search CASE 'subject:"note interne" -kind:newsletter'
      tamis search CASE 'from:dupont affich* date:2017-04..2017-05-05'
    """  # noqa: D301  click wants the character itself
    from tamis.case import Case
    from tamis.run.search import search as find

    with Case.open(case).view() as view:
        found = find(view, query, limit)
    for line in found.jsonl() if form == "jsonl" else found.table():
        click.echo(line)
    click.echo(found.summary(), err=True)
    raise SystemExit(0 if found.count else 1)
