"""The demo's answers on what is in the dump, beside what was invented."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tamis.analyses.leak.mailboxes import PARAMS as LEAST_MAIL
from tamis.plan import Query
from tamis.run.answer import Answer

if TYPE_CHECKING:
    from tamis.case import CaseView
    from tamis.simulate import Truth

_VERDICTS = Query("demo_verdicts", "SELECT item_id, verdict, roll_up FROM verdict")
_DECOYS = Query(
    "demo_decoys", "SELECT DISTINCT item_id, standing FROM decoy_match ORDER BY item_id, standing"
)
_MAILBOXES = Query(
    "demo_mailboxes",
    """
    SELECT path, holder_address, message_count, len(gap_months) AS month_count
    FROM mailbox_profile WHERE kind = 'leak' ORDER BY path
    """,
)
_PHISHING = Query("demo_phishing", "SELECT item_id FROM phishing")
_PERSONAL = Query(
    "demo_personal",
    "SELECT item_id, kind, count(*) AS n FROM personal_data GROUP BY item_id, kind",
)
_PERSONAL = Query(
    "demo_personal",
    "SELECT item_id, kind, count(*) AS n FROM personal_data GROUP BY item_id, kind",
)
_BEACONS = Query("demo_beacons", "SELECT DISTINCT target_host FROM beacon WHERE is_on_opening")
_FALSE_CLASSES = frozenset({"altered", "forged"})
_BELIEVED = frozenset({"verified", "supported"})


def leak_answers(view: CaseView, truth: Truth) -> tuple[Answer, ...]:
    """What the case says of messages, decoys, mailboxes, phishing, people and pixels."""
    return (
        *_about_messages(view, truth),
        _about_decoys(view, truth),
        _about_mailboxes(view, truth),
        _about_lookalikes(view, truth),
        _about_people(view, truth),
        _about_pixels(view, truth),
    )


def _about_messages(view: CaseView, truth: Truth) -> tuple[Answer, Answer]:
    found = {row["item_id"]: row for row in view.query(_VERDICTS).to_pylist()}
    classes = {row["sha256"]: row["true_class"] for row in truth.messages}
    wrong = [
        item for item, row in found.items()
        if item in classes and row["verdict"] not in truth.expected(item)
    ]  # fmt: skip
    missing = [item for item in classes if item not in found]
    believed = sum(row["roll_up"] in _BELIEVED for row in found.values())
    fooled = [
        item for item, row in found.items()
        if row["roll_up"] in _BELIEVED and classes.get(item) in _FALSE_CLASSES
    ]  # fmt: skip
    told = f"{len(found):,} different messages judged, each as its making allows"
    return (
        Answer(
            told if not wrong and not missing else f"{len(found):,} different messages judged",
            f"{len(missing)} messages are missing and {len(wrong)} verdicts are not allowed",
            not wrong and not missing,
        ),
        Answer(
            f"{believed:,} messages verified or supported, none of them altered or forged",
            f"{len(fooled)} of them were altered or forged",
            not fooled and believed > 0,
        ),
    )


def _about_decoys(view: CaseView, truth: Truth) -> Answer:
    """What the owner of the decoys showed; the two that nobody took are not there."""
    found = {(row["item_id"], row["standing"]) for row in view.query(_DECOYS).to_pylist()}
    made = {(row["sha256"], row["expected"]) for row in truth.decoys if row["expected"]}
    counts = [sum(one == word for _, one in found) for word in ("decoy", "decoy_asserted")]
    judged = view.query(_VERDICTS).to_pylist()
    named = {row["item_id"] for row in judged if row["verdict"] == "decoy"}
    told = (
        f"{counts[0]:,} items are decoys that the campaign had sealed before the leak, "
        f"{counts[1]:,} only asserted after it"
    )
    return Answer(
        told if found == made else f"{told}, not those that were planted",
        f"{len(made)} decoys, of which {truth.leak['decoys']['decoy']} were sealed in time",
        found == made and {item for item, word in found if word == "decoy"} >= named != set(),
    )


def _about_mailboxes(view: CaseView, truth: Truth) -> Answer:
    """A mailbox of fewer messages than the analysis asks for must be left without a holder."""
    least = int(LEAST_MAIL["least_messages"])
    rows = view.query(_MAILBOXES).to_pylist()
    counts = _mail_of([row["path"] for row in rows], truth)
    small = [row for row in rows if counts[row["path"]] < least]
    wrong = [
        row["path"] for row in rows
        if row["message_count"] != counts[row["path"]]
        or row["holder_address"]
        not in ({None} if row in small else _holders_of(row["path"], truth))
    ]  # fmt: skip
    months = sum(row["month_count"] for row in rows)
    few = (
        f"; {len(small)} of them with fewer than {least} messages, too few to tell" if small else ""
    )
    each = "each" if not small else f"{len(rows) - len(small)}"
    return Answer(
        f"{len(rows):,} mailboxes, the holder of {each} established by its own mail{few}; "
        f"{months:,} months without mail in them"
        if not wrong
        else f"{len(rows):,} mailboxes, {len(wrong):,} without their right holder",
        f"the mailboxes of {len(truth.holders)} people{few}",
        bool(rows) and not wrong,
    )


def _mail_of(paths: list[str], truth: Truth) -> dict[str, int]:
    """How many different messages were made for each mailbox: of those it lies in, the deepest."""
    held: dict[str, set[str]] = {path: set() for path in paths}
    for row in truth.messages:
        place = f"leak/{row['path']}"
        inside = [one for one in paths if place == one or place.startswith(f"{one}/")]
        if inside:
            held[max(inside, key=len)].add(row["sha256"])
    return {path: len(found) for path, found in held.items()}


def _holders_of(path: str, truth: Truth) -> set[str | None]:
    """Whose the mailbox is, by the folder it lies in."""
    folders = path.split("/")
    return {address for name, address in truth.holders.items() if name in folders}


def _about_lookalikes(view: CaseView, truth: Truth) -> Answer:
    found = set(view.query(_PHISHING).column("item_id").to_pylist())
    made = {row["sha256"] for row in truth.messages if row["made_as"] == "lookalike"}
    told = f"{len(found):,} messages suspected of phishing"
    return Answer(
        f"{told}, those from the look-alike domain and no other" if found == made else told,
        f"{len(made)} messages from the look-alike domain",
        found == made,
    )


def _about_people(view: CaseView, truth: Truth) -> Answer:
    """Data about people in the documents; kinds and counts only, as the case keeps no value."""
    found = {(row["item_id"], row["kind"]): row["n"] for row in view.query(_PERSONAL).to_pylist()}
    items = {row["path"]: row["sha256"] for row in truth.documents}
    made = Counter((items[row["path"]], row["kind"]) for row in truth.personal)
    documents = len({item for item, _ in found})
    told = f"{sum(found.values())} pieces of data about people found in {documents} documents"
    return Answer(
        f"{told}, the planted ones and no other" if found == made else told,
        f"{made.total()} pieces in {len({item for item, _ in made})} documents",
        found == made,
    )


def _about_pixels(view: CaseView, truth: Truth) -> Answer:
    found = set(view.query(_BEACONS).column("target_host").to_pylist())
    made = set(truth.leak["pixel_hosts"])
    return Answer(
        f"opening what was leaked would tell {len(found)} server of it; it was not opened"
        if len(found) == 1
        else f"opening what was leaked would tell {len(found)} servers of it",
        ", ".join(sorted(made)),
        found == made,
    )
