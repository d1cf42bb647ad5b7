"""A newsroom's draft held against the case: ways to the dump, beacons, quotations, copied words."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa

from tamis.errors import InputError
from tamis.plan import Query
from tamis.run import gate_draft_ways as ways
from tamis.sources.leak.documents import html_tags
from tamis.syntax.hosts import host_kind
from tamis.syntax.mail.html import text_of
from tamis.syntax.text import normalise
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tamis.case import CaseView

MAX_BYTES = 4_000_000
LEAST_QUOTED = 4
LEAST_COPIED = 8
_PLAIN, _PAGES = frozenset({".txt", ".md", ".text"}), frozenset({".html", ".htm", ".xhtml"})
_AT_DUMP = frozenset({"paste", "file", "archive", "torrent", "leak"})
_HASH = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])"
)
_MAGNET = re.compile(r"magnet:\?[^\s<>\"']+", re.IGNORECASE)
# A quotation may hold another one. A straight mark behind a digit is a measure, and opens nothing.
_QUOTED = re.compile(
    r"“((?:[^“”]|“[^“”]*”){8,20000})”|«\s?((?:[^«»]|«[^«»]*»){8,20000}?)\s?»"
    r"|„([^„“”]{8,20000})[“”]|‹([^‹›]{8,20000})›|「([^「」]{8,20000})」"  # noqa: RUF001
    r"|(?<![\w\"=])\"(?=\S)((?:[^\"\n]|\n(?!\s{0,20}\n)){8,20000})(?<!\s)\""
)
# What a browser or a reader of Markdown shows as a quotation without marks.
_QUOTE_TAG = re.compile(r"<(/?)(?:q|blockquote)\b[^<>]*>", re.IGNORECASE)
_QUOTE_LINES = re.compile(r"(?m)(?:^[ ]{0,3}>[^\n]*\n?)+")
# Words are looked for nearby, and so many times in all of the text.
_NEAR, _MOST_FAR = 20_000, 500
_WORD = re.compile(r"\w+")
_TEXTS = """
    SELECT item_id, body_text AS words FROM message WHERE body_text IS NOT NULL
    UNION ALL SELECT item_id, subject FROM message WHERE subject IS NOT NULL
    UNION ALL SELECT item_id, text FROM document WHERE text IS NOT NULL
"""
_COPYPASTA = """
    SELECT cluster.cluster_id AS cluster_id, min(post.text) AS words,
        min(cluster.account_count) AS account_count
    FROM text_cluster AS cluster JOIN post ON post.text_hash = cluster.cluster_id
    WHERE cluster.kind = 'copypasta' AND cluster.account_count > 1 AND post.text IS NOT NULL
    GROUP BY cluster.cluster_id ORDER BY cluster.cluster_id
"""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing in a draft that somebody should look at; `question` is the gate's number."""

    question: int
    kind: str
    line: int
    found: str
    why: str


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    page: html_tags.Page | None
    is_marked_down: bool = False

    @property
    def loads(self) -> list[html_tags.Stated]:
        """What a page made of the draft would load from elsewhere."""
        if self.page is not None:
            return self.page.loads
        if not self.is_marked_down:
            return []
        images = ways.images_of_markdown(self.text)
        return [
            *(html_tags.Stated("image", one) for one in images),
            *html_tags.survey(self.text).loads,
        ]

    @property
    def words(self) -> str:
        """What a reader sees, with marks around what is shown as a quotation without them."""
        if self.page is not None:
            return text_of(_QUOTE_TAG.sub(lambda one: "”" if one[1] else "“", self.text))
        if self.is_marked_down:
            return _QUOTE_LINES.sub(_marked_quote, self.text)
        return self.text


def _marked_quote(found: re.Match[str]) -> str:
    lines = (line.strip().removeprefix(">").strip() for line in found[0].splitlines())
    return "“" + "\n".join(lines) + "”\n"


class _Lines:
    """Where words stand in a text: asked in the order of the text, all of it takes linear time."""

    def __init__(self, text: str) -> None:
        """Start at the first line."""
        self._text = text
        self._ends = [one.start() for one in re.finditer("\n", text)]
        self._at = self._far = 0

    def of(self, needle: str) -> int:
        """The next line that holds the words, else the first; 1 where none is found."""
        forms = dict.fromkeys((needle, needle.replace("&", "&amp;")))
        found = self._first(forms, self._at, self._at + _NEAR)
        if found < 0 and self._far < _MOST_FAR:
            self._far += 1
            found = self._first(forms, self._at, len(self._text))
            found = self._first(forms, 0, len(self._text)) if found < 0 else found
        if found < 0:
            return 1
        self._at = found
        return bisect_left(self._ends, found) + 1

    def _first(self, forms: Iterable[str], start: int, end: int) -> int:
        places = (self._text.find(form, start, end) for form in forms)
        return min((one for one in places if one >= 0), default=-1)


