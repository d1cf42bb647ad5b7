"""`tamis gate`: what has to be answered before anything leaves the house."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from tamis.run.gate_draft import Flaw

_OUTCOMES = ("publish", "hold", "about_the_hack_only")


class CaseGroup(click.Group):
    """A group whose own options may also stand behind CASE where no command follows."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options from anywhere when none of its commands is called."""
        ctx.allow_interspersed_args = not any(one in self.commands for one in args[1:])
        return super().parse_args(ctx, args)


@click.group(cls=CaseGroup, invoke_without_command=True)
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--draft",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A draft (.txt, .md, .html) to hold against the case.",
)
@click.option("--as", "form", type=click.Choice(("table", "jsonl")), default="table")
@click.pass_context
def gate(context: click.Context, case: Path, draft: Path | None, form: str) -> None:
    """Publish or hold: thirteen questions that the case answers, five that people answer.

    Without a command, shows all eighteen. With --draft, first what is to be looked at in the
    draft: links and hashes that lead to the dump, what would tell on readers, quotations that
    nothing vouches for, words that accounts copied from each other; exit 1 where there is any.
    """
    context.obj = case
    if context.invoked_subcommand is not None:
        return
    from tamis.case import Case
    from tamis.run.gate import lines, shown
    from tamis.run.gate_draft import check_draft
    from tamis.run.show import json_line

    opened = Case.open(case)
    flaws: tuple[Flaw, ...] = ()
    if draft is not None:
        with opened.view() as view:
            flaws = check_draft(view, draft)
    told = lines(opened)
    if form == "jsonl":
        for row in (
            *({"row": "draft", **_row(one)} for one in flaws),
            *(one.row() for one in told),
        ):
            click.echo(json_line(row), nl=False)
    else:
        for text in (*(_told(draft, flaws) if draft else ()), *shown(told)):
            click.echo(show_hidden(text))
    if flaws:
        context.exit(1)


def _row(flaw: Flaw) -> dict[str, object]:
    return {name: getattr(flaw, name) for name in flaw.__slots__}


def _told(draft: Path, flaws: tuple[Flaw, ...]) -> list[str]:
    if not flaws:
        return [f"{draft}: nothing was found to look at, which is no leave to publish", ""]
    lines = [f"{draft}: {len(flaws):,} things to look at"]
    for one in flaws:
        found = " ".join(one.found.split())
        lines.append(f"  line {one.line}, question {one.question}, {one.kind}: {found[:160]}")
        lines.append(f"      {one.why}")
    return [*lines, ""]


@gate.command("answer")
@click.argument("question", type=int)
@click.argument("text")
@click.option("--by", "author", required=True, help="Who answers.")
@click.pass_obj
def answer(case: Path, question: int, text: str, author: str) -> None:
    """Answer QUESTION (8, 10, 12 or 15) with TEXT; the last word counts, earlier ones are kept."""
    from tamis.case import Case
    from tamis.run.gate import answer as put

    _remark(put(Case.open(case), question, text, author))
    click.echo(f"question {question} is answered by {show_hidden(author)}")


@gate.command("decide")
@click.argument("outcome", type=click.Choice(_OUTCOMES))
@click.option("--why", required=True, help="The reason, in your own words.")
@click.option("--by", "author", required=True, help="Who decides.")
@click.option("--reviewer", default="", help="Who reviewed it.")
@click.pass_obj
def decide(case: Path, outcome: str, why: str, author: str, reviewer: str) -> None:
    """Decide to publish, to hold, or to publish about the hack only (question 17).

    What the case answers now is kept with it, so that what changes later shows (question 18).
    """
    from tamis.case import Case
    from tamis.run.gate import decide as put

    _remark(put(Case.open(case), outcome, why, author, reviewer))
    click.echo(f"decided by {show_hidden(author)}: {outcome.replace('_', ' ')}")


def _remark(text: str) -> None:
    if text:
        click.echo(text, err=True)
