"""`tamis decoy`: seal files before a leak, show one of them, check and look for them after it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tamis.cli.progress import Console
from tamis.syntax.visible import show_hidden

PATH = click.Path(path_type=Path)
JOBS = click.option("--jobs", default=2, show_default=True, help="Workers that parse at once.")


@click.group()
def decoy() -> None:
    """Decoys: seal files before a leak; reveal one, verify and match after it.

    tamis recognises decoys and does not write them. Nothing asks the network: time-stamp requests
    are files that you send, and replies are files that you bring back.
    """


@decoy.command()
@click.argument("paths", nargs=-1, required=True, type=PATH)
@click.option("-o", "--output", required=True, type=PATH, help="New folder for the registry.")
@click.option(
    "--background", multiple=True, type=PATH, help="Ordinary files, whose phrases never count."
)
@click.option("--authorities", default=2, show_default=True, type=click.IntRange(2, 16))
@JOBS
def seal(paths: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Seal every file below PATHS: a private registry, a public commitment, time-stamp requests.

    Send each request (requests/*.tsq) to another authority and keep the replies; without them
    nothing says when it was sealed. Keep registry.json secret: it names every decoy.
    """
    from tamis.run.decoy_seal import Sealing, seal_files

    how = Sealing(options["background"], options["authorities"], options["jobs"])
    done = seal_files(paths, output, how, Console())
    click.echo(f"{output}: {done.commitment.leaf_count:,} files sealed")
    click.echo(f"commitment {done.commitment.root.hex()}")
    for path in done.requests:
        click.echo(f"send to an authority, each to another one: {path}")
    for note in done.notes:
        click.echo(show_hidden(note))


@decoy.command()
@click.argument("registry", type=PATH)
@click.argument("names", nargs=-1, required=True)
@click.option("--reply", "replies", multiple=True, type=PATH, help="Reply of an authority (.tsr).")
@click.option("--with-sketch", is_flag=True, help="Show its sketch and the key of all sketches.")
@click.option("-o", "--output", required=True, type=PATH, help="Folder for the proofs.")
def reveal(
    registry: Path,
    names: tuple[str, ...],
    replies: tuple[Path, ...],
    output: Path,
    *,
    with_sketch: bool,
) -> None:
    """Write the proof of each file in NAMES (id, path or SHA-256), without the others.

    Hand it over with the file itself. --with-sketch lets others find pieces of it too; who then
    holds sketches.json can test guesses about your other decoys.
    """
    from tamis.run.decoy_seal import reveal as write

    for path in write(registry, names, replies, output, shows_sketch=with_sketch):
        click.echo(str(path))


@decoy.command()
@click.argument("proof", required=False, type=PATH)
@click.option("--file", type=PATH, help="The file that the proof is about.")
@click.option("--commitment", type=PATH, help="The commitment that was published.")
@click.option("--reply", "replies", multiple=True, type=PATH, help="Reply of an authority (.tsr).")
@click.option("--roots", multiple=True, type=PATH, help="Certificates that you trust (PEM, DER).")
@click.option("--registry", type=PATH, help="Check the nonces too: for the owner of the registry.")
@click.option("--sealed", type=PATH, help="Folder that was sealed: compare it with --registry.")
@JOBS
def verify(proof: Path | None, **options: Any) -> None:
    """Check a PROOF offline: file, entry, path, commitment, and every reply under your roots.

    Without PROOF, check replies over a commitment, or the folder that was sealed (files that were
    changed, are missing or are new) against its registry. Exit code 1 when anything does not
    hold; the place is named.
    """
    from tamis.run.decoy_check import Handed
    from tamis.run.decoy_check import verify as check

    jobs = options.pop("jobs")
    checked = check(Handed(proof, **options), jobs, Console())
    for line in checked.text():
        click.echo(show_hidden(line))
    sys.exit(0 if checked.ok else 1)


@decoy.command()
@click.argument("sketches", type=PATH)
@click.argument("corpus", nargs=-1, required=True, type=PATH)
@click.option("--key", type=PATH, help="Key of the sketches; a registry holds its own.")
@click.option(
    "--background", multiple=True, type=PATH, help="Ordinary files, whose phrases never count."
)
@click.option(
    "--as", "form", type=click.Choice(("table", "csv", "jsonl")), default="table", show_default=True
)
@JOBS
def match(sketches: Path, corpus: tuple[Path, ...], **options: Any) -> None:
    """Look for decoys in CORPUS (files, folders or cases) by SKETCHES or a registry.

    Only names of decoys come out, nothing of their words. Exit code 1 when none is found.
    """
    from tamis.run.decoy_check import Matching, table_of
    from tamis.run.decoy_check import match as look
    from tamis.run.show import format_rows

    how = Matching(sketches, options["key"], options["background"], options["jobs"])
    rows, notes = look(how, corpus, Console())
    sys.stdout.writelines(
        format_rows(table_of(rows), options["form"], is_seen=sys.stdout.isatty(), is_whole=True)
    )
    for note in notes:
        click.echo(show_hidden(note), err=True)
    click.echo(f"{len(rows):,} matches", err=True)
    sys.exit(0 if rows else 1)
