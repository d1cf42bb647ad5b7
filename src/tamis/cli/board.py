"""`tamis board`: what people make of the evidence, kept beside it and never added up."""

from __future__ import annotations

from pathlib import Path

import click

_BEARINGS = ("consistent", "inconsistent", "neutral", "not_applicable")


@click.group()
@click.argument("case", type=click.Path(path_type=Path))
@click.pass_context
def board(context: click.Context, case: Path) -> None:
    """Weigh hypotheses against evidence: people fill the cells, the program draws no conclusion.

    Each word is a decision of the case, with name, note and time, and stands in custody.
    """
    context.obj = case


@board.command("add-hypothesis")
@click.argument("text")
@click.option("--by", "author", required=True, help="Who puts it.")
@click.pass_obj
def add_hypothesis(case: Path, text: str, author: str) -> None:
    """Put the hypothesis TEXT on the board; prints its id."""
    from tamis.case import Case
    from tamis.run.board import add_hypothesis as add

    name, remark = add(Case.open(case), text, author)
    click.echo(name)
    if remark:
        click.echo(remark, err=True)


@board.command("set")
@click.argument("hypothesis")
@click.argument("evidence")
@click.argument("bearing", type=click.Choice(_BEARINGS))
@click.option("--note", required=True, help="Why, in your own words.")
@click.option("--by", "author", required=True, help="Who says so.")
@click.pass_obj
def set_cell(
    case: Path, hypothesis: str, evidence: str, bearing: str, note: str, author: str
) -> None:
    """Say how EVIDENCE bears on HYPOTHESIS; the last word counts, earlier ones are kept.

    EVIDENCE is an id from the tables evidence, cohort, document_time_conflict or hole, or that of
    a claim's check, which `tamis claims` shows.
    """
    from tamis.case import Case
    from tamis.run.board import set_cell as put

    opened = Case.open(case)
    table, remark = put(opened, hypothesis, evidence, bearing, note=note, author=author)
    click.echo(f"{hypothesis}: {table} {evidence} is {bearing}")
    if remark:
        click.echo(remark, err=True)


@board.command("show")
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
@click.pass_obj
def show(case: Path, form: str) -> None:
    """Show the board: rows in the order they were put, without totals or ranks."""
    from tamis.case import Case
    from tamis.run.board import details, read

    opened = Case.open(case)
    held = read(opened)
    for line in held.jsonl() if form == "jsonl" else held.lines(details(opened, held)):
        click.echo(line)
