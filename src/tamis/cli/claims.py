"""`tamis claims`: who said what, what the evidence says of it, and the status that people set."""

from __future__ import annotations

from pathlib import Path

import click

from tamis.cli.gate import CaseGroup
from tamis.syntax.visible import show_hidden


@click.group(cls=CaseGroup, invoke_without_command=True)
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--as", "form", type=click.Choice(("table", "jsonl", "claimreview")), default="table")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write it.")
@click.pass_context
def claims(context: click.Context, case: Path, form: str, output: Path | None) -> None:
    """The ledger of published claims: speaker, authority, time, capture, evidence, status.

    Statements that disagree stand beside each other. --as claimreview writes schema.org
    ClaimReview in JSON-LD, a template, of claims on which a person set a status.
    """
    context.obj = case
    if context.invoked_subcommand is not None:
        return
    from tamis.case import Case
    from tamis.run.claim_ledger import entries, jsonl, table_lines
    from tamis.run.claim_review import claim_reviews

    told = entries(Case.open(case))
    if form == "claimreview":
        text = claim_reviews(told)
        left = sum(one.word is None for one in told)
        click.echo(f"{left:,} of {len(told):,} claims left out: nobody set a status", err=True)
    else:
        lines = jsonl(told) if form == "jsonl" else table_lines(told)
        text = "".join(f"{line}\n" for line in lines)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@claims.command("set")
@click.argument("claim")
@click.argument("status", type=click.Choice(("corroborated", "contradicted", "open")))
@click.option("--evidence", "evidence_ids", multiple=True, help="Id of evidence; may be repeated.")
@click.option("--note", required=True, help="Why, in your own words.")
@click.option("--by", "author", required=True, help="Who says so.")
@click.pass_obj
def set_status(
    case: Path, claim: str, status: str, evidence_ids: tuple[str, ...], note: str, author: str
) -> None:
    """Say what the evidence makes of CLAIM; the last word counts, earlier ones are kept.

    CLAIM is its id, or FILE:ID where several files of claims have that id. Corroborated and
    contradicted need --evidence: an id from evidence, cohort, document_time_conflict or hole, or
    that of a check, which stands behind the outcome.
    """
    from tamis.case import Case
    from tamis.run.claim_ledger import set_status as put

    remark = put(Case.open(case), claim, status, evidence_ids, note=note, author=author)
    if remark:
        click.echo(remark, err=True)
    click.echo(f"{show_hidden(claim)} is {status}, says {show_hidden(author)}")
