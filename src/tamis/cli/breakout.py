"""`tamis breakout`: the checklist of the breakout scale, and the level that a person signs."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
@click.argument("case", type=click.Path(path_type=Path))
@click.pass_context
def breakout(context: click.Context, case: Path) -> None:
    """Show how far an object broke out, criterion by criterion, and sign a level.

    The program computes no level: it says what the collection shows, and a person signs.
    """
    context.obj = case


@breakout.command("show")
@click.pass_obj
def show(case: Path) -> None:
    """Show the criteria with their evidence, and who signed which level."""
    from tamis.case import Case
    from tamis.run.breakout import checklist, levels
    from tamis.syntax.visible import show_hidden

    opened = Case.open(case)
    signed = {row["object_id"]: row for row in levels(opened.decisions())}
    for row in checklist(opened):
        name = row["object_id"]
        if row["position"] == 1:
            level = signed.get(name)
            told = "no level is signed"
            if level is not None:
                told = f"level {level['level']}, signed by {show_hidden(level['author'])}"
            click.echo(f"{show_hidden(name)}: {told}")
        click.echo(f"    {row['criterion']}: {row['outcome'].replace('_', ' ')}; {row['detail']}")


@breakout.command("sign")
@click.argument("object_id")
@click.argument("level", type=click.IntRange(1, 6))
@click.option("--note", required=True, help="Why, in your own words.")
@click.option("--by", "author", required=True, help="Who signs.")
@click.pass_obj
def sign(case: Path, object_id: str, level: int, note: str, author: str) -> None:
    """Sign LEVEL (1 to 6) for OBJECT_ID; the last word counts, earlier ones are kept."""
    from tamis.case import Case
    from tamis.run.breakout import sign as put

    remark = put(Case.open(case), object_id, level, note, author)
    click.echo(f"{object_id}: level {level}, signed by {author}")
    if remark:
        click.echo(remark, err=True)
