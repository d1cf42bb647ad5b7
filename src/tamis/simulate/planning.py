"""Where it is planned: a chat server whose members call for what the cell then does elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from tamis.simulate import clock, words
from tamis.simulate.crowd import TOPICS
from tamis.simulate.dice import Dice, mixed
from tamis.simulate.people import ARCHIVE_URL, HASHTAG

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DISCORD_EPOCH_MS = 1_420_070_400_000
_LOW = 0x3FF000  # worker and process bits that no server of the platform ever had
_MEMBERS = ("orage", "fanal", "brume", "cabestan", "tamaris", "sillage")
_CALLS = (
    "Ce soir à {at}, tous sur {what}, pas avant.",
    "Everyone use {what} at {at}, not before.",
    "Utilisez {what} à {at} précises, et retweetez-vous les uns les autres.",
    "Raid at {at}: post {what} everywhere.",
    "Partagez {what} à {at}, copiez le texte épinglé.",
    "At {at} we all push {what}. Retweet this, then like.",
)
_TALK = (
    "Anybody still using #{tag}? I saw nothing there today.",
    "Je retweete moins ces jours-ci, trop de travail.",
    "Le raid des fourmis dans ma cuisine continue.",
    "What time is the match tonight, {at} or later?",
    "#{tag} était drôle hier, dommage que ce soit fini.",
    "On se retrouve à {at} pour jouer ?",
)


def _id(at_ms: int, number: int) -> str:
    return str((at_ms - DISCORD_EPOCH_MS) << 22 | _LOW | number & 0xFFF)


def _author(name: str) -> dict[str, Any]:
    born = clock.seconds(2019, 5, 1) * 1000 + mixed(len(name) * 977 + ord(name[0])) % (1 << 34)
    return {
        "id": _id(born, ord(name[0])),
        "name": f"{name}_zq",
        "discriminator": "0000",
        "nickname": name.title(),
        "color": None,
        "isBot": False,
        "roles": [],
        "avatarUrl": "",
    }


def _shown(at_s: int) -> str:
    return clock.moment(at_s + clock.OFFSET_S).strftime("%H:%M")


def _calls(dice: Dice, pushes: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """A call for each push, 9 to 26 minutes ahead; the last two, for the leak, while it runs."""
    out = []
    for index, (what, at_ms) in enumerate(pushes):
        at = at_ms // 1000 - dice.between(540, 1_560)
        text = _CALLS[index % len(_CALLS)].format(what=what, at=_shown(at_ms // 1000))
        out.append({"at": at, "text": text, "what": what, "answered_at": at_ms // 1000})
    for what, lag, text in (
        (ARCHIVE_URL, 60, "It is out. Post this everywhere: {what}"),
        (f"#{HASHTAG}", 300, "Tous sur {what} maintenant, raid toute la nuit"),
    ):
        at = clock.FIRST_HASHTAG_AT + lag
        made = {"at": at, "text": text.format(what=what), "what": what, "answered_at": None}
        out.append(made)
    return out


def write_planning(
    path: Path, *, seed: int, scale: float, pushes: Sequence[tuple[str, int]]
) -> tuple[dict[str, int], list[dict[str, Any]], dict[str, str]]:
    """The file's counts, the planted calls, and when archive link and hashtag came there first.

    Input     `pushes`: each object that the cell pushes, as it stands in a text, and from when on,
              in milliseconds
    """
    dice = Dice(seed, "planning")
    calls = _calls(dice, pushes)
    lines = [(call["at"], call["text"], call) for call in calls]
    for _ in range(20 + round(80 * scale)):
        at = clock.BEGIN_AT + dice.below(clock.END_AT - clock.BEGIN_AT)
        text = words.chat(dice, "fr" if dice.chance(0.6) else "en")
        if dice.chance(0.3):
            text = dice.pick(_TALK).format(tag=dice.pick(TOPICS), at=_shown(at + 3_600))
        lines.append((at, text, {}))
    lines.sort(key=lambda line: line[0])
    messages = []
    for number, (at, text, call) in enumerate(lines):
        native = _id(at * 1000 + number % 900, number)
        if call:
            call["post_id"] = f"discord:{native}"
        messages.append(_message(at * 1000 + number % 900, native, text, dice.pick(_MEMBERS)))
    _write(path, messages)
    told = [
        {"post_id": c["post_id"], "at": clock.iso(c["at"]), "object": c["what"],
         "answered_at": clock.iso(c["answered_at"]) if c["answered_at"] else None,
         "lag_s": c["answered_at"] - c["at"] if c["answered_at"] else None}
        for c in sorted(calls, key=lambda call: (call["at"], call["post_id"]))
    ]  # fmt: skip
    count = len(messages)
    counts = {"row_count": count, "post_count": count, "rejected_count": 0, "skipped_count": 0}
    first = {"link": told[-2]["at"], "tag": told[-1]["at"]}
    return counts, told, first


def _message(at_ms: int, native: str, text: str, who: str) -> dict[str, Any]:
    local = clock.iso_local(at_ms // 1000)
    return {
        "id": native,
        "type": "Default",
        "timestamp": f"{local[:19]}.{at_ms % 1000:03d}{local[19:]}",
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": text,
        "author": _author(who),
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
    }


def _write(path: Path, messages: list[dict[str, Any]]) -> None:
    whole = {
        "guild": {"id": _id(clock.seconds(2020, 1, 9) * 1000, 1), "name": "Atelier", "iconUrl": ""},
        "channel": {
            "id": _id(clock.seconds(2020, 1, 9) * 1000, 2),
            "type": "GuildTextChat",
            "categoryId": _id(clock.seconds(2020, 1, 9) * 1000, 3),
            "category": "Travaux",
            "name": "plans",
            "topic": None,
        },
        "dateRange": {"after": None, "before": None},
        "exportedAt": clock.iso_local(clock.COLLECTED_AT),
        "messages": messages,
        "messageCount": len(messages),
    }
    path.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
