"""Mutants of signed mail through the real pipeline, alone and in folders, and what is wrong."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dkim_signer import key_row
from mail_mutations import Mail, mutants, strip_signatures
from mail_readers import FIELDS, OPEN, PARTS, differs, header_changes, shown
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.analyses.leak.repair.rows import row_of
from tamis.analyses.leak.repair.search import repair
from tamis.case import Case
from tamis.findings.combined import combine
from tamis.findings.combined_facts import Known
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Wishes, add
from tamis.run.stages import stages_for

FALSE = {"verified", "supported"}
# Fields that a reader shows or acts on; what only machines read is covered by a general sentence.
SEEN = frozenset(
    {
        *("cc", "bcc", "reply-to", "sender", "in-reply-to", "references", "message-id"),
        *("list-id", "list-unsubscribe", "resent-from", "resent-date", "resent-to"),
        *("content-disposition", "content-language", "content-type", "mime-version"),
        *("content-transfer-encoding", "organization", "comments", "importance", "x-mailer"),
        *("thread-topic", "disposition-notification-to", "x-priority", "priority", "sensitivity"),
        *("keywords", "newsgroups", "followup-to", "mail-followup-to", "mail-reply-to"),
        *("apparently-to", "return-receipt-to", "x-original-from", "thread-index", "user-agent"),
        *("list-post", "list-archive", "list-owner", "resent-sender", "resent-cc"),
        *("resent-message-id", "content-base", "content-location", "content-description"),
        *("content-id", "content-duration", "content-features", "content-encoding"),
        *("mime-autoconverted",),
    }
)
Keys = Mapping[str, Sequence[Mapping[str, str]]]


@dataclass(frozen=True)
class Base:
    """A signed message that is verified or supported as it stands."""

    name: str
    raw: bytes

    @property
    def item_id(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True)
class Mutant:
    """What one operator made of one message."""

    base: Base
    operator: str
    raw: bytes

    @property
    def item_id(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


@dataclass
class Found:
    """Counts of verdicts by operator, and every wrong one by name."""

    table: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: list[str] = field(default_factory=list)
    changed_count: int = 0

    def note(
        self, one: Mutant, row: Mapping[str, Any], repaired: bytes | None, setting: str
    ) -> None:
        word = row["verdict"]
        is_false = row["roll_up"] in FALSE
        self.table[one.operator][f"{word} ({row['roll_up']})" if word == "damaged" else word] += 1
        is_kept = word == "consistent"
        fields = (*FIELDS, *OPEN) if is_kept else FIELDS
        places = differs(_shown(one.base), shown(one.raw), fields=(*fields, *PARTS))
        self.changed_count += bool(places)
        if not is_false:
            return
        told = f"{setting}: {one.base.name} {one.operator}: {word} by {row['rule_id']}"
        if places:
            self.wrong.append(f"{told}: shows other {places}")
        said = " ".join(row["does_not_claim"]).lower()
        against = repaired if word == "damaged" and repaired is not None else one.raw
        open_ = [
            name for name in header_changes(one.base.raw, against) & SEEN if not _named(name, said)
        ]
        if open_:
            self.wrong.append(f"{told}: {open_} not named")

    def add(self, other: Found) -> None:
        """Count what another run found too."""
        for name, row in other.table.items():
            self.table[name].update(row)
        self.wrong += other.wrong
        self.changed_count += other.changed_count

    @property
    def mutant_count(self) -> int:
        return sum(sum(row.values()) for row in self.table.values())

    def lines(self) -> Iterator[str]:
        """A table of operators and verdicts."""
        words = sorted({word for row in self.table.values() for word in row})
        yield "| operator | " + " | ".join(words) + " |"
        yield "|---|" + "--:|" * len(words)
        for name, row in self.table.items():
            yield f"| {name} | " + " | ".join(str(row[word] or "") for word in words) + " |"
        total = sum(self.table.values(), Counter())
        yield "| **all** | " + " | ".join(str(total[word]) for word in words) + " |"


_SHOWN: dict[str, dict[str, Any]] = {}


def _shown(base: Base) -> dict[str, Any]:
    if base.item_id not in _SHOWN:
        _SHOWN[base.item_id] = shown(base.raw)
    return _SHOWN[base.item_id]


def _named(name: str, said: str) -> bool:
    family = name.partition("-")[0] + "- "
    return name in said or (name.startswith(("list-", "resent-")) and family in said)


def ring(keys: Keys) -> KeyRing:
    return KeyRing(
        key_row(one["txt"], key_name=name, source="archive", source_label="keys.json")
        for name, entries in keys.items()
        for one in entries
    )


def read_keys(*files: Path) -> dict[str, list[dict[str, str]]]:
    """The keys of key files, as lists of entries."""
    found: dict[str, list[dict[str, str]]] = {}
    for path in files:
        for name, told in json.loads(path.read_text()).items():
            entries = [told] if isinstance(told, str) else told
            found.setdefault(name, []).extend(
                {"txt": one} if isinstance(one, str) else one for one in entries
            )
    return found


def supported(messages: Iterable[tuple[str, bytes]], keys: KeyRing) -> list[Base]:
    """Those of some messages that are verified or supported by a signature, each once."""
    found: dict[str, Base] = {}
    for name, raw in messages:
        if verify_message(raw, keys).verdict.roll_up in FALSE:
            one = Base(name, raw)
            found.setdefault(one.item_id, one)
    return list(found.values())


def make(bases: Iterable[Base], *, stripped: bool = False, every: int = 1) -> list[Mutant]:
    """The mutants of some messages, each bytes once; `stripped` takes the signatures out too.

    With `every` above 1 each message gets one operator in so many, another share for each.
    """
    made: dict[str, Mutant] = {}
    for turn, base in enumerate(bases):
        for rank, (operator, raw) in enumerate(mutants(base.raw, 1)):
            if (rank + turn) % every:
                continue
            one = Mutant(base, operator, _stripped(raw) if stripped else raw)
            made.setdefault(one.item_id, one)
    return list(made.values())


def _stripped(raw: bytes) -> bytes:
    mail = Mail.read(raw)
    return strip_signatures(mail).bytes() if mail.bytes() == raw else raw


def judge_alone(made: Iterable[Mutant], keys: KeyRing, *, edit_work: int = 2_000_000) -> Found:
    """Each mutant judged for itself, as `tamis verify` would with one file."""
    found = Found()
    for one in made:
        result = verify_message(one.raw, keys)
        row = None
        if result.verdict.roll_up not in FALSE and result.signatures:
            mended = repair(one.raw, keys, edit_work=edit_work)
            if mended is not None:
                row = {**_NO_REPAIR, **row_of(one.item_id, mended)}
        verdict = combine(result.verdict_row(), Known(one.item_id, repair=row)).verdict
        found.note(one, verdict, mended.raw if row is not None else None, "alone")
    return found


_NO_REPAIR = {"repaired_item_id": None, "repaired_verdict": None, "is_display_changed": True}


def judge_folder(
    folder: Path,
    made: Sequence[Mutant],
    keys: Keys,
    *,
    setting: str,
    leak: Iterable[bytes] = (),
    reference: Iterable[bytes] = (),
) -> Found:
    """Mutants in one holder's mailbox, beside other mail and originals, through `add` and `run`."""
    _write(folder / "leak" / "bob", (one.raw for one in made))
    _write(folder / "leak" / "alice", leak)
    _write(folder / "reference" / "alice", reference)
    (folder / "keys.json").write_text(json.dumps(keys))
    case = Case.create(folder / "case", title="mutants")
    add(case, [folder / "leak"], kind="leak", wishes=Wishes(by_reference=True))
    add(case, [folder / "reference"], kind="reference", wishes=Wishes(by_reference=True))
    add(case, [folder / "keys.json"], kind="keys", wishes=Wishes(by_reference=True))
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))
    found = Found()
    with case.view() as view:
        verdicts = {row["item_id"]: row for row in view.table("verdict").to_pylist()}
        repaired = {
            row["item_id"]: row["repaired_item_id"] for row in view.table("repair").to_pylist()
        }
        for one in made:
            row = verdicts.get(one.item_id)
            if row is None:  # no message to the reader of files: no verdict is no false one
                found.table[one.operator]["no message"] += 1
                continue
            other = repaired.get(one.item_id)
            found.note(one, row, view.read_item(other) if other else None, setting)
    return found


