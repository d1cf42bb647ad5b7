"""Commands that need no case: verify, coordinate, formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tamis.cli.progress import Console
from tamis.syntax.visible import show_hidden

WEIGHTS = ("distinct_objects", "co_pairs", "distinct_messages")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--keys", type=click.Path(path_type=Path), help="DKIM keys: {name: txt} as JSON.")
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
@click.option("--jobs", default=2, show_default=True, help="Workers that parse at once.")
def verify(paths: tuple[Path, ...], keys: Path | None, form: str, jobs: int) -> None:
    """Signature facts and a verdict for each message in PATHS; no case needed."""
    from tamis.run.warm import warm_nursery

    with warm_nursery(with_intake=True) as nursery:
        # The workers' server starts while this is loaded.
        from tamis.run.verify import verify as verify_paths

        verified = verify_paths(paths, keys=keys, jobs=jobs, progress=Console(), nursery=nursery)
    for line in verified.jsonl() if form == "jsonl" else verified.table():
        click.echo(line)
    click.echo(verified.summary(), err=True)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--window",
    "windows",
    multiple=True,
    default=("60s",),
    show_default=True,
    help="Largest lag, such as 10s or 5min; several times for several windows; auto estimates one.",
)
@click.option("--min-weight", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--weight", type=click.Choice(WEIGHTS), default=WEIGHTS[0], show_default=True)
@click.option("--layer", "layers", multiple=True, help="Object column or layer; all if left out.")
@click.option(
    "--object-limit",
    default=10_000_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Leave out, and name, objects with more pairs of actions than this in the window.",
)
@click.option(
    "--significance/--no-significance",
    "is_tested",
    default=True,
    help="Test the pairs against chance and find clusters; on by default.",
)
@click.option("--engine", type=click.Choice(("duckdb", "spark")), default="duckdb")
@click.option("--assume-zone", help="Zone of times that state none, e.g. Europe/Paris.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder.")
def coordinate(files: tuple[Path, ...], output: Path, **options: Any) -> None:
    """A co-action network from tables of actions: which accounts used the same objects when.

    Acting within a window is not proof of an agreement: it can be chance, a push alert or a
    shared source.
    """
    from tamis.run.coordinate import CoordinateOptions
    from tamis.run.coordinate import coordinate as compute

    result = compute(files, output, CoordinateOptions(**options), progress=Console())
    for line in result.lines():
        click.echo(show_hidden(line))


@click.command()
def formats() -> None:
    """Every reader: what it recognises, what it keeps, what it cannot know."""
    from tamis import registry

    for group in ("leak", "posts", "context"):
        click.echo(click.style(group, bold=True) if sys.stdout.isatty() else group)
        for name, reader in registry.plugins(group).items():
            click.echo(f"  {name}")
            click.echo(f"    keeps:        {reader.keeps}")
            click.echo(f"    cannot know:  {reader.cannot_know}")
            sampling = getattr(reader, "sampling", "")
            if sampling:
                click.echo(f"    sampling:     {sampling}")
            for meaning, told in getattr(reader, "columns", {}).items():
                click.echo(f"    column:       {meaning}{': ' if told else ''}{'; '.join(told)}")
