"""`tamis demo`: the whole job on the invented incident."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tamis.cli.progress import Console
from tamis.syntax.visible import show_hidden


@click.command()
@click.argument("folder", default="tamis-demo", type=click.Path(path_type=Path))
@click.option("--scale", default=1.0, show_default=True, help="Size of the incident.")
@click.option("--seed", default=2017, show_default=True, help="Another number, another incident.")
def demo(folder: Path, scale: float, seed: int) -> None:
    """Make an invented incident in FOLDER, do the whole job on it, compare with its truth."""
    from tamis.run.demo import demonstrate

    result = demonstrate(folder, scale=scale, seed=seed, progress=Console())
    for line in result.lines():
        click.echo(show_hidden(line))
    sys.exit(0 if result.agrees else 1)
