"""What a person means who names a thing to `tamis trace`."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tamis.analyses.spread import trace as queries
from tamis.errors import InputError
from tamis.syntax.selectors import address
from tamis.syntax.text import hashtag
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.engines import Engine
    from tamis.plan import Query

Row = dict[str, Any]
_LEAST_PREFIX = 8
_SHOWN = 10
_TORRENT = re.compile(r"(?:urn:)?(?:btih:)?([0-9a-f]{40}|[a-z2-7]{32})", re.IGNORECASE)
_MD5 = re.compile(r"[A-Za-z0-9+/]{22}==")


def subject_of(engine: Engine, name: str) -> Row | None:
    """What is traced: `subject`, by which way its posts are found, `kind` and `display`.

    Errors    InputError for no name, for a name of several things, and for the id of a post
    """
    if not name:
        raise InputError("tamis trace: expected a hashtag, address, hash, phrase or account")
    if name.startswith("@"):
        return _only(name, _accounts(engine, name))
    forms = _forms(name)
    found = [_object(row) for row in _asked(engine, queries.FIND, name, forms=forms)]
    if name.startswith(("#", "\uff03")):
        found = [row for row in found if row["kind"] == "hashtag"]
    return _only(name, _likely(name, forms, found) or _other(engine, name))


def _likely(name: str, forms: Sequence[str], found: Sequence[Row]) -> list[Row]:
    """The object with that id; else the first of the forms, and what else bears the name itself."""
    by_id = {row["object_id"]: row for row in found}
    if name in by_id:
        return [by_id[name]]
    first = next((by_id[form] for form in forms if form in by_id), None)
    others = [row for row in found if row["object_id"] not in forms]
    return others if first is None else [first, *others]


def _other(engine: Engine, name: str) -> list[Row]:
    """What has that name and is no object: an account, a host, an item, words; not a post."""
    if found := _accounts(engine, name):
        return found
    host = _host(name)
    if host and engine.query(queries.HOSTS, {"subject": host}).num_rows:
        return [{"subject": host, "by": "host", "kind": "host", "display": host}]
    if len(name) >= _LEAST_PREFIX and (found := _asked(engine, queries.ITEMS, name)):
        told = {"by": "item", "kind": "leaked_item"}
        return [{"subject": row["item_id"], "display": row["item_id"], **told} for row in found]
    if carried := _asked(engine, queries.CARRIED_BY, name):
        things = ", ".join(row["object_id"] for row in carried if row["object_id"]) or "nothing"
        raise InputError(f"{name} is a post, and what it carries is traced: {things}")
    words = " ".join(unicodedata.normalize("NFC", name.lower()).split())
    if " " not in words:
        return []
    told = {"by": "phrase", "kind": "phrase", "display": name}
    return [{"subject": words, "word": max(words.split(), key=len), **told}]


def _object(row: Mapping[str, Any]) -> Row:
    """An object found. Of a link the address is shown under which its spellings fall together."""
    is_link = row["kind"] == "url" and row["canonical"]
    display = row["canonical"] if is_link else row["display"]
    # The hash of an item stands for the item, which posts may name otherwise too.
    by = "item" if row["kind"] == "file_sha256" and row["is_item"] else "object"
    subject = row["canonical"] if by == "item" else row["object_id"]
    kind = "leaked_item" if by == "item" else row["kind"]
    told = {"subject": subject, "by": by, "kind": kind, "display": display}
    return {**told, "object_id": row["object_id"]}


def _accounts(engine: Engine, name: str) -> list[Row]:
    told = {"by": "account", "kind": "account"}
    return [
        {"subject": one["account_id"], "display": one["handles"] or one["account_id"], **told}
        for one in _asked(engine, queries.ACCOUNTS, name)
    ]


def _asked(engine: Engine, query: Query, name: str, **more: Any) -> list[Row]:
    rows: list[Row] = engine.query(query, {"name": name, **more}).to_pylist()
    return rows


def _forms(name: str) -> list[str]:
    """The object ids that a name can mean, the likeliest first."""
    forms = []
    torrent = _TORRENT.fullmatch(name)
    found = link(f"magnet:?xt=urn:btih:{torrent[1]}") if torrent else None
    found = found or address(name)
    if found is not None:
        forms.append(f"url:{found.canonical}")
        if _host(name) == found.domain:
            forms.insert(0, f"domain:{found.domain}")
    if _MD5.fullmatch(name):
        forms.append(f"file_md5:{base64.b64decode(name).hex()}")
    return [*forms, f"hashtag:{hashtag(name)}"]


def _host(name: str) -> str | None:
    """The host, with its port, that a name is and nothing more; None for a page or no address."""
    found = address(name)
    if found is None or "." not in name:
        return None
    parts = urlsplit(found.canonical)
    is_bare = parts.scheme == "https" and parts.path == "/" and not (parts.query or parts.fragment)
    return parts.netloc if is_bare else None


def _only(name: str, found: Sequence[Row]) -> Row | None:
    if not found:
        return None
    if len(found) > 1:
        told = ", ".join(f"{row['subject']} ({row['kind']})" for row in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise InputError(f"{name}: {len(found)} things have that name; say which: {told}{more}")
    return dict(found[0])
