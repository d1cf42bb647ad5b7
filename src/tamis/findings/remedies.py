"""What would change a verdict: what to look for, and where, by the rule that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.findings.verdict import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OTHER_COPY = (
    "another copy of it whose signature holds (the other side's mailbox, a list archive, a "
    "forwarded attachment)"
)
_ORIGINAL = "the owner's own export, added with --kind reference"
_QUOTED = "a verified reply that quotes it"
_BY_RULE = {
    "dkim.none": (_OTHER_COPY, _QUOTED, _ORIGINAL),
    "dkim.header_fails": (
        "another record of the key for that time, if this one is not the signer's",
        _OTHER_COPY,
        _ORIGINAL,
    ),
    "dkim.body_differs": (_OTHER_COPY, _ORIGINAL),
    "dkim.not_valid": (_OTHER_COPY, _ORIGINAL),
    "dkim.key_published": ("a dated source that shows the message before the key was published",),
    "dkim.fields_unsigned": (_OTHER_COPY, _ORIGINAL),
    "dkim.unsigned_tail": (_OTHER_COPY, _ORIGINAL),
    "dkim.reading": (_OTHER_COPY, _ORIGINAL),
    "display.malformed": (_OTHER_COPY, _ORIGINAL),
    "display.conflict": (_OTHER_COPY, _ORIGINAL),
    "dkim.key_consistent": (
        "a record of that key from a source outside the dump whose dates cover the message",
    ),
    "dkim.partly": (_OTHER_COPY,),
    "store.rebuilt": (
        "the message as it was transported: an .eml, the mailbox on the server, another copy",
    ),
    "not_checked": ("a second look at the file by hand: the check did not end",),
    "copy.differs": ("a reason for the difference in how one of the copies was kept",),
    "reference.differs": ("a second original, from another device or another recipient",),
    "quote.differs": ("the quoted message from another mailbox; the author of the reply",),
    "repair.edit": ("an independent copy; it would show the signed text",),
    "forensics.joint": (
        "an explanation of the anomalies by somebody who ran the machines; an independent copy",
    ),
    "forensics.impossible": ("an independent copy; the logs of the machines that stamped it",),
    "repair.damage": ("a copy that was not damaged",),
    "copy.same": ("its own signature, should its key turn up",),
    "reference.same": ("a copy whose signature holds",),
    "quote.supports": (_OTHER_COPY,),
    "arc.attested": ("the key of the original signature",),
}


def remedies(verdict: Mapping[str, Any], signatures: Iterable[Mapping[str, Any]]) -> list[str]:
    """What would raise the verdict, or explain it away, in sentences; keys come first.

    Input     a row of `verdict`, and the message's rows of `signature`
    """
    if verdict["verdict"] == Word.VERIFIED:
        return ["a proof that the key was in other hands when the message was signed"]
    keys = [
        f"the key {one['selector']}._domainkey.{one['domain']}, from DNS or a dated archive"
        for one in signatures
        if one["kind"] == "dkim" and one["key_status"] == "absent" and one["domain"]
    ]
    told = [*dict.fromkeys(keys), *_BY_RULE.get(verdict["rule_id"], (_OTHER_COPY, _ORIGINAL))]
    if verdict["rule_id"] == "dkim.no_key":
        told = [*dict.fromkeys(keys), _OTHER_COPY, _QUOTED, _ORIGINAL]
    return told
