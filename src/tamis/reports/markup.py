"""HTML as values: what is not markup is escaped on the way in."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from importlib.resources import files
from typing import TypeAlias

_VOID = frozenset(("br", "col", "hr", "meta"))


class Markup(str):
    """Text that is HTML already; any other `str` is escaped where it is used."""

    __slots__ = ()


Content: TypeAlias = Markup | str | int | None


def tag(name: str, *content: Content, **attributes: str | int | None) -> Markup:
    """One element; content that is no `Markup` is escaped, attributes always are.

    A trailing underscore of an attribute's name is dropped (`class_`), inner ones become
    hyphens; an attribute that is None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*content)}</{name}>")


def join(*content: Content, by: str = "") -> Markup:
    """Pieces in a row, escaped unless they are markup; None is left out."""
    return Markup(
        by.join(
            piece if isinstance(piece, Markup) else html.escape(str(piece), quote=True)
            for piece in content
            if piece is not None
        )
    )


@cache
def style() -> str:
    """The one style sheet, as it stands inside the page."""
    return files("tamis.reports").joinpath("style.css").read_text(encoding="utf-8")


def policy() -> str:
    """The page's content security policy: nothing loads, one style sheet known by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def page(title: str, body: Markup) -> bytes:
    """A whole document: one file, no script, nothing remote."""
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy()),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="referrer", content="no-referrer"),
        tag("meta", name_="robots", content="noindex, nofollow, noarchive"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("meta", name_="format-detection", content="telephone=no,date=no,address=no,email=no"),
        tag("title", title),
        Markup(f"<style>{style()}</style>"),
        by="\n",
    )
    document = tag("html", tag("head", head), tag("body", body), lang="en")
    return f"<!doctype html>\n{document}\n".encode()


def table(
    headings: tuple[tuple[str, str], ...],
    rows: list[tuple[Content, ...]],
    *,
    caption: Markup,
    classes: str = "",
) -> Markup:
    """A table of `rows` under `headings` (text, class of the column), readable when narrow.

    Each cell repeats its heading in an attribute, for the layout where rows become cards.
    """
    head = tag(
        "tr", *(tag("th", text, scope="col", class_=kind or None) for text, kind in headings)
    )
    body = [
        tag(
            "tr",
            *(
                tag("td", tag("div", cell), data_label=text, class_=kind or None)
                for cell, (text, kind) in zip(row, headings, strict=True)
            ),
        )
        for row in rows
    ]
    inside = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", *body),
        class_=f"rows {classes}".strip(),
    )
    return tag("div", inside, class_="scroll")
