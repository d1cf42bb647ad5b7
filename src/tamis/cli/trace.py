"""`tamis trace`: where one thing was first seen, by platform, language and community."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tamis.cli.case import CASE

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@CASE
@click.argument("thing", metavar="OBJECT")
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
def trace(case: Path, thing: str, form: str) -> None:
    """Where an object was first seen in this collection, and the way it took.

    OBJECT is a #hashtag, an address, a domain or host, a magnet link or its hash, the hash of a
    file or picture, an item of the dump (its first 8 digits), an @account or account id, an object
    id, or a phrase. Exit code 1 when no post of the collection carries it.
    """
    from tamis.case import Case
    from tamis.run.trace import trace as trace_object

    with Case.open(case).view() as view:
        told = trace_object(view, thing)
        for line in told.jsonl() if form == "jsonl" else told.lines():
            click.echo(line)
    sys.exit(0 if told.subject["post_count"] else 1)
