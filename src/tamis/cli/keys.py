"""`tamis keys`: which DKIM keys are missing, and the ways to get them into a case."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tamis.cli.progress import Console
from tamis.errors import InputError
from tamis.syntax.visible import show_hidden

CASE = click.argument("case", type=click.Path(path_type=Path))


@click.group()
def keys() -> None:
    """DKIM keys: which are missing, and how to get them into a case.

    Only `keys fetch --network` asks the network; nothing else in tamis does.
    """


@keys.command()
@CASE
@click.option("--limit", type=click.IntRange(min=1), help="At most this many names.")
@click.option(
    "--as", "form", type=click.Choice(("table", "csv", "jsonl")), default="table", show_default=True
)
def wanted(case: Path, limit: int | None, form: str) -> None:
    """Show the keys that messages still lack, those that would decide most messages first.

    Each with how many messages it would decide, how many of those are person to person, and the
    line that looks it up. Run `tamis run CASE --only leak` before.
    """
    from tamis.case import Case
    from tamis.run.keys import list_wanted
    from tamis.run.show import format_rows

    with Case.open(case).view() as view:
        found = list_wanted(view)
    shown = found if limit is None else found.slice(0, limit)
    sys.stdout.writelines(format_rows(shown, form, is_seen=sys.stdout.isatty(), is_whole=True))
    click.echo(f"{shown.num_rows:,} of {found.num_rows:,} keys shown", err=True)


@keys.command()
@CASE
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "format_name", help="Name of a reader (see `tamis formats`).")
@click.option("--by-reference", is_flag=True, help="Leave the bytes where they are, keep a hash.")
@click.option("--providers", is_flag=True, help="Add the keys of large providers that tamis ships.")
def add(
    case: Path,
    paths: tuple[Path, ...],
    format_name: str | None,
    *,
    by_reference: bool,
    providers: bool,
) -> None:
    """Take files of keys into the case: JSON, JSON lines, CSV, zone files, dig, nslookup, PEM.

    The same as `tamis add --kind keys`. A file with private keys says that these are public, so
    that what they signed proves nothing. Names with different records are listed; all are kept.
    """
    from tamis.case import Case
    from tamis.run.intake import Wishes
    from tamis.run.intake import add as take_in
    from tamis.run.keys import list_contradictory, take_made
    from tamis.run.keys import providers as shipped

    if not paths and not providers:
        raise InputError("nothing to add; name files of keys, or say --providers")
    opened = Case.open(case)
    reports = []
    if paths:
        reports.append(
            take_in(
                opened,
                paths,
                kind="keys",
                wishes=Wishes(format_name, by_reference),
                progress=Console(),
            )
        )
    if providers:
        reports.append(take_made(opened, [shipped()]))
    for report in reports:
        for line in report.lines():
            click.echo(show_hidden(line))
    with opened.view() as view:
        for name in list_contradictory(view):
            click.echo(show_hidden(f"different records are known for {name}; all are tried"))


@keys.command()
@CASE
@click.argument("names", nargs=-1)
@click.option("--network", is_flag=True, help="Permit it: without this nothing is asked.")
@click.option("--resolver", help="IP, IP:PORT or [IPv6]:PORT; else the system's first resolver.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--timeout", default=4.0, show_default=True, type=click.FloatRange(0.1, 60))
def fetch(
    case: Path,
    names: tuple[str, ...],
    resolver: str | None,
    limit: int,
    timeout: float,
    *,
    network: bool,
) -> None:
    """Ask the DNS for NAMES, or for the keys that are wanted; the only network code there is.

    Resolver, time and raw answers are written into custody. A key that the DNS shows today is
    dated today: it covers no message that is older. Exit code 1 when no key came.
    """
    if not network:
        raise InputError(
            "fetching asks a DNS resolver, which then knows whose mail you examine, and so may "
            "the domains asked; say --network to permit it, or use the lines of `tamis keys wanted`"
        )
    from tamis.case import Case
    from tamis.run.keys_fetch import choose_names, read_resolver
    from tamis.run.keys_fetch import fetch as look_up

    opened = Case.open(case)
    chosen, refused = choose_names(opened, names, limit)
    for name in refused:
        click.echo(show_hidden(f"not asked, no name that the DNS can hold: {name}"), err=True)
    count = 0
    for one in look_up(opened, chosen, read_resolver(resolver, timeout), Console()):
        count += one.record_count
        click.echo(show_hidden(f"{one.outcome:<16} {one.record_count:>3}  {one.name}"))
    click.echo(f"{count:,} records from {len(chosen):,} names; custody head {opened.head()}")
    sys.exit(0 if count else 1)


@keys.command()
@CASE
@click.argument("names", nargs=-1)
@click.option(
    "--seconds",
    default=300.0,
    show_default=True,
    type=click.FloatRange(1, 86400),
    help="Limit for one pair.",
)
@click.option("--pairs", default=3, show_default=True, type=click.IntRange(1, 20))
@click.option("--jobs", default=2, show_default=True, help="Pairs that are tried at once.")
def recover(case: Path, names: tuple[str, ...], seconds: float, pairs: int, jobs: int) -> None:
    """Compute keys that nobody kept from pairs of signatures, for NAMES or all that are wanted.

    A key found so attests nothing: what verifies under it becomes `key_consistent` at most. Needs
    the extra [recover] for the usual exponent. Exit code 1 when none was recovered.
    """
    from tamis.case import Case
    from tamis.run.keys_recover import Effort, recover_keys

    count = 0
    for one in recover_keys(Case.open(case), names, Effort(seconds, pairs, jobs), Console()):
        count += one.txt is not None
        click.echo(show_hidden(f"{one.name}: {one.detail}"))
    click.echo(f"{count:,} keys recovered; they attest nothing, see `tamis run CASE --only leak`")
    sys.exit(0 if count else 1)


@keys.command()
@CASE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File instead of stdout.")
def export(case: Path, output: Path | None) -> None:
    """Write every key of the case with all its sources and dates, for use in another case."""
    from tamis.case import Case
    from tamis.run.keys import export_keys

    with Case.open(case).view() as view:
        content = export_keys(view)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        output.write_bytes(content)
