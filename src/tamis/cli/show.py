"""`tamis show`: the rows of a table, for people and for scripts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

FORMATS = ("table", "csv", "jsonl", "parquet")


@click.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("table", required=False)
@click.option("--where", help="Expression over the columns: \"verdict = 'verified'\".")
@click.option("--limit", type=click.IntRange(min=0), help="At most this many rows.")
@click.option("--as", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File instead of stdout.")
def show(
    case: Path, table: str | None, where: str | None, limit: int | None, form: str, output: Path
) -> None:
    """Show the rows of TABLE; without TABLE, the tables of the case and their counts.

    `--as jsonl` is the stable form for scripts: every row unless --limit is given. The table
    form shows the first 50 rows and says how many there are. In csv, a text that a spreadsheet
    would run as a formula gets a leading apostrophe; jsonl and parquet keep it as it is.
    What would act on a terminal is written out; jsonl uses JSON's own escapes, which read back
    as the same text.
    """
    from tamis.case import Case
    from tamis.run.show import Listing, write_counts, write_rows

    with Case.open(case).view() as view:
        if table is None:
            write_counts(view, sys.stdout)
            return
        listing = Listing(table=table, where=where, limit=limit, form=form)
        told = write_rows(view, listing, output, sys.stdout)
    if told:
        click.echo(told, err=True)