def generated(folder: Path, count: int) -> tuple[list[Base], Keys, list[bytes]]:
    """Supported messages of the invented incident, its keys, and other mail of it."""
    from tamis import simulate

    scale = 1.0
    incident = simulate.write(folder / "incident", scale=scale)
    case = Case.create(folder / "invented", title="invented")
    add(case, [incident.leak], kind="leak", wishes=Wishes(by_reference=True))
    with case.view() as view:
        ids = sorted(view.table("message", ["item_id"]).column("item_id").to_pylist())
        messages = [(one[:12], view.read_item(one)) for one in ids]
    keys = read_keys(incident.keys)
    bases = supported(messages, ring(keys))
    known = {base.item_id for base in bases}
    others = [raw for _, raw in messages if hashlib.sha256(raw).hexdigest() not in known]
    return bases[:count], keys, others


def real(shared: Path) -> tuple[list[Base], Keys]:
    """Every supported message of the shared folder of signed mail, and the keys."""
    keys = read_keys(shared / "leak" / "keys.json")
    root = shared / "leak" / "signed"
    files = [(path.relative_to(root).as_posix(), path) for path in sorted(root.rglob("*"))]
    messages = ((name, path.read_bytes()) for name, path in files if path.is_file())
    return supported(messages, ring(keys)), keys


def judge_settings(
    folder: Path,
    bases: Sequence[Base],
    keys: Keys,
    others: Sequence[bytes],
    *,
    every: int = 1,
    batch: int = 20,
) -> dict[str, Found]:
    """Mutants beside their original, and beside the owner's original, signed and stripped."""
    found: dict[str, Found] = {}
    for start in range(0, len(bases), batch):
        some = bases[start : start + batch]
        originals = [one.raw for one in some]
        for stripped in (False, True):
            made = make(some, stripped=stripped, every=every)
            for name, sides in (
                ("with the original", {"leak": [*originals, *others]}),
                ("with the owner's original", {"leak": others, "reference": originals}),
            ):
                told = f"{name}, signatures taken out" if stripped else name
                place = folder / f"{start}-{name[-12:-9]}-{len(name)}-{stripped}"
                one = judge_folder(place, made, keys, setting=told, **sides)
                found.setdefault(told, Found()).add(one)
    return found


def _write(folder: Path, messages: Iterable[bytes]) -> None:
    folder.mkdir(parents=True)
    for raw in messages:
        (folder / f"{hashlib.sha256(raw).hexdigest()[:24]}.eml").write_bytes(raw)
