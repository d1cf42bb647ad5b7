"""`tamis compare`: what two incidents share."""

from __future__ import annotations

from pathlib import Path

import click

from tamis.cli.progress import Console
from tamis.syntax.visible import show_hidden


def _populations(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, int]:
    """PLATFORM=N, each platform once."""
    del context, option
    found = {}
    for value in values:
        platform, _, number = value.partition("=")
        if not number.replace("_", "").isdecimal() or int(number) < 1:
            raise click.BadParameter(f"{value!r}: expected PLATFORM=N, such as x=330000000")
        found[platform] = int(number)
    return found


@click.command()
@click.argument("case_a", type=click.Path(path_type=Path))
@click.argument("case_b", type=click.Path(path_type=Path))
@click.option(
    "--population",
    "populations",
    multiple=True,
    callback=_populations,
    metavar="PLATFORM=N",
    help="How many accounts both incidents could have drawn from; once for each platform.",
)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=0))
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
def compare(case_a: Path, case_b: Path, populations: dict[str, int], limit: int, form: str) -> None:
    """What two incidents share, and what chance would give.

    Accounts and their names over time, hosts, addresses, hashtags, files, authors in metadata,
    words and clusters of CASE_A that CASE_B shows too, with the first use and its place in the
    files of both. Sharing is no proof of common hands.
    """
    from tamis.case import Case
    from tamis.run.compare import compare as compute
    from tamis.run.compare_words import lines, rows

    with Case.open(case_a).view() as view_a, Case.open(case_b).view() as view_b:
        found = compute(view_a, view_b, populations=populations, progress=Console())
    if form == "jsonl":
        for line in rows(found):
            click.echo(line, nl=False)
        return
    for line in lines(found, limit):
        click.echo(show_hidden(line))
