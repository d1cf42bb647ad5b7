"""Commands that make, fill, compute and check a case."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tamis.cli.progress import Console
from tamis.errors import InputError
from tamis.syntax.text import platform_name
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from tamis.run.intake import IntakeReport

CASE = click.argument("case", type=click.Path(path_type=Path))
SAMPLINGS = ("full", "query", "stream_sample", "browser", "unknown")
KINDS = ("leak", "reference", "posts", "polls", "keys", "decoys", "claims", "silence")
_PLATFORM = re.compile(r"[A-Za-z0-9_ -]{1,40}")
_PASSWORD_BYTES = 1 << 20
QUESTIONS = ("leak", "spread", "coordination", "response")


@click.command()
@CASE
@click.option("--title", default="", help="What the incident is called.")
@click.option("--election", default="", help="The election it touches, in your own words.")
def new(case: Path, title: str, election: str) -> None:
    """Make an empty case in the folder CASE."""
    from tamis.case import Case

    made = Case.create(case, title=title or case.name, election=election)
    click.echo(f"{made.path}: new case, custody head {made.head().hash}")


@click.command()
@CASE
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), help="What the files are; found out if left out.")
@click.option("--format", "format_name", help="Name of a reader (see `tamis formats`).")
@click.option("--by-reference", is_flag=True, help="Leave the bytes where they are, keep a hash.")
@click.option("--jobs", default=2, show_default=True, help="Workers that parse at once.")
@click.option("--assume-zone", help="Zone of times that state none, e.g. Europe/Paris or +02:00.")
@click.option(
    "--sampling",
    type=click.Choice(SAMPLINGS),
    help="How the posts were collected, where their file cannot say.",
)
@click.option("--platform", help="Of which platform a table without such a column is.")
@click.option(
    "--passwords",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of passwords, one a line, tried on what is encrypted.",
)
@click.option(
    "--columns",
    help="Own column names: account=who,time=when,text=what; platform_prefix=account_id for fb_1.",
)
def add(
    case: Path,
    paths: tuple[Path, ...],
    **options: Any,
) -> None:
    """Take files or folders into the case: leaked mail, posts, keys.

    Every file is accounted for. Adding the same bytes from the same place again changes nothing.
    """
    from tamis.case import Case
    from tamis.run.intake import Wishes, Workers
    from tamis.run.intake import add as take_in

    read_options: dict[str, Any] = {}
    if options["assume_zone"] is not None:
        read_options["assume_zone"] = options["assume_zone"]
    if options["sampling"] is not None:
        read_options["sampling"] = options["sampling"]
    if options["platform"] is not None:
        read_options["platform"] = _platform(options["platform"])
    if options["columns"] is not None:
        read_options["columns"] = _columns(options["columns"])
    if options["passwords"] is not None:
        read_options["passwords"] = _passwords(options["passwords"])
    report = take_in(
        Case.open(case),
        paths,
        kind=options["kind"],
        wishes=Wishes(options["format_name"], bool(options["by_reference"]), read_options),
        workers=Workers(int(options["jobs"] or 1)),
        progress=Console(),
    )
    _print_intake(report)


def _platform(told: str) -> str:
    """The platform's name as ids carry it.

    Errors    InputError for a name that could not stand before the colon of an id
    """
    if not _PLATFORM.fullmatch(told.strip()):
        raise InputError(f"--platform {told!r}: expected letters, digits, - and _, such as x")
    return platform_name(told) or told


def _columns(told: str) -> dict[str, str]:
    """Meaning of a column to its name.

    Errors    InputError for anything but `meaning=name`, several of them parted by commas
    """
    pairs = [one.partition("=") for one in told.split(",")]
    if not all(role.strip() and sign and name.strip() for role, sign, name in pairs):
        raise InputError(f"--columns {told}: expected meaning=name, such as account=who")
    return {role.strip(): name.strip() for role, _, name in pairs}


def _passwords(path: Path) -> list[str]:
    """The lines of a file of passwords; only the line end is no part of one.

    Errors    InputError when it is no text, or longer than anybody can mean.
    """
    if path.stat().st_size > _PASSWORD_BYTES:
        raise InputError(f"{path}: over {_PASSWORD_BYTES:,} bytes; expected one password a line")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(f"{path}: not UTF-8 ({problem.reason}); save it as UTF-8 text") from None
    return [line for line in dict.fromkeys(text.split("\n")) if line]


def _print_intake(report: IntakeReport) -> None:
    for line in report.lines():
        click.echo(show_hidden(line))


@click.command()
@CASE
@click.option("--only", multiple=True, type=click.Choice(QUESTIONS), help="Only these questions.")
@click.option("--engine", type=click.Choice(("duckdb", "spark")), default="duckdb")
@click.option("--jobs", default=2, show_default=True, help="Workers that parse at once.")
def run(case: Path, only: tuple[str, ...], engine: str, jobs: int) -> None:
    """Compute what the files can answer; results stand in the case as each stage ends."""
    from tamis.case import Case
    from tamis.run.analyse import analyse

    for line in analyse(
        Case.open(case), only=only or QUESTIONS, engine=engine, jobs=jobs, progress=Console()
    ):
        click.echo(show_hidden(line))


@click.command()
@CASE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write the page.")
@click.option("--public", is_flag=True, help="No verbatim posts, pseudonyms, masked addresses.")
@click.option("--at", help="Instant to judge rules on polls by, besides now: 2017-05-06T12:00Z.")
def report(case: Path, output: Path | None, at: str | None, *, public: bool) -> None:
    """Write the report: one self-contained, script-free HTML page.

    Comment on polls is left out, with the reason, while a rule on polls runs in a jurisdiction of
    the case; --at can withhold more, and never lifts what the clock withholds.
    """
    from tamis.case import Case
    from tamis.run.report import write_report
    from tamis.run.silence import read_instant

    moments = (read_instant(at),) if at else ()
    written = write_report(
        Case.open(case), output, public=public, also_at=moments, progress=Console()
    )
    click.echo(f"report: {written.path}")
    click.echo(f"generation {written.generation}, custody head {written.head.hash}")


@click.command()
@CASE
@click.option("--head", help="Custody head noted elsewhere; shows a history rewritten as a whole.")
def audit(case: Path, head: str | None) -> None:
    """Check the custody chain, every hash, and recompute every figure of the last report.

    Exit code 1 on any difference, which is named with its place.
    """
    from tamis.run.audit import audit as check_case

    result = check_case(case, head=head, progress=Console())
    for problem in result.problems:
        click.echo(show_hidden(str(problem)))
    click.echo(result.summary())
    sys.exit(0 if result.ok else 1)


@click.command()
@CASE
@click.argument("item")
@click.option("--why", required=True, help="The reason, kept in custody.")
def forget(case: Path, item: str, why: str) -> None:
    """Remove an item's bytes and text; its hash and the reason stay."""
    from tamis.case import Case

    for line in Case.open(case).forget(item, why).lines():
        click.echo(show_hidden(line))
