"""The keys of a case: which are missing, what is known, and files of keys that tamis makes."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from tamis.cell import Cell, Workplace
from tamis.errors import InputError
from tamis.plan import Query
from tamis.progress import Silent
from tamis.run.intake_book import Book
from tamis.run.intake_posts import Exports
from tamis.run.intake_walk import Entry
from tamis.syntax.dns import is_askable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from tamis.case import Case, CaseView
    from tamis.run.intake import IntakeReport

_PROVIDERS = files("tamis.sources.context").joinpath("providers.json")
# What a key could still change: no usable record is known, or only ones that attest nothing.
_WANTED = Query(
    "wanted_keys",
    """
    WITH missing AS (
        SELECT
            signature.selector || '._domainkey.' || signature.domain AS key_name,
            signature.item_id AS item_id,
            signature.signed_at AS signed_at,
            signature.header_verifies IS NULL AS is_unknown,
            coalesce(signature.body_matches, false)
                AND signature.algorithm IN ('rsa-sha256', 'ed25519-sha256', 'rsa-sha1')
                AND verdict.verdict NOT IN ('verified', 'verified_partly', 'decoy') AS would_decide,
            NOT message.is_bulk AS is_person
        FROM signature
        JOIN signature_verdict AS verdict ON verdict.item_id = signature.item_id
        JOIN message ON message.item_id = signature.item_id
        WHERE signature.kind = 'dkim' AND signature.domain IS NOT NULL
            AND signature.selector IS NOT NULL
            AND (
                signature.header_verifies IS NULL
                OR (signature.header_verifies
                    AND (signature.key_source = 'recovered' OR signature.key_status = 'dated_out'))
            )
    )
    SELECT
        key_name,
        count(DISTINCT item_id) FILTER (WHERE would_decide) AS would_decide_count,
        count(DISTINCT item_id) FILTER (WHERE would_decide AND is_person) AS person_count,
        count(DISTINCT item_id) AS message_count,
        bool_and(NOT is_unknown) AS is_known_unattested,
        min(signed_at) AS first_signed_at,
        max(signed_at) AS last_signed_at
    FROM missing
    GROUP BY key_name
    ORDER BY would_decide_count DESC, message_count DESC, key_name
    """,
)
_HAS_RUN = Query("signature_runs", "SELECT count(*) FROM run WHERE stage = 'leak.signatures'")
_EXPORTED = Query(
    "exported_keys",
    """
    SELECT * FROM dkim_key
    ORDER BY key_name, txt, source, source_label, seen_from_at NULLS FIRST,
        seen_to_at NULLS FIRST, submitted_at NULLS FIRST, is_private_published
    """,
)
_CONTRADICTORY = Query(
    "contradictory_keys",
    """
    SELECT key_name, count(DISTINCT txt) AS record_count FROM dkim_key
    WHERE key_name <> '*' GROUP BY key_name HAVING count(DISTINCT txt) > 1
    ORDER BY key_name
    """,
)


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file of keys that tamis itself made: where it says it comes from, and its bytes."""

    root: str
    name: str
    content: bytes
    reader: str


def list_wanted(view: CaseView) -> pa.Table:
    """The keys that messages of the case still lack, those that would decide most first.

    A key would decide a message when its body is the one signed, no signature holds already, and
    the algorithm is known. The look-up line is NULL for a name that no shell should be given.
    Errors    InputError when the signatures of the case have not been computed yet.
    """
    if not view.query(_HAS_RUN).column(0)[0].as_py():
        raise InputError("no signatures were computed yet; do `tamis run CASE --only leak` first")
    found = view.query(_WANTED)
    names = found["key_name"].to_pylist()
    lines = [f"dig +short TXT {name}" if is_askable(name) else None for name in names]
    import pyarrow as pa  # noqa: PLC0415  loads Arrow only here

    return found.append_column("lookup", pa.array(lines, pa.string()))


def list_contradictory(view: CaseView) -> list[str]:
    """Names under which the sources give different records; all of them are tried."""
    return [str(name) for name in view.query(_CONTRADICTORY)["key_name"].to_pylist()]


def export_keys(view: CaseView) -> bytes:
    """Every key of the case with all its sources and dates, as a key file for another case."""
    whole: dict[str, list[dict[str, Any]]] = {}
    for row in view.query(_EXPORTED).to_pylist():
        entry: dict[str, Any] = {"txt": row["txt"], "source": row["source"]}
        entry["src"] = row["source_label"]
        for column, name in (
            ("seen_from_at", "seen_from"),
            ("seen_to_at", "seen_to"),
            ("submitted_at", "submitted"),
        ):
            if row[column] is not None:
                entry[name] = row[column].isoformat()
        if row["is_private_published"]:
            entry["private_published"] = True
        whole.setdefault(row["key_name"], []).append(entry)
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def providers() -> MadeFile:
    """The public keys of large providers that tamis ships, each with the places it stands in."""
    content = _PROVIDERS.read_bytes()
    return MadeFile("shipped with tamis", "providers.json", content, "dkim_keys_json")


def take_made(
    case: Case, made: Sequence[MadeFile], notes: Iterable[tuple[str, Mapping[str, Any]]] = ()
) -> IntakeReport:
    """What became of files that tamis made: they are kept, hashed and read like any key file.

    `notes` become lines of custody in the same commit.
    Errors    CaseLockedError when another process writes.
    """
    with tempfile.TemporaryDirectory(prefix="tamis-keys-") as folder, case.writer() as writer:
        book = Book(writer, Silent())
        for event, facts in notes:
            writer.note(event, **facts)
        entries: list[tuple[Entry, str | None, str | None]] = []
        for rank, one in enumerate(made):
            path = Path(folder) / str(rank)
            path.write_bytes(one.content)
            entry = Entry(one.root, one.name, path, len(one.content), named=one.root)
            entries.append((entry, one.reader, "application/json"))
        book.report.found_count = len(entries)
        with Cell(
            1, writer.spool(), Workplace(preload=("pyarrow", "tamis.run.intake_tasks"))
        ) as cell:
            book.report.isolation = cell.isolation.sentence()
            Exports(book, "keys", {}, by_reference=False).run(cell, entries)
        book.commit(is_last=True)
        if not made:
            writer.commit()
    book.report.head = case.head()
    return book.report
