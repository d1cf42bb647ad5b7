"""`tamis show`: the rows of a table, for people and for scripts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

FORMATS = ("table", "csv", "jsonl", "parquet")


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("table", required=False)
@click.option("--where", help="Expression over the columns: \"verdict = 'verified'\".")
@click.option("--limit", type=click.IntRange(min=0), help="At most this many rows.")
@click.option("--as", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--at", help="Instant to judge rules on polls by, besides now: 2017-05-06T12:00Z.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File instead of stdout.")
def show(case: Path, table: str | None, output: Path, at: str | None, **options: Any) -> None:
    """Show the rows of TABLE; without TABLE, the tables of the case and their counts.

    `--as jsonl` is the stable form for scripts: every row unless --limit is given. The table
    form shows the first 50 rows and says how many there are. In csv, a text that a spreadsheet
    would run as a formula gets a leading apostrophe; jsonl and parquet keep it as it is.
    What would act on a terminal is written out; jsonl uses JSON's own escapes, which read back
    as the same text.
    Comment on polls (table swing) is withheld while a rule on polls runs in a jurisdiction of the
    case; --at can withhold more, and never lifts what the clock withholds.
    """
    from tamis.case import Case
    from tamis.run.show import Listing, write_counts, write_rows
    from tamis.run.silence import read_instant

    with Case.open(case).view() as view:
        if table is None:
            write_counts(view, sys.stdout)
            return
        listing = Listing(table=table, also_at=(read_instant(at),) if at else (), **options)
        told = write_rows(view, listing, output, sys.stdout)
    if told:
        click.echo(told, err=True)
