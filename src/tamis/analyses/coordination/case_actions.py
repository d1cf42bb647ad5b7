"""The actions of each layer, from the tables of a case: once each, with account and time."""

from __future__ import annotations

from tamis.errors import PlanError
from tamis.plan import Query

LAYERS = ("co_repost", "co_link", "co_hashtag")
_OBJECT_KINDS = {"co_link": "url", "co_hashtag": "hashtag"}


def case_actions(layers: tuple[str, ...]) -> tuple[Query, ...]:
    """The steps that make `<layer>_action` for each layer, and `co_action_excluded`.

    Input     action, post, post_object, object
    Output    <layer>_action: one row per action of an account on an object (schema.ACTIONS)
              co_action_excluded: layer, reason `no_account` or `no_time`, row_count
    Missing   a repost without a post of its own stands under its action_id
    Errors    PlanError for a layer that a case has not
    Limits    a post counts with its first version and its stated time, however wide the
              interval that the time may lie in; the same action read from two files counts once
    """
    unknown = [layer for layer in layers if layer not in LAYERS]
    if unknown:
        raise PlanError(f"the case has no layer {unknown[0]!r}; it has {', '.join(LAYERS)}")
    steps = (
        [Query("first_post", _FIRST_POST, portable=True)] if set(layers) & {*_OBJECT_KINDS} else []
    )
    for layer in layers:
        steps.append(_candidates(layer))
        steps.append(
            Query(
                f"{layer}_action",
                "SELECT object_id, account_id, post_id, acted_at, source_item_id, byte_start "  # noqa: S608  # layers are of a fixed list
                f"FROM {layer}_candidate WHERE account_id IS NOT NULL AND acted_at IS NOT NULL",
                portable=True,
            )
        )
    return (*steps, _excluded(layers))


# One row per post: its first version, from the file that sorts first.
_FIRST_POST = (
    "SELECT post_id, account_id, posted_at, source_item_id, byte_start FROM ("
    "SELECT post_id, account_id, posted_at, source_item_id, byte_start, "
    "ROW_NUMBER() OVER (PARTITION BY post_id ORDER BY version, "
    "CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, "
    "CASE WHEN posted_at IS NULL THEN 1 ELSE 0 END, "
    "source_item_id, COALESCE(byte_start, 0)) AS place FROM post) AS numbered WHERE place = 1"
)

_REPOSTS = (
    "SELECT target_post_id AS object_id, account_id, COALESCE(post_id, action_id) AS post_id, "
    "acted_at, source_item_id, byte_start FROM ("
    "SELECT action_id, target_post_id, account_id, post_id, acted_at, source_item_id, byte_start, "
    "ROW_NUMBER() OVER (PARTITION BY action_id ORDER BY "
    "CASE WHEN acted_at IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0)) "
    "AS place FROM action WHERE type = 'repost' AND target_post_id IS NOT NULL) AS numbered "
    "WHERE place = 1"
)

# Inherited objects are those of the reposted original: they are the business of co_repost.
_OBJECTS = (
    "SELECT o.object_id, p.account_id, p.post_id, p.posted_at AS acted_at, "
    "p.source_item_id, p.byte_start FROM ("
    "SELECT DISTINCT post_id, object_id FROM post_object WHERE role <> 'inherited' "
    "AND object_id IN (SELECT object_id FROM object WHERE kind = $kind)) AS o "
    "JOIN first_post AS p ON o.post_id = p.post_id"
)


def _candidates(layer: str) -> Query:
    name = f"{layer}_candidate"
    if layer == "co_repost":
        return Query(name, _REPOSTS, portable=True)
    return Query(name, _OBJECTS, {"kind": _OBJECT_KINDS[layer]}, portable=True)


def _excluded(layers: tuple[str, ...]) -> Query:
    text = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, "  # noqa: S608  # layers are of a fixed list
        "CASE WHEN account_id IS NULL THEN 'no_account' ELSE 'no_time' END AS reason, "
        f"COUNT(*) AS row_count FROM {layer}_candidate "
        "WHERE account_id IS NULL OR acted_at IS NULL "
        "GROUP BY CASE WHEN account_id IS NULL THEN 'no_account' ELSE 'no_time' END"
        for layer in layers
    )
    return Query("co_action_excluded", text, portable=True)