def check_draft(view: CaseView, path: Path) -> tuple[Flaw, ...]:
    """What is to be looked at in a draft, in the order of its lines.

    Input     text, Markdown or HTML in UTF-8, at most 4 MB
    Errors    InputError for another format, or bytes that are no UTF-8
    Limits    Quotations of fewer than four words, in single marks, translated or cut are not looked
              up, or not found; a host that is on no list, and an address behind a shortener, is no
              way to the dump as far as is known. Nothing found is no leave to publish.
    """
    draft = _opened(path)
    flaws = [*_ways(view, draft), *_beacons(draft), *_quotes(view, draft), *_copied(view, draft)]
    return tuple(sorted(flaws, key=lambda one: (one.line, one.question, one.kind, one.found)))


def _opened(path: Path) -> _Draft:
    suffix = path.suffix.lower()
    if suffix not in _PLAIN | _PAGES:
        raise InputError(f"{path}: expected a draft as .txt, .md or .html; save it as one of them")
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path}: expected a draft of at most {MAX_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected UTF-8; save the draft as UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path}: expected UTF-8, found zero bytes; save the draft as UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if suffix in _PAGES:
        return _Draft(text, html_tags.survey(text))
    return _Draft(text, None, suffix == ".md")


def _ways(view: CaseView, draft: _Draft) -> Iterator[Flaw]:
    """Links to where copies may lie, and hashes by which they can be found."""
    # An address that was made safe to print still leads there.
    text = ways.unsafe(draft.text)
    lines = _Lines(text)
    addresses = dict.fromkeys((one, False) for one in _MAGNET.findall(text))
    addresses |= dict.fromkeys(ways.addresses_in(text))
    if draft.page:
        # What entities hide, and what tags divide, is in the words.
        addresses |= dict.fromkeys(ways.addresses_in(ways.unsafe(draft.words)))
        linked = (ways.unsafe(one.value) for one in draft.page.links)
        addresses |= dict.fromkeys((one, False) for one in linked)
    known = {one: found.canonical for one in addresses if (found := link(one[0])) is not None}
    posted, copies = _posted(view, known.values()), _hosts_of_copies(view)
    told = set()
    for (address, is_host), canonical in known.items():
        why = _why_way(canonical, posted, copies, is_host=is_host)
        if why and canonical not in told:
            told.add(canonical)
            yield Flaw(13, "link", lines.of(address), address, why)
    lines = _Lines(draft.text)
    hashes = dict.fromkeys(one for one in _HASH.findall(draft.text))
    held = _held(view, [one.lower() for one in hashes])
    for digest in hashes:
        if digest.lower() in held:
            why = "the hash of a file of the dump, by which copies can be found"
            yield Flaw(13, "hash", lines.of(digest), digest, why)


def _why_way(
    canonical: str, posted: dict[str, int], copies: frozenset[str], *, is_host: bool
) -> str:
    host = urlsplit(canonical).hostname or ""
    kind, told = host_kind(host), posted.get(canonical, 0)
    of_files = f"a host for {kind}s" + (f"; {told:,} posts of the case have it" if told else "")
    # A host for files that is only named is no way to a file on it.
    reasons = (
        (canonical.startswith("magnet:"), "a magnet link leads to copies"),
        (host.endswith(".onion"), "an address of a hidden service"),
        (host in copies, "posts of the case name copies of the dump on this host"),
        (is_host, ""),
        (kind == "shortener", "a shortened address: where it leads cannot be seen"),
        (kind in _AT_DUMP, of_files),
        (told, f"{told:,} posts of the case have this address: is it a copy of the dump?"),
    )
    return next((why for is_so, why in reasons if is_so), "")


def _hosts_of_copies(view: CaseView) -> frozenset[str]:
    """Hosts on which posts of the case name copies, but for those where anybody keeps files."""
    query = Query("draft_copies", "SELECT DISTINCT display FROM rehost ORDER BY display")
    found = (link(one) for one in view.query(query).column("display").to_pylist())
    hosts = {urlsplit(one.canonical).hostname or "" for one in found if one is not None}
    return frozenset(one for one in hosts if one and host_kind(one) is None)


