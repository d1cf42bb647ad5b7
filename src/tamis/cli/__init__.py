"""The command line: the one place that prints."""

from __future__ import annotations

import sys

import click

from tamis.cli import (
    board,
    breakout,
    case,
    checks,
    claims,
    compare,
    decoy,
    demo,
    explain,
    gate,
    keys,
    redact,
    search,
    show,
    silence,
    trace,
)
from tamis.errors import TamisError

__all__ = ["cli", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tamis", prog_name="tamis")
def cli() -> None:
    """What in a leaked dump is real, who spread it, who acted together - on what evidence.

    tamis reads files; only `keys fetch --network` asks the network.
    It says "unknown" where the files do not decide.
    Results go to standard output, progress and messages to standard error.
    Exit codes: 0 done, 1 the answer is no, 2 unusable input.
    """


for _command in (
    demo.demo,
    case.new,
    case.add,
    case.run,
    keys.keys,
    show.show,
    search.search,
    trace.trace,
    explain.explain,
    explain.bundle,
    board.board,
    gate.gate,
    claims.claims,
    breakout.breakout,
    case.report,
    case.audit,
    redact.redact,
    checks.verify,
    checks.coordinate,
    compare.compare,
    silence.silence,
    decoy.decoy,
    case.forget,
    checks.formats,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; a TamisError becomes one message and its exit code."""
    try:
        cli(prog_name="tamis")
    except TamisError as error:
        click.echo(f"tamis: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of a pipe (head, less) went away: not an error of ours.
            sys.stderr.close()
            sys.exit(0)
        click.echo(f"tamis: {error.filename or 'a file'}: {error.strerror or error}", err=True)
        sys.exit(2)
