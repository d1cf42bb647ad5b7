"""`tamis silence`: rules of electoral silence at an instant, no case needed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

ACTS = ("campaign", "polls", "exit_polls", "results", "paid_ads", "broadcast")
ACTORS = (
    *("candidates", "parties", "media", "broadcasters", "citizens", "officials"),
    *("supporters", "voters"),
)


@click.command()
@click.option("--jurisdiction", required=True, help="Code such as FR.")
@click.option(
    "--polling-day",
    "days",
    multiple=True,
    required=True,
    help="National polling day; several times where one vote takes several days or phases.",
)
@click.option("--at", "at", help="Instant with its offset, such as 2017-05-05T23:00+02:00; or now.")
@click.option("--act", type=click.Choice((*ACTS, "conduct_near_station")), help="Only this kind.")
@click.option("--actor", type=click.Choice(ACTORS), help="Only rules that bind these, or everyone.")
@click.option("--polls-open", help="Hour at which stations open, such as 08:00, where you know it.")
@click.option("--polls-close", help="Hour at which the last stations close, such as 20:00.")
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of rules that come before those of tamis.",
)
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
def silence(
    jurisdiction: str,
    days: tuple[str, ...],
    at: str | None,
    rules: Path | None,
    form: str,
    **options: str | None,
) -> None:
    """Which rules of electoral silence apply, from when to when, and where that is written.

    Every rule carries its source, the date of that source and a grade for each field; what is
    not known is "not established", what is old is "stale". No legal advice.
    """
    from tamis.run.silence import Asked, read_day, read_hour, read_instant
    from tamis.run.silence import silence as answer
    from tamis.syntax.silence.windows import Hours

    asked = Asked(
        jurisdiction=jurisdiction.upper(),
        polling_days=tuple(sorted(map(read_day, days))),
        moment=dt.datetime.now(dt.UTC) if at is None else read_instant(at),
        act=options["act"],
        actor=options["actor"],
        hours=Hours(
            read_hour("--polls-open", options["polls_open"]),
            read_hour("--polls-close", options["polls_close"]),
        ),
    )
    told = answer(asked, rules)
    for line in told.jsonl() if form == "jsonl" else told.table():
        click.echo(line)