def _posted(view: CaseView, canonicals: Iterable[str]) -> dict[str, int]:
    """How many posts of the case have each address."""
    query = Query(
        "draft_addresses",
        "SELECT object.canonical AS canonical, count(DISTINCT post_object.post_id) AS posts "
        "FROM object JOIN post_object ON post_object.object_id = object.object_id "
        "WHERE list_contains($canonicals, object.canonical) GROUP BY object.canonical",
        {"canonicals": sorted(set(canonicals))},
    )
    return {row["canonical"]: row["posts"] for row in view.query(query).to_pylist()}


def _held(view: CaseView, hashes: list[str]) -> set[str]:
    """Those hashes that name a file of the dump, or one that posts attached."""
    query = Query(
        "draft_hashes",
        "SELECT item_id AS found FROM place WHERE list_contains($hashes, item_id) "
        "UNION SELECT canonical FROM object WHERE kind IN ('file_sha256', 'file_md5', 'magnet') "
        "AND list_contains($hashes, canonical)",
        {"hashes": hashes},
    )
    return set(view.query(query).column("found").to_pylist())


def _beacons(draft: _Draft) -> Iterator[Flaw]:
    """What a reader's browser would load from elsewhere."""
    lines = _Lines(draft.text)
    for one in dict.fromkeys(draft.loads):
        why = f"a reader's browser would load this ({one.name}), and its owner would see the reader"
        yield Flaw(13, "beacon", lines.of(one.value), one.value, why)


def _quotes(view: CaseView, draft: _Draft) -> Iterator[Flaw]:
    """Quotations that stand in no message or document, or in none that is vouched for."""
    quoted: dict[str, str] = {}
    for groups in _QUOTED.findall(draft.words):
        raw = next(one for one in groups if one).strip()
        if len(_WORD.findall(raw)) >= LEAST_QUOTED:
            quoted.setdefault(_plain(raw), raw)
    if not quoted:
        return
    standing = _standing(view, list(quoted))
    lines = _Lines(draft.text)
    for plain, raw in quoted.items():
        found = standing.get(plain)
        line = lines.of(raw[:40].partition("\n")[0])
        if found is None:
            yield Flaw(13, "quotation", line, raw, "these words stand in no text of the case")
        elif not {"verified", "supported"} & set(found[1]):
            named = ", ".join(sorted(one or "not judged" for one in set(found[1])))
            why = (
                f"stands only in items that nothing vouches for ({named}), such as {found[0][:12]}"
            )
            yield Flaw(13, "quotation", line, raw, why)


def _standing(view: CaseView, quotes: list[str]) -> dict[str, tuple[str, list[str | None]]]:
    """For each quotation that stands somewhere: an item, and the roll-ups of all that hold it."""
    with view.engine() as engine:
        engine.register("quotation", pa.table({"quoted": quotes}))
        found = engine.query(
            Query(
                "draft_quotations",
                # Letters and digits alone are compared, as line breaks and marks vary.
                "SELECT q.quoted AS quoted, min(t.item_id) AS item_id, "  # noqa: S608
                "list(DISTINCT v.roll_up) AS roll_ups FROM quotation AS q JOIN ("
                "SELECT item_id, trim(regexp_replace(lower(nfc_normalize(words)), "
                f"'[^\\p{{L}}\\p{{N}}]+', ' ', 'g')) AS words FROM ({_TEXTS}) AS every) AS t "
                "ON contains(t.words, q.quoted) "
                "LEFT JOIN verdict AS v ON v.item_id = t.item_id GROUP BY q.quoted",
            )
        ).to_pylist()
    return {row["quoted"]: (row["item_id"], row["roll_ups"]) for row in found}


def _plain(text: str) -> str:
    """Letters and digits in lower case, one blank between words."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower()))


def _copied(view: CaseView, draft: _Draft) -> Iterator[Flaw]:
    """Runs of eight words that accounts copied from each other."""
    text, lines = text_of(draft.text) if draft.page else draft.text, _Lines(draft.text)
    words = [(one.group().lower(), one.start()) for one in _WORD.finditer(text)]
    runs: dict[tuple[str, ...], int] = {}
    for at in range(len(words) - LEAST_COPIED + 1):
        runs.setdefault(tuple(w for w, _ in words[at : at + LEAST_COPIED]), at)
    for row in view.query(Query("draft_copypasta", _COPYPASTA)).to_pylist():
        posted = [one.lower() for one in _WORD.findall(normalise(row["words"]))]
        for at in range(len(posted) - LEAST_COPIED + 1):
            start = runs.get(tuple(posted[at : at + LEAST_COPIED]))
            if start is not None:
                run = text[words[start][1] : words[start + LEAST_COPIED - 1][1]]
                why = (
                    f"{row['account_count']:,} accounts posted these words as copies of each other "
                    f"(cluster {row['cluster_id']})"
                )
                yield Flaw(14, "copied words", lines.of(run[:20]), run, why)
                break
