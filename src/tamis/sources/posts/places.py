"""The post of a platform that a web address names, where the address itself holds its id."""

from __future__ import annotations

import re

_FORMS = (
    (
        re.compile(r"https?://boards\.4chan(?:nel)?\.org/([a-z0-9]{1,5})/thread/\d+[^#]*#p(\d+)"),
        "4chan:{}/{}",
    ),
    (
        re.compile(r"https?://boards\.4chan(?:nel)?\.org/([a-z0-9]{1,5})/thread/(\d+)"),
        "4chan:{}/{}",
    ),
    (
        re.compile(
            r"https?://(?:[a-z]+\.)?reddit\.com/(?:r|user)/[^/]+/comments/[a-z0-9]+/[^/?#]*/([a-z0-9]+)"
        ),
        "reddit:t1_{}",
    ),
    (
        re.compile(r"https?://(?:[a-z]+\.)?reddit\.com/(?:(?:r|user)/[^/]+/)?comments/([a-z0-9]+)"),
        "reddit:t3_{}",
    ),
    (
        re.compile(
            r"https?://bsky\.app/profile/(did:[a-z]+:[A-Za-z0-9._:%-]+)/post/([A-Za-z0-9]+)"
        ),
        "bluesky:at://{}/app.bsky.feed.post/{}",
    ),
    (
        re.compile(r"https?://(?:t|telegram)\.me/c/(\d+)/(?:\d+/)?(\d+)"),
        "telegram:{}/{}",
    ),
    (
        re.compile(r"https?://(?:[a-z]+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/\d+/(\d+)"),
        "discord:{}",
    ),
)
_HOSTS = ("4chan", "reddit.com", "bsky.app", ".me/c/", "discord")


def named_post(address: str) -> str | None:
    """The post_id that an address names, None where it names none, or only a handle.

    Limits    Addresses of X are known to `syntax.web`; those of Telegram by name, and of Mastodon,
              hold no id that means the same elsewhere.
    """
    if not any(host in address for host in _HOSTS):
        return None
    for form, post_id in _FORMS:
        found = form.match(address)
        if found is not None:
            return post_id.format(*found.groups())
    return None
