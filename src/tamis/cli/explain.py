"""Commands about one message: why its verdict is what it is, and the bundle that proves it."""

from __future__ import annotations

from pathlib import Path

import click

from tamis.cli.case import CASE
from tamis.syntax.visible import show_hidden

ITEM = click.argument("item")


@click.command()
@CASE
@ITEM
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
def explain(case: Path, item: str, form: str) -> None:
    """Every fact about a message, the rule that decided, and what would change its verdict.

    ITEM is an item id (its first digits are enough), a Message-ID, or the path of the file.
    """
    from tamis.case import Case
    from tamis.run.explain import explain as explain_message

    with Case.open(case).view() as view:
        told = explain_message(view, item)
        for line in (told.jsonl(),) if form == "jsonl" else told.lines():
            click.echo(line)


@click.command()
@CASE
@ITEM
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="New folder.")
def bundle(case: Path, item: str, output: Path) -> None:
    """Write a message with its signed bytes, keys, facts and openssl lines into a folder.

    Another program can check the signatures again from it, without tamis.
    """
    from tamis.case import Case
    from tamis.run.bundle import write_bundle

    for line in write_bundle(Case.open(case), item, output):
        click.echo(show_hidden(line))
