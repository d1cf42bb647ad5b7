"""What all readers of claims share: an entry becomes a row of `claim`, or a reason."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import FormatError
from tamis.sources.context.json_members import Pairs
from tamis.sources.context.key_entries import read_time
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

_LARGEST_BYTES = 64 << 20
_MOST_TEXT = 4_000
MEASURES: Mapping[str, tuple[str, ...]] = {
    "count": ("posts", "own_posts", "reposts", "accounts", "top_account_posts"),
    "range": ("posts", "own_posts", "reposts", "accounts", "top_account_posts"),
    "time": ("first_post",),
    "share": ("repost_share", "language_share", "top_share"),
    "rank": ("active_rank", "reposted_rank", "mentioned_rank"),
    "order": ("account_order", "platform_order"),
}
_NEEDS_OF = frozenset(
    ("language_share", "top_share", "active_rank", "reposted_rank", "mentioned_rank")
    + MEASURES["order"]
)
# What files call the same thing, once case, blanks and underscores are gone.
_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "claim_id": ("claimid", "id"),
    "kind": ("kind", "type"),
    "statement": ("statement", "claim", "text", "quote"),
    "incident": ("incident", "election"),
    "subject_kind": ("subjectkind",),
    "subject": ("subject", "object"),
    "measure": ("measure", "metric"),
    "of_what": ("of", "ofwhat", "who"),
    "platform": ("platform",),
    "from_at": ("from", "fromat", "since"),
    "to_at": ("to", "toat", "until"),
    "window_s": ("windows", "windowseconds"),
    "value": ("value",),
    "time": ("time", "timeutc", "at"),
    "unit": ("unit",),
    "tolerance": ("tolerance",),
    "speaker": ("speaker", "saidby"),
    "speaker_role": ("speakerrole", "role"),
    "authority": ("authority", "onauthorityof"),
    "is_official": ("isofficial", "official"),
    "said_at": ("saidat",),
    "about_item_ids": ("aboutitemids", "aboutitems", "about"),
    "reported_by": ("reportedby", "reporter", "source"),
    "source_address": ("sourceaddress", "address", "url", "link"),
    "reported_at": ("reportedat",),
    "capture_sha256": ("capturesha256",),
    "capture_name": ("capturename", "capturefile", "capture"),
    "confidence": ("confidence", "note"),
    "conflicts_with": ("conflictswith",),
}
_VALUES: Mapping[str, tuple[str, ...]] = {
    "kind": (*MEASURES, "or any other word for a claim in words only"),
    "subject_kind": (
        "hashtag, url, domain, phrase or another kind of object; account, post or collection",
    ),
    "subject": ("#tag, address, @handle, or an id as tamis show prints it",),
    "measure": tuple(f"{kind}: {', '.join(names)}" for kind, names in MEASURES.items()),
    "of_what": (
        "language_share: a language; top_share: a number of accounts or a percentage (5%)",
        "ranks: an account; orders: first > second > third",
    ),
    "from_at": ("an instant with an offset; what is counted begins there",),
    "to_at": ("an instant with an offset; what is counted ends before it",),
    "window_s": ("seconds after the first post of the subject",),
    "value": ("a number, low-high, or an instant or two parted by / for kind time",),
    "unit": ("percent where a share is no number between 0 and 1",),
    "tolerance": ("a share of the value; of a share points between 0 and 1; seconds of a time",),
}
# What a file of claims may hold: the names of each column, then what stands in it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    ", ".join(dict.fromkeys((meaning, *names))): _VALUES.get(meaning, ())
    for meaning, names in _MEANINGS.items()
}
_SPELLINGS = {name: meaning for meaning, names in _MEANINGS.items() for name in names}
_TEXTS = (
    *("statement", "incident", "of_what", "platform", "unit", "reported_by", "source_address"),
    *("speaker", "speaker_role", "authority", "capture_name"),
)
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*(?:-|–|\.\.)\s*({_NUMBER})\s*")  # noqa: RUF001
_IN_CONFLICT = re.compile(r"conflicts? with ([\w.-]+(?:(?:,| and) [\w.-]+)*)", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadRowError(ValueError):
    """What is wrong with one row, in plain words."""


def is_header(names: Sequence[str]) -> bool:
    """Whether these column names are those of claims."""
    meant = {_SPELLINGS.get(_plain(name)) for name in names}
    return {"claim_id", "kind"} <= meant and bool(meant & {"statement", "measure"})


def read_whole(stream: BinaryIO) -> str:
    """The text of a file of claims.

    Errors    FormatError when it is larger than 64 MiB, or no UTF-8.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("the file of claims is larger than 64 MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FormatError(f"the file of claims is no UTF-8 ({problem.reason})") from None


@dataclass(slots=True)
class ClaimSheet:
    """The entries of one file: rows of `claim`, and rejected ones with their reasons."""

    item_id: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    _names: set[str] = field(default_factory=set)

    def add(self, entry: Mapping[str, Any] | Pairs) -> None:
        """Take one entry."""
        try:
            row = claim_row(entry)
        except BadRowError as problem:
            self.reject(str(problem), str(dict(entry)))
            return
        if row["claim_id"] in self._names:
            named = row["claim_id"][:40]
            self.reject(f"a claim {named!r} came before in this file", str(dict(entry)))
            return
        self._names.add(row["claim_id"])
        self.rows.append({**row, "position": self.count, "source_item_id": self.item_id})
        self.count += 1

    def reject(self, reason: str, sample: str) -> None:
        """Take down one entry that cannot be used, and why."""
        self.rejected.append(
            {
                "source_item_id": self.item_id,
                "position": self.count,
                "reason": reason,
                "sample": ascii(sample)[1:201],
            }
        )
        self.count += 1

    def batches(self, reader: str) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """All rows, and their counts."""
        in_words = sum(row["measure"] is None for row in self.rows)
        count = {
            "source_item_id": self.item_id,
            "reader": reader,
            "row_count": self.count,
            "used_count": len(self.rows),
            "rejected_count": len(self.rejected),
            "skipped_count": 0,
            "post_count": 0,
            "action_count": 0,
            "note": f"{in_words} of {len(self.rows)} claims are in words only, and are not checked"
            if in_words
            else None,
        }
        for table, rows in (
            ("claim", self.rows), ("rejected", self.rejected), ("intake_count", [count])
        ):  # fmt: skip
            for batch in records.table(table).build(rows).to_batches():
                yield {table: batch}


def claim_row(entry: Mapping[str, Any] | Pairs) -> dict[str, Any]:
    """A row of `claim`, without its file and place.

    Errors    BadRowError saying what is wrong with it.
    """
    given = _meant(entry)
    row: dict[str, Any] = {name: given.get(name) for name in _TEXTS}
    row["claim_id"] = given.get("claim_id", "")
    if not row["claim_id"] or len(row["claim_id"]) > 200:
        raise BadRowError("a claim needs a claim_id of at most 200 characters")
    stated = given.get("kind", "").lower()
    row["kind"] = stated if stated in MEASURES else "other"
    row |= _checkable(given, row["kind"], stated)
    if row["measure"] is None and not row["statement"]:
        raise BadRowError("a claim needs a statement, or a measure")
    row |= _times(given) | _value(given, row)
    row["confidence"] = given.get("confidence")
    row["conflicts_with"] = _conflicts(given)
    row |= _attributed(given)
    capture = given.get("capture_sha256", "").lower() or None
    if capture is not None and not _SHA256.fullmatch(capture):
        raise BadRowError("capture_sha256 must be 64 hex digits")
    return {**row, "capture_sha256": capture}


def _attributed(given: Mapping[str, str]) -> dict[str, Any]:
    """Whether it was said in an office, and the items it is about."""
    about = [one.lower() for one in re.split(r"[|,;\s]+", given.get("about_item_ids", "")) if one]
    if not all(map(_SHA256.fullmatch, about)):
        raise BadRowError("about must be item ids: 64 hex digits each, joined by | or blanks")
    stated = given.get("is_official", "").lower()
    if stated and stated not in _YES_NO:
        raise BadRowError("official must be yes or no")
    return {"about_item_ids": list(dict.fromkeys(about)), "is_official": _YES_NO.get(stated)}


def _meant(entry: Mapping[str, Any] | Pairs) -> dict[str, str]:
    """The entry's texts by meaning; empty ones are left out.

    Errors    BadRowError where two columns of one meaning differ, or a value is no text or number.
    """
    found: dict[str, str] = {}
    for name, value in entry if isinstance(entry, Pairs) else entry.items():
        meaning = _SPELLINGS.get(_plain(str(name)))
        if meaning is None or value is None or value == "":
            continue
        if isinstance(value, bool) and meaning == "is_official":
            value = "yes" if value else "no"  # noqa: PLW2901
        if isinstance(value, bool | dict | list | tuple):
            raise BadRowError(f"{meaning} must be a text or a number")
        text = storable(str(value)).strip()[:_MOST_TEXT]
        if text and found.setdefault(meaning, text) != text:
            raise BadRowError(f"the row says {meaning} more than once, and differently")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _checkable(given: Mapping[str, str], kind: str, stated: str) -> dict[str, Any]:
    measure = given.get("measure")
    is_unknown = kind != "other" and measure not in MEASURES[kind]
    if measure is None or (is_unknown and "statement" in given):
        named = {name: given.get(name) for name in ("subject_kind", "subject")}
        return {"measure": None, "tolerance": 0.0, "window_s": None, **named}
    if kind == "other":
        raise BadRowError(f"kind {stated[:40]!r} has no measures; there are: {', '.join(MEASURES)}")
    if is_unknown:
        raise BadRowError(
            f"{kind} has no measure {measure[:40]!r}; there are: {', '.join(MEASURES[kind])}"
        )
    subject_kind, subject = given.get("subject_kind"), given.get("subject")
    if subject_kind is None or (subject is None and subject_kind != "collection"):
        raise BadRowError("a measure needs a subject_kind and a subject")
    if measure == "reposts" and subject_kind not in {"post", "account"}:
        raise BadRowError("reposts are counted of a post or an account")
    if measure in _NEEDS_OF and "of_what" not in given:
        raise BadRowError(f"{measure} needs the column `of`")
    if measure == "top_share" and not re.fullmatch(r"\d{1,9}|\d{1,3}(\.\d+)? ?%", given["of_what"]):
        raise BadRowError("top_share needs a number of accounts, or a percentage of them, in `of`")
    window = _number(given, "window_s")
    if window is not None and window <= 0:
        raise BadRowError("window_s must be above 0")
    tolerance = _number(given, "tolerance") or 0.0
    if tolerance < 0:
        raise BadRowError("tolerance must not be below 0")
    return {
        "measure": measure,
        "subject_kind": subject_kind,
        "subject": subject,
        "window_s": window,
        "tolerance": tolerance,
    }


def _number(given: Mapping[str, str], name: str) -> float | None:
    if name not in given:
        return None
    try:
        found = float(given[name])
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadRowError(f"{name} {given[name][:40]!r} is no number")
    return found


def _times(given: Mapping[str, str]) -> dict[str, datetime | None]:
    found = {
        name: _instant(given.get(name)) for name in ("from_at", "to_at", "said_at", "reported_at")
    }
    if found["from_at"] and found["to_at"] and found["to_at"] <= found["from_at"]:
        raise BadRowError("`to` is not later than `from`")
    return found


def _instant(text: str | None) -> datetime | None:
    try:
        return read_time(text)
    except ValueError as problem:
        raise BadRowError(str(problem)) from None


def _value(given: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    """The claimed number or time; of a claim in words as far as it can be read."""
    made: dict[str, Any] = dict.fromkeys(
        ("value_low", "value_high", "value_from_at", "value_to_at"), None
    )
    stated = given.get("value")
    made["value_text"] = stated if stated is not None else given.get("time")
    is_checked = row["measure"] is not None
    try:
        if row["kind"] == "time":
            text = given.get("time") or stated or ""
            made["value_from_at"], made["value_to_at"] = _interval(text)
        elif row["kind"] != "order" and stated is not None:
            low, high = _numbers(stated)
            scale = 100.0 if row["kind"] == "share" and _is_percent(given.get("unit")) else 1.0
            made["value_low"], made["value_high"] = low / scale, high / scale
    except BadRowError:
        if is_checked:
            raise
    if is_checked and row["kind"] == "share" and not 0 <= (made["value_low"] or 0) <= 1:
        raise BadRowError("a share lies between 0 and 1; say unit percent for percent")
    missing = made["value_from_at"] is None and made["value_low"] is None
    if is_checked and missing and row["kind"] != "order":
        raise BadRowError(f"a claim of kind {row['kind']} needs a value")
    return made


def _is_percent(unit: str | None) -> bool:
    return unit is not None and unit.strip().lower() in {"percent", "%", "per cent"}


def _numbers(text: str) -> tuple[float, float]:
    found = _RANGE.fullmatch(text)
    try:
        low, high = map(float, found.groups() if found else (text, text))
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high)):
        raise BadRowError(f"the value {text[:40]!r} is neither a number nor low-high")
    if high < low:
        raise BadRowError(f"the value {text[:40]!r} ends below its begin")
    return low, high


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    """A claimed instant, the two ends of from/to; a day or a minute from its begin to its end."""
    first, slash, last = text.partition("/")
    if slash and re.fullmatch(r"\d\d:\d\d.*", last):
        last = f"{first[:10]}T{last}"
    begin = _instant(first)
    end = _instant(last) if slash else begin
    if begin is None or end is None:
        return None, None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", last if slash else first):
        end += timedelta(days=1)
    elif re.fullmatch(r"[^T ]+[T ]\d\d:\d\d(?:Z|[-+]\d\d:?\d\d)", last if slash else first):
        end += timedelta(minutes=1)
    if end < begin:
        raise BadRowError(f"the value {text[:40]!r} ends before its begin")
    return begin, end


def _conflicts(given: Mapping[str, str]) -> list[str]:
    named = re.split(r"[|,;\s]+", given.get("conflicts_with", ""))
    for group in _IN_CONFLICT.findall(given.get("confidence", "")):
        named += re.split(r",\s*|\s+and\s+", group)
    return sorted({name for name in named if name})
