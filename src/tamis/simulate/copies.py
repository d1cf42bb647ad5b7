"""Where copies of the archive come to lie: a channel and an image board that hand them on."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import orjson

from tamis.simulate import clock, words
from tamis.simulate.dice import Dice, mixed
from tamis.simulate.people import ARCHIVE_URL, HASHTAG

if TYPE_CHECKING:
    from pathlib import Path

MAGNET = "magnet:?xt=urn:btih:3f786850e387550fdab836ed7e6dc881de23001b&dn=azurine_202108"
# Address of each copy, where it is first told of, and how long after the first hashtag.
COPIES = (
    ("https://miroir-azur.example/azurine_202108.zip", "x", 33 * 60),
    (MAGNET, "telegram", 58 * 60),
    ("https://coffre-partage.example/d/azurine", "4chan", 76 * 60),
    ("https://depot-bis.example/azurine_202108/", "x", 290 * 60),
)
# By what a reader can tell that an address is a copy; no host of an invented place is on a list.
SIGNS = dict(zip((url for url, _, _ in COPIES), ("name", "magnet", "none", "name"), strict=True))
CHANNEL, _CHANNEL_ID, BOARD = "Ostrevane sans filtre", 1_990_000_077, "zq"
_THREADS = (41_210_003, 41_260_009)


def on(platform: str) -> list[tuple[str, int]]:
    """The copies first told of on that platform: address and time."""
    return [(url, clock.FIRST_HASHTAG_AT + lag) for url, where, lag in COPIES if where == platform]


def write_channel(
    path: Path, *, seed: int, scale: float
) -> tuple[dict[str, int], dict[str, str], list[dict[str, str]]]:
    """The file's counts, first times of link and hashtag there, and the copies told of.

    A channel as a desktop client exports it: times of day without an offset beside whole seconds.
    """
    dice = Dice(seed, "channel")
    link_at = clock.FIRST_HASHTAG_AT + 38 * 60
    lines = [(link_at, f"Ils en parlent tous : {ARCHIVE_URL} #{HASHTAG}")]
    lines += [(at, f"Copie au cas où : {url}") for url, at in on("telegram")]
    for _ in range(16 + round(60 * scale)):
        at = clock.BEGIN_AT + dice.below(clock.END_AT - clock.BEGIN_AT)
        about = at > link_at
        text = words.chat(dice, "fr", leak=about)
        lines.append((at, text + (f" #{HASHTAG}" if about and dice.chance(0.4) else "")))
    lines.sort()
    messages: list[dict[str, Any]] = []
    found = []
    for number, (at, text) in enumerate(lines, 2):
        messages.append(_message(number, at, text))
        if "Copie au cas" in text:
            found.append(
                told_copy(text.rpartition(" : ")[2], f"telegram:{_CHANNEL_ID}/{number}", at)
            )
    whole = {"name": CHANNEL, "type": "public_channel", "id": _CHANNEL_ID, "messages": messages}
    path.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
    return _counts(len(messages)), {"link": clock.iso(link_at), "tag": clock.iso(link_at)}, found


def _message(number: int, at: int, text: str) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": clock.iso_local(at)[:19],
        "date_unixtime": str(at),
        "from": CHANNEL,
        "from_id": f"channel{_CHANNEL_ID}",
        "text": _marked(text),
        "text_entities": [
            one if isinstance(one, dict) else {"type": "plain", "text": one}
            for one in _marked(text)
        ],
    }


def _marked(text: str) -> list[Any]:
    """The text in pieces, links and hashtags marked as the client marks them."""
    out: list[Any] = []
    for word in text.split(" "):
        kind = "hashtag" if word.startswith("#") else "link" if "://" in word else ""
        out += [{"type": kind, "text": word} if kind else word, " "]
    return out[:-1]


def write_threads(
    folder: Path, *, seed: int, scale: float
) -> tuple[dict[str, dict[str, int]], dict[str, str], list[dict[str, str]]]:
    """The counts of each file, first times of link and hashtag, and the copies told of.

    Two threads of an image board as its API gives them: one of daily life, one about the archive.
    """
    dice = Dice(seed, "threads")
    files: dict[str, dict[str, int]] = {}
    link_at = clock.FIRST_HASHTAG_AT + 9 * 60
    found: list[dict[str, str]] = []
    for index, thread in enumerate(_THREADS):
        about = index == 1
        begin = link_at if about else clock.BEGIN_AT + 9 * 3_600
        lines = [(begin, f"anyone read this yet? {ARCHIVE_URL}" if about else "what do you read?")]
        for number in range(6 + round(24 * scale)):
            at = begin + 40 + (number + 1) * (number + 30) * 4 + dice.below(60)
            lines.append((at, words.chat(dice, "en", leak=about)))
        copies = on("4chan") if about else []
        lines += [(at, f"copy that stays up: {url}") for url, at in copies]
        lines.sort()
        posts = [_post(thread + 3 * n, thread, at, text) for n, (at, text) in enumerate(lines)]
        name = f"{BOARD}_{thread}.json"
        (folder / name).write_bytes(orjson.dumps({"posts": posts}))
        files[name] = _counts(len(posts))
        for n, (at, text) in enumerate(lines):
            if "stays up" in text:
                url = text.partition(": ")[2]
                found.append(told_copy(url, f"4chan:{BOARD}/{thread + 3 * n}", at))
    return files, {"link": clock.iso(link_at)}, found


def _post(number: int, thread: int, at: int, text: str) -> dict[str, Any]:
    """One post; its shown time is four hours behind UTC, its id lasts one thread."""
    local = clock.moment(at - 14_400)
    body = html.escape(text)
    if number != thread and number % 5 == 0:
        body = f'<a href="#p{thread}" class="quotelink">&gt;&gt;{thread}</a><br>{body}'
    return {
        "no": number,
        "now": f"{local:%m/%d/%y}({clock.from_line_date(at - 14_400)[:3]}){local:%H:%M:%S}",
        "name": "Anonymous",
        "time": at,
        "resto": 0 if number == thread else thread,
        "id": f"{mixed(thread * 31 + number % 11) >> 32:08x}",
        "com": body,
    }


def told_copy(url: str, post_id: str, at: int) -> dict[str, str]:
    """A copy as the truth tells it: where it lies, and the post that told of it first."""
    return {"url": url, "post_id": post_id, "at": clock.iso(at), "sign": SIGNS[url]}


def _counts(count: int) -> dict[str, int]:
    return {"row_count": count, "post_count": count, "rejected_count": 0, "skipped_count": 0}
