"""What both kinds of Telegram export share: ids of chats, messages and accounts, and names."""

from __future__ import annotations

import re
from typing import Any

from tamis.sources.posts.reading import id_of, text_of
from tamis.sources.posts.x_marks import UnusableRowError

PLATFORM = "telegram"
_PEER = re.compile(r"(user|channel|chat)(\d{1,20})")
_MARKED = 1_000_000_000_000  # -100… before the id of a channel, as bots see it


def message_id(chat: str, number: Any) -> str:
    """The native id of a message: numbers count per chat."""
    return f"{chat}/{id_of(number, 'message id')}"


def peer(given: Any) -> str | None:
    """`user1`, `channel2` or `chat3` from an export's own text; None for none.

    Errors    UnusableRowError for anything else
    """
    if given is None or given == "":
        return None
    if isinstance(given, int) and not isinstance(given, bool):
        if given > 0:
            return f"user{given}"
        return f"channel{-given - _MARKED}" if -given > _MARKED else f"chat{-given}"
    found = _PEER.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise UnusableRowError(f"the account id {str(given)[:40]!r} is none of Telegram's")
    return f"{found[1]}{int(found[2])}"


def chat_of(account: str) -> str:
    """The prefix of message ids in the chat of a peer: a channel's bare number, else its peer.

    Numbers of messages in a channel are the same for everybody; in a group of the old kind or
    between two people each account counts its own, so that they say `chat` or `user`.
    """
    return account.removeprefix("channel")


def named(given: Any) -> str | None:
    """A stand-in account for a display name, the only thing that is known."""
    name = text_of(given, "name")
    return f"{PLATFORM}:name:{name[:200]}" if name else None
