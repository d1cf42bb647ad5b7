"""What one post of X carries and does: objects of its entities, actions on posts and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.sources.posts.batches import WAY
from tamis.sources.posts.gather import action_id
from tamis.syntax.text import hashtag, written
from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamis.sources.posts.gather import Gather

_REMEMBERED = 65_536


class UnusableRowError(ValueError):
    """A row that cannot be used; the text says why, for the `rejected` table."""


class Line:
    """What one line of the file says beside the post itself."""

    __slots__ = ("_ids", "accounts_done", "media", "number", "posts", "seen", "start", "users")

    def __init__(self, number: int, start: int, seen: str | None) -> None:
        """The line `place` gave that number, which begins at byte `start`."""
        self.number = number
        self.start = start
        self.seen = seen
        self.posts: dict[str, Any] = {}
        self.users: list[Any] = []
        self.media: dict[str, Any] | None = None
        self.accounts_done: set[str] = set()
        self._ids: dict[str, str] | None = None

    def author_of(self, post_id: str) -> str | None:
        """The account_id of a post's author, if the line holds the post."""
        post = self.posts.get(post_id)
        author = post.get("author_id") if post is not None else None
        return f"x:{author}" if author else None

    def named(self, handle: str) -> str:
        """The account_id for a handle: by the id that the line gives, else `x:@handle`."""
        if self._ids is None:
            self._ids = {
                user["username"].lower(): user["id"]
                for user in self.users
                if type(user.get("username")) is str and type(user.get("id")) is str
            }
        native = self._ids.get(handle.lower())
        return f"x:{native}" if native else f"x:@{handle.lower()}"


class Acts:
    """The actions of one post, each target once, as `Gather.actions` wants them."""

    __slots__ = ("account_id", "index", "post_id", "rows")

    def __init__(self, post_id: str, account_id: str | None, index: int) -> None:
        """Nothing done yet by the post and account of these whole ids, at `index` in the batch."""
        self.post_id = post_id
        self.account_id = account_id
        self.index = index
        self.rows: dict[tuple[str, str | None], tuple[Any, ...]] = {}

    def add(self, kind: str, target: str | None, account: str | None, grade: str) -> None:
        """One action, known by the post it targets or, without one, by the account."""
        aim = target or account
        if (kind, aim) not in self.rows:
            made = action_id(kind, self.account_id, self.post_id, aim)
            self.rows[kind, aim] = (made, kind, target, account, grade, self.index)

    def mention(self, mentions: Iterable[Mapping[str, Any]], line: Line) -> None:
        """Accounts named in the text; by handle only (`x:@name`) where no id is given."""
        for one in mentions:
            native = one.get("id")
            if native is not None:
                self.add("mention", None, f"x:{native}", "native")
            else:
                account = line.named(one["username"])
                grade = "name_only" if account.startswith("x:@") else "id_reference"
                self.add("mention", None, account, grade)


class Load:
    """The objects of one post: object_id to the way it stands there (a number of `WAYS`).

    `acts` is None for what a repost inherits: its mentions and links are no acts of its own.
    `own` are posts that a link in the text only repeats: itself, the quoted and the answered.
    """

    __slots__ = ("acts", "found", "line", "own", "role")

    def __init__(self, role: str, line: Line, acts: Acts | None, own: tuple[str, ...]) -> None:
        """Nothing found yet."""
        self.role = role
        self.line = line
        self.acts = acts
        self.own = own
        self.found: dict[str, int] = {}


class Marks:
    """Canonical objects, each form worked out once per file as far back as is remembered."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._links: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        self._tags: dict[str, str] = {}

    def collect(self, post: Mapping[str, Any], load: Load) -> None:
        """Add a post's links, domains, hashtags and media to `load`, its mentions to the acts."""
        get = post.get
        long = get("note_tweet")
        entities = (long.get("entities") if long else None) or get("entities")
        if entities:
            named = entities.get
            urls = named("urls")
            if urls:
                self._add_links(map(_address, urls), "entity", load)
            tags = named("hashtags")
            if tags:
                self._add_tags([tag["tag"] for tag in tags], "entity", load)
            mentions = named("mentions")
            if mentions and load.acts is not None:
                load.acts.mention(mentions, load.line)
        else:
            text = (long.get("text") if long else None) or get("text")
            if text and ("#" in text or "@" in text or "http" in text):
                self._from_text(text, load)
        attached = get("attachments")
        if attached:
            self._add_media(attached, load)

    def _from_text(self, text: str, load: Load) -> None:
        """The fallback for exports without entities: what the text itself shows."""
        shown = written(text)
        self._add_links(shown.urls, "text", load)
        self._add_tags(shown.hashtags, "text", load)
        if load.acts is not None:
            load.acts.mention(({"username": name} for name in shown.mentions), load.line)

    def _add_links(self, urls: Iterable[str | None], method: str, load: Load) -> None:
        way = WAY[load.role, method]
        found = load.found
        for raw in urls:
            if raw is None:
                continue
            status, ids = self._links.get(raw) or self._link(raw)
            if status is not None:
                if status in load.own:
                    continue
                if load.acts is not None:
                    load.acts.add("link_to_post", f"x:{status}", None, "id_reference")
                ids = self._declare_links(raw)
            for one in ids:
                found.setdefault(one, way)

    def _link(self, raw: str) -> tuple[str | None, tuple[str, ...]]:
        """The post of X that a link names, and its objects; none for a post's own media."""
        if len(self._links) >= _REMEMBERED:
            self._links.clear()
        target = link(raw)
        known: tuple[str | None, tuple[str, ...]] = (None, ())
        if target is not None and not target.is_media_of_status:
            # A link to a post is often no object of the post it stands in: not declared yet.
            ids = () if target.status_id is not None else self._declare_links(raw)
            known = (target.status_id, ids)
        self._links[raw] = known
        return known

    def _declare_links(self, raw: str) -> tuple[str, ...]:
        target = link(raw)
        if target is None:
            return ()
        ids = (self._gather.declare("url", target.canonical, raw),)
        if target.domain is None:
            return ids
        return (*ids, self._gather.declare("domain", target.domain, target.domain))

    def _add_tags(self, tags: Iterable[str], method: str, load: Load) -> None:
        way = WAY[load.role, method]
        for tag in tags:
            known = self._tags.get(tag)
            if known is None:
                known = self._tag(tag)
            if known:
                load.found.setdefault(known, way)

    def _tag(self, tag: str) -> str:
        if len(self._tags) >= _REMEMBERED:
            self._tags.clear()
        canonical = hashtag(tag)
        made = self._gather.declare("hashtag", canonical, f"#{tag}") if canonical else ""
        self._tags[tag] = made
        return made

    def _add_media(self, attached: Mapping[str, Any], load: Load) -> None:
        way = WAY["attachment" if load.role == "in_text" else load.role, "entity"]
        # A flattened post names its uploads twice; the list of whole ones may hold empty shells.
        whole_ones = [one for one in attached.get("media") or () if "media_key" in one]
        given = {one["media_key"]: one for one in whole_ones}
        for key in attached.get("media_keys") or given:
            whole = given.get(key) or (load.line.media or {}).get(key) or {}
            shown = whole.get("url") or whole.get("preview_image_url") or key
            load.found.setdefault(self._gather.declare("media", f"x:{key}", shown), way)


def _address(url: Mapping[str, Any]) -> str | None:
    """The furthest address that the data carries; None for the post's own media."""
    if "media_key" in url:
        return None
    return url.get("unwound_url") or url.get("expanded_url") or url.get("url")
