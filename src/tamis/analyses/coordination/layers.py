"""The layers of co-action: what is shared in each, within which window, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE = 60.0
LEAST_TAGS = 3
LEAST_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of action: the window and the least weight where nobody names others.

    `rule` says what counts as an action on which object; `did` completes "both accounts …".
    `is_directed`: one account acts on the other, which always comes first.
    """

    name: str
    rule: str
    did: str
    window_s: float = MINUTE
    min_weight: int = 2
    is_directed: bool = False


_DECLARED = (
    Layer(
        "co_repost",
        "a repost, forward or crosspost; the object is the post that was passed on",
        "reposted the same post",
    ),
    Layer("co_reply", "a reply; the object is the post replied to", "replied to the same post"),
    Layer(
        "co_link",
        "a post with a link of its own; the object is the canonical address",
        "shared the same link",
    ),
    Layer(
        "co_domain",
        "a post with a link of its own; the object is the site it leads to",
        "linked to the same site",
        min_weight=3,
    ),
    Layer(
        "co_hashtag",
        "a post with a hashtag of its own; the object is the hashtag",
        "used the same hashtag",
    ),
    Layer(
        "co_hashtag_sequence",
        f"a post with {LEAST_TAGS} or more hashtags; the object is all of them in their order",
        "used the same hashtags in the same order",
        window_s=86_400.0,
    ),
    Layer(
        "co_text",
        f"a post with {LEAST_CHARACTERS} characters or more of its own; the object is the text "
        "cluster, or the normalised text where no cluster holds it",
        "posted the same text",
    ),
    Layer(
        "co_media",
        "a post with a picture, video or file; the object is its hash, or the platform's id of it",
        "posted the same picture, video or file",
    ),
    Layer(
        "co_mention",
        "a mention; the object is the account that was mentioned",
        "mentioned the same account",
        min_weight=3,
    ),
    Layer(
        "co_presence",
        "a post; the object is its thread, or its board, channel or group where it has no thread",
        "posted in the same place",
        min_weight=5,
    ),
    Layer(
        "fast_repost",
        "a repost within the window after the post itself; the pair is who wrote and who reposted",
        "stood behind a post and a fast repost of it",
        window_s=10.0,
        is_directed=True,
    ),
    Layer(
        "co_object",
        "a row of a table; the object is what its object column holds",
        "used the same object",
    ),
)
LAYERS: Mapping[str, Layer] = MappingProxyType({layer.name: layer for layer in _DECLARED})
# Those that a case can have: a column without a meaning exists in tables of others only.
CASE_LAYERS: tuple[str, ...] = tuple(name for name in LAYERS if name != "co_object")
