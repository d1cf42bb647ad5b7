"""Every action of every account with its kind and content, for indicators of automation."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "coordination.automation"
VERSION = 2
READS = ("action", "post")
WRITES = ("automation",)
PARAMS: Mapping[str, Any] = MappingProxyType({})
LETTERS: Mapping[str, str] = {"post": "T", "reply": "p", "quote": "T", "repost": "r"}

# A repost's text is somebody else's, so it has no content of its own here.
ACTS = Query(
    "automation_act",
    """
    SELECT p.account_id, p.posted_at AS acted_at, COALESCE(k.kind, 'post') AS kind,
        p.text_hash AS content
    FROM first_post AS p LEFT JOIN (
        SELECT post_id, MAX(type) AS kind FROM action
        WHERE type IN ('reply', 'quote') AND post_id IS NOT NULL GROUP BY post_id
    ) AS k ON k.post_id = p.post_id
    WHERE p.account_id IS NOT NULL AND p.posted_at IS NOT NULL
        AND p.post_id NOT IN (SELECT post_id FROM repost)
    UNION ALL
    SELECT account_id, acted_at, 'repost' AS kind, CAST(NULL AS VARCHAR) AS content FROM repost
    WHERE account_id IS NOT NULL AND acted_at IS NOT NULL
    """,
    portable=True,
)
