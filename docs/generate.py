"""Write the reference pages that come from the program itself; `--check` only compares."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import document_kinds
from tamis import records, registry
from tamis.cli import cli
from tamis.reports.words import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parent / "reference"


def command_line() -> str:
    """docs/reference/cli.md: what `--help` prints, command by command."""
    parts = ["# Command line", "", "Made by `make docs` from the program; do not edit.", ""]
    root = click.Context(cli, info_name="tamis", max_content_width=100, terminal_width=100)
    parts += ["```text", cli.get_help(root), "```", ""]
    for name, command in cli.commands.items():
        parts += _command(name, command, root)
    return "\n".join(parts)


def _command(name: str, command: click.Command, parent: click.Context) -> list[str]:
    """One command, and below it those of a group."""
    context = click.Context(
        command, info_name=name, parent=parent, max_content_width=100, terminal_width=100
    )
    parts = [f"## {context.command_path}", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            parts += _command(below, one, context)
    return parts


def tables() -> str:
    """docs/reference/tables.md: every table and column."""
    parts = ["# Tables", "", "Made by `make docs` from `tamis.records`; do not edit.", ""]
    for table in records.tables().values():
        parts += [f"## {table.name}", "", table.meaning, ""]
        parts += [f"Written by the stage `{table.stage}`; key: {', '.join(table.key)}.", ""]
        parts += ["| column | type | meaning | unit | NULL means |", "|---|---|---|---|---|"]
        parts += [
            f"| {c.name} | {c.kind} | {c.meaning} | {c.unit or ''} | {c.missing or 'never NULL'} |"
            for c in table.columns
        ]
        parts.append("")
    return "\n".join(parts)


def formats() -> str:
    """docs/reference/formats.md: every reader."""
    parts = ["# Formats", "", "Made by `make docs` from the registry; do not edit.", ""]
    for group in ("leak", "posts", "context"):
        parts += [f"## {group}", "", "| reader | keeps | cannot know |", "|---|---|---|"]
        parts += [
            f"| {name} | {reader.keeps} | {reader.cannot_know} |"
            for name, reader in registry.plugins(group).items()
        ]
        parts.append("")
        for name, reader in registry.plugins(group).items():
            if told := getattr(reader, "columns", {}):
                parts += [f"### Columns of {name}", "", "| column | |", "|---|---|"]
                parts += [f"| {one} | {'; '.join(names)} |" for one, names in told.items()]
                parts.append("")
    return "\n".join(parts)


def verdicts() -> str:
    """docs/reference/verdicts.md: the scale, what each word says and does not say."""
    parts = ["# Verdicts", "", "Made by `make docs` from `tamis.reports.words`; do not edit.", ""]
    parts += ["| verdict | roll-up | meaning | may not claim |", "|---|---|---|---|"]
    parts += [
        f"| {word.verdict} | {word.roll_up} | {word.says} | {word.does_not_say} |" for word in SCALE
    ]
    return "\n".join([*parts, ""])


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated page with its text."""
    yield REFERENCE / "cli.md", command_line()
    yield REFERENCE / "tables.md", tables()
    yield REFERENCE / "formats.md", formats()
    yield REFERENCE / "verdicts.md", verdicts()
    yield REFERENCE / "document-kinds-measured.md", document_kinds.page()


def main(arguments: list[str]) -> int:
    """Write the pages; with `--check`, 1 and their names when they are not up to date."""
    stale = []
    for path, text in pages():
        if "--check" in arguments:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    if stale:
        print(f"not up to date: {', '.join(stale)}; run `make docs`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
