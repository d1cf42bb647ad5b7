"""What carriers and stores do to honest mail on its way, by whether it can be undone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from tamis.simulate.dump_edits import tagged
from tamis.simulate.dump_mail import written
from tamis.simulate.mime import Content, Mail, mailbox
from tamis.simulate.people import LIST_DOMAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.simulate.dice import Dice
    from tamis.simulate.dump_mail import Letter

    Way = Callable[[Letter, Dice], Mail | None]

_FOOTER = (
    "_______________________________________________\r\nListe des benevoles\r\n"
    f"benevoles@{LIST_DOMAIN}\r\nhttps://{LIST_DOMAIN}/listinfo/benevoles\r\n"
)
_BANNER = (
    "CAUTION: This email originated from outside of the organization. Do not click links or "
    "open attachments unless you recognize the sender.\r\n\r\n"
)
_LINK = re.compile(r"https://[^\s<]+")
_LISTED = (("List-Id", f"<benevoles.{LIST_DOMAIN}>"), ("Precedence", "list"))


def _is_simple(one: Letter) -> bool:
    """Whether the text is the whole body and stands there as it is."""
    content = one.draft.content
    return not (content.html or content.files) and content.encoding in {"7bit", "8bit"}


def _is_single(one: Letter) -> bool:
    return not (one.draft.content.html or one.draft.content.files)


def footer(one: Letter, _dice: Dice) -> Mail | None:
    """A list's footer below the text."""
    if not _is_simple(one):
        return None
    return replace(one.mail, body=one.mail.body + _FOOTER.encode()).topped(*_LISTED)


def list_post(one: Letter, dice: Dice) -> Mail | None:
    """A footer, and the list's tag before the subject."""
    mail = footer(one, dice)
    return mail and replace(mail, fields=(*_LISTED, *tagged(one, "[benevoles]").fields))


def banner(one: Letter, _dice: Dice) -> Mail | None:
    """A gateway's warning above the text."""
    return replace(one.mail, body=_BANNER.encode() + one.mail.body) if _is_simple(one) else None


def marked(one: Letter, dice: Dice) -> Mail:
    """A gateway's mark before the subject."""
    return tagged(one, dice.pick(("[EXTERNAL]", "*****SPAM*****", "[EXT]")))


def reencoded(one: Letter, dice: Dice) -> Mail | None:
    """The text in another transfer encoding."""
    content = one.draft.content
    if not _is_single(one) or content.encoding == "7bit":
        return None
    ways = [way for way in ("8bit", "quoted-printable", "base64") if way != content.encoding]
    return one.rewritten(replace(one.draft, content=replace(content, encoding=dice.pick(ways))))


def rewrapped(one: Letter, dice: Dice) -> Mail | None:
    """Base64 in lines of another length."""
    if one.draft.content.encoding != "base64" or not _is_single(one):
        return None
    text, width = one.mail.body.replace(b"\r\n", b""), dice.pick((60, 64, 72))
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return replace(one.mail, body=b"\r\n".join(lines) + b"\r\n")


def safe_links(one: Letter, _dice: Dice) -> Mail | None:
    """Links that lead through a scanning service and carry what they led to."""
    text = one.draft.content.text
    if not _is_simple(one) or not _LINK.search(text):
        return None
    host = "https://eur01.safelinks.protection.outlook.com/?url="
    told = _LINK.sub(lambda m: f"{host}{quote(m[0], safe='')}&data=05%7C01&reserved=0", text)
    return _with_text(one, told)


def _with_text(one: Letter, text: str) -> Mail:
    content = replace(one.draft.content, text=text)
    return one.rewritten(replace(one.draft, content=content))


def from_quoted(one: Letter, _dice: Dice) -> Mail | None:
    """A mailbox file put a mark before each line that begins with "From "."""
    body = re.sub(rb"(?m)^From ", b">From ", one.mail.body)
    return None if body == one.mail.body else replace(one.mail, body=body)


def returns_doubled(one: Letter, _dice: Dice) -> Mail:
    """Every line of the body ends in one CR too many."""
    return replace(one.mail, body=one.mail.body.replace(b"\r\n", b"\r\r\n"))


def blank_line(one: Letter, _dice: Dice) -> Mail:
    """A blank line more above the body."""
    return replace(one.mail, body=b"\r\n" + one.mail.body)


def munged(one: Letter, _dice: Dice) -> Mail:
    """A list's own address in From, the writer's in Reply-To."""
    sender = one.draft.sender
    told = mailbox(f"{sender.name} via Benevoles", f"benevoles@{LIST_DOMAIN}")
    mail = one.mail.changed("From", told)
    return mail.topped(("Reply-To", mailbox(sender.name, sender.address)), *_LISTED)


def text_kept(one: Letter, _dice: Dice) -> Mail | None:
    """A store that keeps the plain text of a page or of a message with files, and nothing else."""
    content = one.draft.content
    if _is_single(one):
        return None
    draft = replace(one.draft, content=Content(content.text, encoding="base64"))
    return one.rewritten(draft)


def accents_lost(one: Letter, _dice: Dice) -> Mail | None:
    """Every letter beyond ASCII became a question mark."""
    text = one.draft.content.text
    lost = text.encode("ascii", "replace").decode()
    return None if text.isascii() or not _is_single(one) else _with_text(one, lost)


def links_gone(one: Letter, dice: Dice) -> Mail | None:
    """Links that lead to a scanning service and say no more where they led."""
    text = one.draft.content.text
    if not _LINK.search(text):
        return None
    new = f"https://protect.passerelle.example/s/{dice.hexadecimal(20)}"
    return _with_text(one, _LINK.sub(new, text))


def cut_off(one: Letter, _dice: Dice) -> Mail:
    """The end of the message is missing."""
    kept = one.mail.body[: len(one.mail.body) * 2 // 3]
    return replace(one.mail, body=kept[: kept.rfind(b"\r\n") + 2])


def file_removed(one: Letter, _dice: Dice) -> Mail | None:
    """A scanner put a note in the place of the file."""
    content = one.draft.content
    if not content.files:
        return None
    note = replace(content.files[0], media_type="text/plain", data=b"The attachment was removed.")
    return one.rewritten(replace(one.draft, content=replace(content, files=(note,))))


def rebuilt(one: Letter, dice: Dice) -> Mail | None:
    """A gateway that writes every page anew: other boundaries, other breaks."""
    if not one.draft.content.html:
        return None
    mail = written(replace(one.draft, message_id=dice.hexadecimal(12)))
    head = [field for field in mail.fields if field[0] != "Message-ID"]
    body = mail.body.replace(b"</p>\r\n", b"</p>").replace(b"<html>", b"<html><head></head>")
    fields = (*head, ("Message-ID", f"<{one.draft.message_id}>"))
    signed = one.signature
    return Mail((signed, *fields) if signed else fields, body)


UNDOABLE: tuple[tuple[str, Way], ...] = (
    ("footer", footer),
    ("list_post", list_post),
    ("banner", banner),
    ("marked", marked),
    ("reencoded", reencoded),
    ("rewrapped", rewrapped),
    ("safe_links", safe_links),
    ("from_quoted", from_quoted),
    ("returns_doubled", returns_doubled),
    ("blank_line", blank_line),
    ("munged", munged),
)
FOR_GOOD: tuple[tuple[str, Way], ...] = (
    ("text_kept", text_kept),
    ("accents_lost", accents_lost),
    ("links_gone", links_gone),
    ("cut_off", cut_off),
    ("file_removed", file_removed),
    ("rebuilt", rebuilt),
)
