"""`tamis add`: files become items, rows and custody lines; every file gets exactly one status."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis import registry
from tamis.cell import Job, Limits
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run.intake_book import Book
from tamis.run.intake_extractor import ready
from tamis.run.intake_files import Files, output_bytes
from tamis.run.intake_posts import Exports
from tamis.run.intake_report import IntakeReport
from tamis.run.intake_rooms import Rooms, Workers
from tamis.run.intake_tasks import LOOK, readers_of
from tamis.run.intake_versions import settle_versions
from tamis.run.intake_walk import Entry, walk
from tamis.sources.posts.advice import DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case import Case
    from tamis.cell import Cell
    from tamis.progress import Progress

__all__ = ["IntakeReport", "Wishes", "Workers", "add"]

LEAKED = ("leak", "reference")
_POSTS_FROM = 50  # a reader of posts that is less sure does not turn a folder into posts
_TABLE_FROM = 20  # a table with columns of posts, where nothing but such tables stands
_KEYS_FROM = 90
_MAIL_FROM = 40
_LOOK_FILES = 128
_PACKED_BYTES = 16 << 20  # a compressed export from this size on may hold more than is usual


@dataclass(slots=True)
class Seen:
    """An entry and what the cell saw in it: by group of readers the best one and its score."""

    entry: Entry
    found: dict[str, tuple[str, int]] = field(default_factory=dict)
    media_type: str | None = None
    trouble: tuple[str, str] | None = None
    needs_room: bool = False
    is_packed: bool = False
    advice: str | None = None

    def score(self, group: str) -> int:
        """How surely the best reader of a group takes it."""
        return self.found.get(group, ("", 0))[1]

    def reader(self, group: str) -> str | None:
        """The best reader of a group, None when none takes it."""
        name, score = self.found.get(group, ("", 0))
        return name if score > 0 else None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How files are to be taken in: by which reader, left where they are, with which options."""

    format_name: str | None = None
    by_reference: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def add(
    case: Case,
    paths: Sequence[Path],
    *,
    kind: str | None = None,
    wishes: Wishes = Wishes(),
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> IntakeReport:
    """What became of every file below `paths`, once all of it is in the case.

    What is there already, at the same place with the same bytes, is left alone: adding the same
    thing again changes nothing. Work is committed in stretches of whole files; repeating an
    `add` that was killed completes it.

    Errors    InputError for a path that does not exist, an unknown format, or a path that holds
              posts and mail together; CaseLockedError when another process writes.
    """
    entries = walk(paths, case.path)
    _check_format(kind, wishes.format_name)
    shown = progress or Silent()
    with case.writer() as writer:
        book = Book(writer, shown)
        book.report.found_count = len(entries)
        known = [entry for entry in entries if _is_known(book, entry)]
        there = {entry.absolute for entry in known}
        new = [entry for entry in entries if entry.absolute not in there]
        book.report.known_count = len(known)
        if kind is not None:
            _note_other_kind(book, kind, known)
        shown.start("add", total=sum(max(one.size_bytes, 1) for one in new), unit="bytes")
        if new:
            limits = Limits(output_bytes=output_bytes(max(one.size_bytes for one in new)))
            given, extractor = dict(wishes.options), writer.spool()
            given["selectors"] = list(writer.settings.selectors)
            given["today"] = datetime.now(UTC).isoformat()
            if kind is None or kind in LEAKED:
                given["extractor"] = ready(extractor)
            with Rooms(workers or Workers(), writer, limits, (extractor,)) as rooms:
                book.report.isolation = rooms.usual.isolation.sentence()
                seen = _look(rooms, new, kind)
                plan = _plan(seen, kind)
                for chosen, files in plan.items():
                    _take(book, rooms, chosen, files, replace(wishes, options=given))
        book.commit(is_last=True)
        if settle_versions(writer, book.arrived):
            with writer.view() as view:
                book.report.generation = view.generation
        shown.finish(f"{book.report.file_count:,} files")
    book.report.head = case.head()
    return book.report


def _check_format(kind: str | None, format_name: str | None) -> None:
    groups = ("leak", "posts", "context") if kind is None else (_group(kind),)
    known = sorted(name for group in groups for name in readers_of(group, kind))
    if format_name is not None and format_name not in known:
        raise InputError(f"no format {format_name!r}; there are: {', '.join(known)}")
    if not known:
        raise InputError(f"tamis has no reader for --kind {kind} yet")


def _group(kind: str) -> str:
    return "leak" if kind in LEAKED else "posts" if kind == "posts" else "context"


def _is_known(book: Book, entry: Entry) -> bool:
    """Whether the same bytes were added from the same place before."""
    before = book.places.get(entry.absolute)
    if not before:
        return False
    if entry.trouble is not None:
        return entry.stand_in_id in before
    try:
        with entry.place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() in before
    except OSError:
        return entry.stand_in_id in before


def _note_other_kind(book: Book, kind: str, known: Sequence[Entry]) -> None:
    """Say which files were added before as something else: they stay what they are."""
    there = {entry.absolute for entry in known}
    if not there:
        return
    with book.writer.view() as view:
        places = view.table("place", ["root", "path", "kind"]).to_pydict()
    columns = (places[name] for name in ("root", "path", "kind"))
    others = {
        before
        for root, path, before in zip(*columns, strict=True)
        if f"{root.rstrip('/')}/{path}" in there and before not in {kind, None}
    }
    if others:
        book.report.notes.append(
            f"some of these files were added before as {', '.join(sorted(others))}, and stay so; "
            f"to read them as {kind}, make a new case"
        )


def _look(rooms: Rooms, entries: Sequence[Entry], kind: str | None) -> list[Seen]:
    """What the cell recognises in each entry; a file that kills it is left to be read as a file."""
    groups = ("leak", "posts", "context") if kind is None else (_group(kind),)
    seen = [Seen(entry, trouble=entry.trouble) for entry in entries]
    readable = [one for one in seen if one.trouble is None]
    _look_in(rooms.usual, readable, groups, kind, is_wide=False)
    if larger := [one for one in readable if one.needs_room]:
        _look_in(rooms.packed(is_wide=True), larger, groups, kind, is_wide=True)
    return seen


def _look_in(
    cell: Cell,
    readable: Sequence[Seen],
    groups: tuple[str, ...],
    kind: str | None,
    *,
    is_wide: bool,
) -> None:
    for outcome in cell.run(_look_jobs(readable, groups, kind, is_wide=is_wide)):
        first = int(outcome.job.job_id)
        told = outcome.result if outcome.status == "done" else None
        for rank, item in enumerate(outcome.job.items):
            one = readable[first + item["input"]]
            if isinstance(told, list) and len(told) == len(outcome.job.items):
                _note(one, told[rank], groups)


def _look_jobs(
    readable: Sequence[Seen], groups: tuple[str, ...], kind: str | None, *, is_wide: bool
) -> Iterator[Job]:
    for start in range(0, len(readable), _LOOK_FILES):
        some = [one.entry for one in readable[start : start + _LOOK_FILES]]
        items = tuple(
            {"input": rank, "name": entry.name, "size_bytes": entry.size_bytes}
            for rank, entry in enumerate(some)
        )
        of = kind if _group(kind or "leak") == "context" else None
        args = {"groups": groups, "kind": of, "is_wide": is_wide}
        yield Job(str(start), LOOK, tuple(entry.place for entry in some), items, args)


def _note(one: Seen, told: Any, groups: tuple[str, ...]) -> None:
    """Keep what the cell says, as far as it names readers that exist."""
    if not isinstance(told, dict):
        return
    if isinstance(told.get("trouble"), str):
        one.trouble = ("failed", told["trouble"][:300])
        return
    one.needs_room = one.needs_room or told.get("needs_room") is True
    one.is_packed = told.get("is_packed") is True
    advice = told.get("advice")
    one.advice = advice[:300] if isinstance(advice, str) else None
    media_type = told.get("media_type")
    one.media_type = media_type[:200] if isinstance(media_type, str) else None
    for group in groups:
        pair = told.get(group)
        if isinstance(pair, list) and len(pair) == 2 and pair[0] in registry.plugins(group):
            one.found[group] = (pair[0], int(pair[1]))


def _plan(seen: Sequence[Seen], kind: str | None) -> dict[str, list[Seen]]:
    """The entries by kind; without `kind` each named path is of one kind, by what it holds.

    Errors    InputError when one path holds exports of posts and mail.
    """
    if kind is not None:
        return {kind: list(seen)}
    roots: dict[str, list[Seen]] = {}
    for one in seen:
        roots.setdefault(one.entry.named, []).append(one)
    plan: dict[str, list[Seen]] = {}
    for root, files in roots.items():
        plan.setdefault(_kind_of(root, files), []).extend(files)
    return plan


def _kind_of(root: str, files: Sequence[Seen]) -> str:
    tables: list[Seen] = []
    others: list[Seen] = []
    for one in files:
        (tables if one.score("posts") >= _TABLE_FROM else others).append(one)
    mail = [one for one in others if one.score("leak") >= _MAIL_FROM]
    exports = [one for one in files if one.score("posts") >= _POSTS_FROM]
    if mail:
        exports = [one for one in exports if not _is_kept_by_anybody(one)]
        if exports:
            raise _unclear(root, "exports of posts", exports[0], "mail", mail[0])
        return "leak"
    if exports or (tables and not others):
        return "posts"
    if tables:
        raise _unclear(
            root, "tables with the columns of posts", tables[0], "other files", others[0]
        )
    if files and all(one.advice == DESCRIPTION for one in files):
        return "posts"  # beside a dump a schema is a document; alone it is one line of advice
    # A key file inside a dump is no outside source: only a path that holds nothing else counts.
    if files and all(one.score("context") >= _KEYS_FROM for one in files):
        known = registry.plugins("context")
        kinds = {known[name].kind for one in files if (name := one.reader("context"))}
        return kinds.pop() if len(kinds) == 1 else "leak"
    return "leak"


def _is_kept_by_anybody(one: Seen) -> bool:
    name = one.reader("posts")
    return name is not None and bool(registry.plugins("posts")[name].is_kept_by_anybody)


def _unclear(root: str, what: str, one: Seen, others: str, other: Seen) -> InputError:
    return InputError(
        f"{root}: it holds {what} ({one.entry.path}) and {others} ({other.entry.path}); add them "
        "apart, or say --kind leak or --kind posts"
    )


def _take(book: Book, rooms: Rooms, kind: str, files: Sequence[Seen], wishes: Wishes) -> None:
    for one in files:
        if one.trouble is not None:
            book.trouble(one.entry, kind, one.trouble)
    readable = [one for one in files if one.trouble is None]
    forced = wishes.format_name
    if kind in LEAKED:
        leaked = [(one.entry, forced or one.reader("leak")) for one in readable]
        taking = Files(book, kind, wishes.options, by_reference=wishes.by_reference)
        taking.run(rooms.usual, leaked)
        return
    exports = Exports(book, kind, wishes.options, by_reference=wishes.by_reference)
    exports.advice = {one.entry.absolute: one.advice for one in readable if one.advice}
    group = _group(kind)
    for room, some in _by_room(readable).items():
        cell = rooms.usual if room == "usual" else rooms.packed(is_wide=room == "wide")
        chosen = [(one.entry, forced or _sure_reader(one, group), one.media_type) for one in some]
        exports.run(cell, chosen, is_wide=room == "wide")


def _by_room(files: Sequence[Seen]) -> dict[str, list[Seen]]:
    """The files by the cell that they need: usual, packed (time, disk) or wide (memory too)."""
    found: dict[str, list[Seen]] = {}
    for one in files:
        is_large = one.is_packed and one.entry.size_bytes >= _PACKED_BYTES
        room = "wide" if one.needs_room else "packed" if is_large else "usual"
        found.setdefault(room, []).append(one)
    return found


def _sure_reader(one: Seen, group: str) -> str | None:
    """The best reader; none where advice is known, unless the reader is sure."""
    is_doubtful = one.advice is not None and one.score(group) < _POSTS_FROM
    return None if is_doubtful else one.reader(group)
