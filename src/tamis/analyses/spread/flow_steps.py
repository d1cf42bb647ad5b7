"""Steps that the figures of traffic share: each post once, and the objects that are looked at.

Accounts and objects go by numbers here: at 17 million posts that is what keeps them in memory.
"""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from tamis.plan import Query

_IS_SAMPLED = "CASE WHEN sampling IN ('stream_sample', 'browser') THEN 1 ELSE 0 END"
# A sampled stream shows originals inside their reposts: those were not drawn themselves, and are no
# traffic of the sample. They share their bytes with the action that names them.
_EMBEDDED = (
    "SELECT p.post_id FROM (SELECT post_id, source_item_id, byte_start FROM post "
    "WHERE sampling = 'stream_sample') AS p LEFT JOIN ("
    "SELECT DISTINCT target_post_id, source_item_id, byte_start FROM action "
    "WHERE type IN ('repost', 'quote') AND sampling = 'stream_sample') AS a "
    "ON a.target_post_id = p.post_id AND a.source_item_id = p.source_item_id "
    "AND a.byte_start = p.byte_start GROUP BY p.post_id "
    "HAVING COUNT(*) = COUNT(a.target_post_id)"
)
EMBEDDED = Query("embedded", _EMBEDDED)
# A repost without a post of its own (a record of its platform) is traffic too.
_POST_SEEN = (
    "SELECT post_id, MIN(platform) AS platform, MIN(account_id) AS account_id, "
    "MIN(posted_at) AS posted_at, CAST(MAX(is_repost) AS TINYINT) AS is_repost, "
    "CAST(MAX(is_sampled) AS TINYINT) AS is_sampled, MIN(language) AS language, "
    "MIN(text_hash) AS text_hash FROM ("
    "SELECT COALESCE(edited_of, post_id) AS post_id, platform, account_id, posted_at, "
    f"0 AS is_repost, {_IS_SAMPLED} AS is_sampled, "
    "language_declared AS language, CASE WHEN version = 1 THEN text_hash END AS text_hash "
    "FROM post UNION ALL "
    "SELECT post_id, SPLIT_PART(post_id, ':', 1) AS platform, account_id, acted_at AS posted_at, "
    f"1 AS is_repost, {_IS_SAMPLED} AS is_sampled, "
    "NULL AS language, NULL AS text_hash FROM action "
    "WHERE type = 'repost' AND post_id IS NOT NULL) AS told "
    "WHERE post_id NOT IN (SELECT post_id FROM embedded) GROUP BY post_id"
)
# The cluster that an account stands for: of the first grade, over all layers if possible, large.
_MEMBER_OF = (
    "SELECT account_id, cluster_id FROM (SELECT m.account_id, m.cluster_id, "
    "ROW_NUMBER() OVER (PARTITION BY m.account_id ORDER BY "
    "CASE WHEN c.layer = 'merged' THEN 0 ELSE 1 END, c.member_count DESC, m.cluster_id) AS place "
    "FROM cluster_member AS m JOIN cluster AS c ON c.cluster_id = m.cluster_id "
    "WHERE c.grade = 'first') AS ranked WHERE place = 1"
)
# An account is in one community of its time before the incident, or in none that is known.
_COMMUNITY_OF = (
    "SELECT account_id, MIN(community_id) AS community_id FROM community_member GROUP BY account_id"
)
_ACCOUNT_NO = (
    "SELECT a.account_id, m.cluster_id, n.community_id, "
    "CAST(ROW_NUMBER() OVER (ORDER BY a.account_id) AS INTEGER) AS account_no FROM ("
    "SELECT DISTINCT account_id FROM post_seen WHERE account_id IS NOT NULL) AS a "
    "LEFT JOIN member_of AS m ON m.account_id = a.account_id "
    "LEFT JOIN community_of AS n ON n.account_id = a.account_id"
)
# A text is repeated when more than one account posted it, or a copy of it, as a post of its own.
_REPEATED = (
    "SELECT t.text_hash FROM (SELECT DISTINCT s.text_hash, "
    "COALESCE(m.cluster_id, s.text_hash) AS text_key FROM post_seen AS s "
    "LEFT JOIN copied_text AS m ON m.text_hash = s.text_hash WHERE s.text_hash IS NOT NULL "
    "AND s.is_repost = 0) AS t JOIN (SELECT COALESCE(m.cluster_id, s.text_hash) AS text_key "
    "FROM post_seen AS s LEFT JOIN copied_text AS m ON m.text_hash = s.text_hash "
    "WHERE s.text_hash IS NOT NULL AND s.is_repost = 0 "
    "GROUP BY COALESCE(m.cluster_id, s.text_hash) HAVING MIN(s.account_id) < MAX(s.account_id)"
    ") AS k ON k.text_key = t.text_key"
)
_COPIED = "SELECT text_hash, cluster_id FROM text_cluster_member WHERE kind = 'copypasta'"
_TRAFFIC = (
    "SELECT s.post_id, s.platform, a.account_no, s.posted_at, s.is_repost, s.is_sampled, "
    "s.language, CAST(CASE WHEN a.cluster_id IS NULL THEN 0 ELSE 1 END AS TINYINT) "
    "AS is_clustered, CAST(CASE WHEN s.is_repost = 1 OR s.text_hash IS NULL THEN NULL "
    "WHEN r.text_hash IS NULL THEN 0 ELSE 1 END AS TINYINT) AS is_repeated "
    "FROM post_seen AS s LEFT JOIN account_named AS a ON a.account_id = s.account_id "
    "LEFT JOIN repeated AS r ON r.text_hash = s.text_hash"
)
# The objects that most posts carry, and those of the case's selectors; number 0 is every post.
_CHOSEN = (
    "SELECT object_id, CAST(place AS SMALLINT) AS object_no FROM ("
    "SELECT c.object_id, o.is_selected, "
    "ROW_NUMBER() OVER (ORDER BY c.post_count DESC, c.object_id) AS place FROM ("
    "SELECT object_id, COUNT(*) AS post_count FROM post_object "
    "GROUP BY object_id HAVING COUNT(*) >= $least_posts) AS c JOIN ("
    "SELECT object_id, MAX(CASE WHEN list_contains($selectors, canonical) "
    "OR list_contains($selectors, '#' || canonical) OR list_contains($selectors, display) "
    "THEN 1 ELSE 0 END) AS is_selected FROM object GROUP BY object_id) AS o "
    "ON o.object_id = c.object_id) AS ranked WHERE place <= $most_objects "
    "OR (is_selected = 1 AND place <= 30000)"
)
_CARRIED = (
    "SELECT DISTINCT c.object_no, COALESCE(e.edited_of, o.post_id) AS post_id "
    "FROM post_object AS o JOIN chosen AS c ON c.object_id = o.object_id LEFT JOIN ("
    "SELECT DISTINCT post_id, edited_of FROM post WHERE edited_of IS NOT NULL) AS e "
    "ON e.post_id = o.post_id"
)
_KEPT = (
    "t.platform, t.account_no, t.posted_at, t.is_repost, t.is_sampled, t.is_clustered, "
    "t.is_repeated, t.language"
)
_SCOPE = "PARTITION BY object_no, platform"
# Where a post has a time and an account, its place among those of the object on the platform.
_FLOW = (
    "SELECT object_no, platform, account_no, posted_at, is_repost, is_sampled, is_clustered, "
    "is_repeated, language, "
    f"MIN(posted_at) OVER ({_SCOPE}) AS first_at, "
    f"CAST(ROW_NUMBER() OVER ({_SCOPE} ORDER BY posted_at, account_no, is_repost) - 1 "
    "AS INTEGER) AS place, "
    f"CAST(COUNT(*) OVER ({_SCOPE}) AS INTEGER) AS total FROM ("
    f"SELECT CAST(0 AS SMALLINT) AS object_no, {_KEPT} FROM traffic AS t UNION ALL "
    f"SELECT c.object_no, {_KEPT} FROM carried_by AS c JOIN traffic AS t "
    "ON t.post_id = c.post_id) AS every WHERE posted_at IS NOT NULL AND account_no IS NOT NULL "
    "UNION ALL SELECT object_no, platform, account_no, posted_at, is_repost, is_sampled, "
    "is_clustered, is_repeated, language, NULL, NULL, NULL FROM ("
    f"SELECT CAST(0 AS SMALLINT) AS object_no, {_KEPT} FROM traffic AS t UNION ALL "
    f"SELECT c.object_no, {_KEPT} FROM carried_by AS c JOIN traffic AS t "
    "ON t.post_id = c.post_id) AS every WHERE posted_at IS NULL OR account_no IS NULL"
)
_NAMED = "SELECT object_no, object_id FROM chosen UNION ALL SELECT 0 AS object_no, '*' AS object_id"


def shared_steps() -> tuple[Query, ...]:
    """The steps from posts to `flow` (posts of each object looked at) and `object_named`."""
    steps = (
        *(("post_seen", _POST_SEEN), ("member_of", _MEMBER_OF)),
        ("community_of", _COMMUNITY_OF),
        *(("account_named", _ACCOUNT_NO), ("copied_text", _COPIED), ("repeated", _REPEATED)),
        *(("traffic", _TRAFFIC), ("chosen", _CHOSEN), ("carried_by", _CARRIED)),
        *(("flow", _FLOW), ("object_named", _NAMED)),
    )
    return (EMBEDDED, *(Query(name, sql) for name, sql in steps))
