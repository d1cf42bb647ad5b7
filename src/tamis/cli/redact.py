"""`tamis redact`: the words of one item with labels in the place of data about people."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

CASE = click.argument("case", type=click.Path(path_type=Path))
_NOT_SEARCHED = "names of people are not searched: read it before you publish it"

_SEARCHED = "names of people were searched by {}, which misses some: read it before you publish it"


@click.command()
@CASE
@click.argument("item")
@click.option("--preview", is_flag=True, help="Only say how many of which kind would be hidden.")
@click.option("--keep-public", is_flag=True, help="Keep what stands in public_figures.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write the text.")
def redact(case: Path, item: str, output: Path | None, *, preview: bool, keep_public: bool) -> None:
    """Write the words of ITEM with labels in the place of data about people.

    One value has one label throughout. Names are hidden only where name_models of case.toml has
    a model for the language; what only readers understand stays.
    """
    from tamis.analyses.leak.personal import LABELS
    from tamis.case import Case
    from tamis.run.personal import redacted
    from tamis.syntax.visible import show_hidden

    with Case.open(case).view() as view, tempfile.TemporaryDirectory(prefix="tamis-") as spool:
        done = redacted(view, item, Path(spool), keeps_public=keep_public)
    if output is not None and not preview:
        output.write_text(done["text"], encoding="utf-8")
    elif not preview:
        for line in done["text"].split("\n"):
            click.echo(show_hidden(line))
    for kind, count in sorted(done["counts"].items()):
        click.echo(f"{LABELS[kind]}: {count:,} hidden", err=True)
    if done["kept_count"]:
        click.echo(f"{done['kept_count']:,} kept: they stand in public_figures", err=True)
    if done["is_cut"]:
        click.echo("only the first 2,000,000 characters are there", err=True)
    click.echo(_SEARCHED.format(done["model"]) if done["model"] else _NOT_SEARCHED, err=True)
