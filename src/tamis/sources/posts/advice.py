"""What to do about a file that no reader of posts takes, where its first bytes tell what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tamis.registry import Glimpse

_LOOK = 1 << 16
# An archive is no file of posts: what is inside must be seen first.
_ARCHIVES = ((b"PK\x03\x04", "ZIP"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!", "RAR"))
# What describes records instead of holding them, in JSON Schema or in the form of archives' field
# lists: said in the first members of the outermost object, where a record has its values.
_DESCRIBED = re.compile(
    rb'\A\s*\[?\s*\{\s*(?:"\$(?:schema|id|defs)"|"type"\s*:\s*"(?:object|array)"\s*,\s*'
    rb'"(?:\$\w+|usage|schema|properties|items|title|description|required|definitions)"|'
    rb'(?:"(?:title|description|type)"\s*:\s*"[^"\\]{0,500}"\s*,\s*)+'
    rb'"(?:\$schema|properties)"\s*:\s*["{])'
)
DESCRIPTION = "it is a JSON schema: it says how records look and holds no posts"
_FORMS = (
    (
        re.compile(rb'class="chatlog'),
        "it is a chat that DiscordChatExporter wrote as HTML, which drops ids: export it as JSON",
    ),
    (
        re.compile(rb'class="(?:page_wrap|history|message default)'),
        (
            "it is a chat that Telegram Desktop wrote as HTML, which drops ids: export it again as "
            "machine-readable JSON (result.json)"
        ),
    ),
    (
        re.compile(rb"\A\s*window\.YTD\."),
        "it is a part of an X archive that holds no posts: they are in data/tweets.js",
    ),
    (
        re.compile(rb'"creation_timestamp"|"timestamp":\s*\d+,\s*"(?:attachments|data)":'),
        (
            "it is a data download of Facebook or Instagram, which names neither the account nor "
            "the post: make a table of it with the columns account_id, created_at, text"
        ),
    ),
    (
        re.compile(
            rb"\A\s*\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4},? \d{1,2}:\d{2}[^\n]{0,12}?"
            rb"(?:\]| -) [^\n:]+: "
        ),
        (
            "it is a chat of WhatsApp, in an unknown zone and order of day and month: make a table "
            "of it with the columns account_id, created_at, text"
        ),
    ),
    (
        re.compile(rb'\A(?:\s*"?\d{5,20}"?\s*(?:\r?\n|\Z)){2}'),
        "it is a list of ids without posts: fetch them first, and add the answers",
    ),
    (
        re.compile(rb"\A\s*(?:<!doctype html|<html)", re.IGNORECASE),
        "it is a web page: save it as WARC, or add it with --kind leak",
    ),
)


def is_description(glimpse: Glimpse) -> bool:
    """Whether the file says how records look instead of holding some, whatever names are in it."""
    return _DESCRIBED.match(glimpse.head.removeprefix(b"\xef\xbb\xbf")) is not None


def advise(glimpse: Glimpse) -> str | None:
    """A sentence on what the file is and what to do instead; None where nothing is known."""
    head = glimpse.head[:_LOOK].removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return "it is empty"
    if is_description(glimpse):
        return DESCRIPTION
    for magic, name in _ARCHIVES:
        if head.startswith(magic):
            return f"it is a {name} archive: unpack it and add the folder"
    if head[257:262] == b"ustar":
        return "it is a tar archive: unpack it and add the folder"
    return next((told for form, told in _FORMS if form.search(head)), None)
