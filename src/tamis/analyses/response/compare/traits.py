"""The traits of one incident by which another can be known again."""

from __future__ import annotations

from tamis.analyses.spread.once import post_once
from tamis.plan import Query

LEAST_WORDS = 8
"""Words that a text or phrase must have before its use in two incidents says anything."""
_AUTHORS = ("creator", "last_author", "author", "company", "manager")
_UNTIMED = "TIMESTAMPTZ '9999-12-31 00:00:00+00'"

# Of each trait, the first post that shows it stands as its proof.
_PROOF = (
    "ARG_MIN(STRUCT_PACK(post_id := p.post_id, at_time := p.posted_at, "
    "source_item_id := p.source_item_id, byte_start := p.byte_start, byte_end := p.byte_end), "
    f"STRUCT_PACK(at_time := COALESCE(p.posted_at, {_UNTIMED}), post_id := p.post_id)) AS proof"
)
_SPREAD = f"COUNT(*) AS use_count, COUNT(DISTINCT p.account_id) AS account_count, {_PROOF}"
_OPENED = (
    "use_count, account_count, proof.at_time AS first_at, proof.post_id AS post_id, "
    "proof.source_item_id AS source_item_id, proof.byte_start AS byte_start, "
    "proof.byte_end AS byte_end"
)
_KNOWN_ACCOUNT = (
    "SELECT account_id, platform, BOOL_OR(scope = 'thread') AS is_anonymous FROM account "
    "GROUP BY account_id, platform"
)
_NAME = (
    "SELECT account_id, LIST_SORT(LIST(DISTINCT handle)) AS handles FROM ("
    "SELECT account_id, handle FROM account WHERE handle <> '' UNION ALL "
    "SELECT account_id, handle FROM account_snapshot WHERE handle <> '') AS named "
    "GROUP BY account_id"
)
_ACCOUNT = (
    f"SELECT 'account' AS kind, account_id AS trait_id, {_OPENED}, "  # noqa: S608 - only constants
    "COALESCE(handles, []) AS names, platform FROM ("
    "SELECT p.account_id, ANY_VALUE(k.handles) AS handles, "
    f"ANY_VALUE(p.platform) AS platform, {_SPREAD} FROM post_own AS p "
    "LEFT JOIN known_account AS a ON a.account_id = p.account_id AND a.platform = p.platform "
    "LEFT JOIN named AS k ON k.account_id = p.account_id "
    "WHERE p.account_id IS NOT NULL AND NOT COALESCE(a.is_anonymous, FALSE) "
    "GROUP BY p.account_id) AS grouped"
)
_HANDLE = (
    "SELECT 'handle' AS kind, platform || ':' || LOWER(handle) AS trait_id, "
    "CAST(SUM(use_count) AS BIGINT) AS use_count, COUNT(*) AS account_count, "
    "MIN(first_at) AS first_at, "
    "ARG_MIN(post_id, trait_id) AS post_id, ARG_MIN(source_item_id, trait_id) AS source_item_id, "
    "ARG_MIN(byte_start, trait_id) AS byte_start, ARG_MIN(byte_end, trait_id) AS byte_end, "
    "LIST_SORT(LIST(DISTINCT trait_id)) AS names, platform FROM ("
    "SELECT *, UNNEST(names) AS handle FROM trait_account) AS one GROUP BY platform, LOWER(handle)"
)
_OBJECT = (
    f"SELECT kind, trait_id, {_OPENED}, "  # noqa: S608 - only constants
    "[display] AS names, NULL AS platform FROM ("
    "SELECT CASE o.kind WHEN 'domain' THEN 'host' WHEN 'file_sha256' THEN 'file' ELSE o.kind END "
    "AS kind, CASE o.kind WHEN 'file_sha256' THEN o.canonical ELSE o.object_id END AS trait_id, "
    f"ANY_VALUE(o.display) AS display, {_SPREAD} FROM post_object_once AS c "
    "JOIN post_own AS p ON p.post_id = c.post_id JOIN named_object AS o "
    "ON o.object_id = c.object_id "
    "WHERE o.kind IN ('url', 'domain', 'hashtag', 'file_sha256', 'file_md5', 'image_hash', "
    "'magnet', 'phrase') GROUP BY 1, 2) AS grouped"
)
_TEXT = (
    f"SELECT 'text' AS kind, trait_id, {_OPENED}, "  # noqa: S608 - only constants
    "[display] AS names, NULL AS platform FROM ("
    "SELECT t.text_hash AS trait_id, MIN(t.excerpt) AS display, "
    f"{_SPREAD} FROM worded AS t JOIN post_own AS p ON p.post_id = t.post_id "
    "GROUP BY t.text_hash) AS grouped"
)
_WORDED = (
    "SELECT post_id, text_hash, MIN(SUBSTRING(text, 1, 160)) AS excerpt FROM post "
    "WHERE text_hash IS NOT NULL AND LEN(REGEXP_EXTRACT_ALL(text, '\\S+')) >= $least_words "
    "AND post_id NOT IN (SELECT post_id FROM action WHERE type = 'repost' "
    "AND post_id IS NOT NULL) GROUP BY post_id, text_hash"
)
_FILE = (
    "SELECT 'file' AS kind, p.item_id AS trait_id, COUNT(*) AS use_count, "
    "CAST(0 AS BIGINT) AS account_count, "
    "NULL AS first_at, NULL AS post_id, COALESCE(MIN(p.parent_item_id), p.item_id) "
    "AS source_item_id, ARG_MIN(p.byte_start, p.path) AS byte_start, "
    "ARG_MIN(p.byte_end, p.path) AS byte_end, [MIN(p.path)] AS names, NULL AS platform "
    "FROM place AS p JOIN item AS i ON i.item_id = p.item_id "
    "WHERE COALESCE(p.kind, i.kind) IN ('leak', 'reference') AND i.size_bytes > 0 "
    "GROUP BY p.item_id"
)
_AUTHOR = (
    "SELECT 'author' AS kind, LOWER(TRIM(value)) AS trait_id, "  # noqa: S608 - only constants
    "COUNT(DISTINCT item_id) AS use_count, 0 AS account_count, NULL AS first_at, NULL AS post_id, "
    "MIN(item_id) AS source_item_id, ARG_MIN(byte_start, item_id) AS byte_start, "
    "ARG_MIN(byte_end, item_id) AS byte_end, LIST_SORT(LIST(DISTINCT name)) AS names, "
    f"NULL AS platform FROM property WHERE LOWER(name) IN {_AUTHORS!r} "
    "AND TRIM(value) <> '' GROUP BY LOWER(TRIM(value))"
)
_COLUMNS = (
    "kind, trait_id, use_count, account_count, first_at, post_id, source_item_id, byte_start, "
    "byte_end, names, platform"
)

POSTS = post_once()
"""What has to stand before the posts of both incidents are laid beside each other."""
STEPS = (
    Query(
        "post_own",
        "SELECT * FROM post_once WHERE post_id NOT IN (SELECT post_id FROM post_common)",
    ),
    Query("known_account", _KNOWN_ACCOUNT),
    Query("named", _NAME),
    Query(
        "named_object",
        "SELECT object_id, MIN(kind) AS kind, MIN(canonical) AS canonical, "
        "MIN(display) AS display FROM object GROUP BY object_id",
    ),
    Query(
        "post_object_once",
        "SELECT DISTINCT post_id, object_id FROM post_object WHERE role <> 'inherited'",
    ),
    Query("worded", _WORDED, params={"least_words": LEAST_WORDS}),
    Query("trait_account", _ACCOUNT),
    Query("trait_handle", _HANDLE),
    Query("trait_object", _OBJECT),
    Query("trait_text", _TEXT),
    Query("trait_file", _FILE),
    Query("trait_author", _AUTHOR),
    Query(
        "trait",
        " UNION ALL ".join(
            f"SELECT {_COLUMNS} FROM trait_{name}"  # noqa: S608 - names of the steps above
            for name in ("account", "handle", "object", "text", "file", "author")
        ),
    ),
    Query(
        "member",
        "SELECT DISTINCT m.cluster_id, m.account_id FROM cluster_member AS m "
        "JOIN cluster AS c ON c.cluster_id = m.cluster_id WHERE c.grade = 'first'",
    ),
)
"""From the tables of a case, `post_once` and `post_common` (posts that stand in both, which are
left out) to `trait` (kind, trait_id, counts, first use and where it stands,
names) and `member` (accounts of the clusters that stand out). Anonymous accounts of a thread are
no traits: their ids mean nothing elsewhere. What a post has by repost alone is not its own."""
