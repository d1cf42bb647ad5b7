"""Cascades of posts, posts that were passed on unusually early, accounts that are first again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.cascades.schema import FOUND
from tamis.plan import Kernel, Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tamis.plan import Partition, Step

VERSION = 1
PARAMS: Mapping[str, Any] = {
    "windows_s": (60, 300),
    "min_other_posts": 5,
    "first_k": 10,
    "min_roots": 3,
}

# One row for each carrying post; files that tell of it twice are sorted out only where there are.
_PASSING = "type IN ('repost', 'quote', 'forward') AND target_post_id IS NOT NULL"
_NODE = "COALESCE(post_id, action_id)"
_TOLD = "account_id, target_post_id, target_account_id, via_post_id, acted_at"
_RANK = "CASE type WHEN 'repost' THEN 1 WHEN 'forward' THEN 2 ELSE 3 END"
_TWICE = (
    f"SELECT {_NODE} AS node_id FROM action WHERE {_PASSING} "  # noqa: S608 - constants
    f"GROUP BY {_NODE} HAVING COUNT(*) > 1"
)
_PASSED = (
    f"SELECT {_NODE} AS node_id, {_TOLD}, {_RANK} AS kind_rank FROM action "  # noqa: S608
    f"WHERE {_PASSING} AND {_NODE} NOT IN (SELECT node_id FROM passed_twice) UNION ALL "
    f"SELECT node_id, {_TOLD}, kind_rank FROM (SELECT node_id, {_TOLD}, kind_rank, "
    "ROW_NUMBER() OVER (PARTITION BY node_id ORDER BY kind_rank, "
    "CASE WHEN acted_at IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0), "
    f"target_post_id) AS place FROM (SELECT {_NODE} AS node_id, {_TOLD}, {_RANK} AS kind_rank, "
    f"source_item_id, byte_start FROM action WHERE {_PASSING} "
    f"AND {_NODE} IN (SELECT node_id FROM passed_twice)) AS again) AS numbered WHERE place = 1"
)
_THING_CODE = (
    "SELECT post_id, ROW_NUMBER() OVER (ORDER BY post_id) - 1 AS thing_no FROM ("
    "SELECT target_post_id AS post_id FROM passed UNION "
    "SELECT via_post_id AS post_id FROM passed WHERE via_post_id IS NOT NULL) AS named"
)
_THING_POST = (
    "SELECT post_id, account_id, posted_at FROM (SELECT post_id, account_id, posted_at, "
    "ROW_NUMBER() OVER (PARTITION BY post_id ORDER BY version, "
    "CASE WHEN posted_at IS NULL THEN 1 ELSE 0 END, "
    "CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0), "
    "posted_at, account_id) AS place FROM post "
    "WHERE post_id IN (SELECT post_id FROM thing_code)) AS numbered WHERE place = 1"
)
_TOLD_AUTHOR = (
    "SELECT target_post_id AS post_id, MIN(target_account_id) AS account_id FROM passed "
    "WHERE target_account_id IS NOT NULL GROUP BY target_post_id"
)
_THING = (
    "SELECT c.thing_no, c.post_id, COALESCE(p.account_id, t.account_id) AS account_id, "
    "p.posted_at FROM thing_code AS c LEFT JOIN thing_post AS p ON c.post_id = p.post_id "
    "LEFT JOIN told_author AS t ON c.post_id = t.post_id"
)
_ACCOUNT_CODE = (
    "SELECT account_id, ROW_NUMBER() OVER (ORDER BY account_id) - 1 AS account_no FROM ("
    "SELECT account_id FROM passed WHERE account_id IS NOT NULL UNION "
    "SELECT account_id FROM thing WHERE account_id IS NOT NULL) AS named"
)
# What an author wrote: posts, edits counted once, that pass nothing on.
_OWN_POST = (
    "SELECT account_id, COUNT(DISTINCT COALESCE(edited_of, post_id)) AS own_count FROM post "
    "WHERE posted_at IS NOT NULL AND account_id IN (SELECT account_id FROM thing "
    "WHERE posted_at IS NOT NULL) "
    "AND post_id NOT IN (SELECT node_id FROM passed WHERE kind_rank < 3) GROUP BY account_id"
)
_TIE = (
    "SELECT a.account_no, b.account_no AS own_no, MIN(t.acted_at) AS at_time FROM action AS t "
    "JOIN account_code AS a ON t.account_id = a.account_id "
    "JOIN account_code AS b ON t.target_account_id = b.account_id "
    "WHERE t.type IN ('mention', 'reply', 'quote') AND t.acted_at IS NOT NULL "
    "AND t.account_id <> t.target_account_id AND (t.type <> 'mention' OR t.post_id IS NULL "
    "OR t.post_id NOT IN (SELECT node_id FROM passed WHERE kind_rank < 3)) "
    "GROUP BY a.account_no, b.account_no"
)
_CODED = (
    "SELECT 'carry' AS part, t.thing_no, a.account_no, o.thing_no AS own_no, "
    "v.thing_no AS via_no, p.acted_at AS at_time, p.kind_rank < 3 AS is_pass FROM passed AS p "
    "JOIN thing_code AS t ON p.target_post_id = t.post_id "
    "LEFT JOIN thing_code AS o ON p.node_id = o.post_id "
    "LEFT JOIN thing_code AS v ON p.via_post_id = v.post_id "
    "LEFT JOIN account_code AS a ON p.account_id = a.account_id UNION ALL "
    "SELECT 'thing' AS part, t.thing_no, a.account_no, NULL AS own_no, NULL AS via_no, "
    "t.posted_at AS at_time, FALSE AS is_pass FROM thing AS t "
    "LEFT JOIN account_code AS a ON t.account_id = a.account_id UNION ALL "
    "SELECT 'tie' AS part, NULL AS thing_no, account_no, own_no, NULL AS via_no, at_time, "
    "FALSE AS is_pass FROM tie UNION ALL "
    "SELECT 'own' AS part, NULL AS thing_no, a.account_no, o.own_count AS own_no, "
    "NULL AS via_no, NULL AS at_time, FALSE AS is_pass FROM own_post AS o "
    "JOIN account_code AS a ON o.account_id = a.account_id"
)
_RUN = "$run_id AS run_id, $analysis_version AS analysis_version"
_AMPLIFICATION = (
    "SELECT t.post_id, t.account_id, t.posted_at, f.window_s, f.early_count, "  # noqa: S608
    "f.size AS account_count, f.other_count, f.expected, f.dispersion, f.p_value, f.q_value, "
    f"f.test_count, {_RUN} FROM found AS f JOIN thing AS t ON f.thing_no = t.thing_no "
    "WHERE f.kind = 'test'"
)
_EARLY_ACCOUNT = (
    "SELECT a.account_id, f.size AS root_count, f.early_count AS first_count, "  # noqa: S608
    f"f.expected, f.p_value, f.q_value, f.test_count, {_RUN} FROM found AS f "
    "JOIN account_code AS a ON f.account_no = a.account_no WHERE f.kind = 'account'"
)
_CASCADE = (
    "SELECT t.post_id, t.account_id, t.posted_at, "  # noqa: S608
    "f.size AS post_count, f.account_count, f.depth, f.breadth, f.virality, "
    "CASE WHEN f.via_count = f.size - 1 THEN 'native' "
    "WHEN f.related_count > 0 THEN 'inferred' WHEN f.via_count > 0 THEN 'partly' "
    "ELSE 'star' END AS grade, "
    "f.via_count, f.related_count, f.direct_count, f.untimed_count, f.last_at, "
    f"{_RUN} FROM found AS f JOIN thing AS t ON f.thing_no = t.thing_no WHERE f.kind = 'tree'"
)


def _found(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    from tamis.analyses.spread.cascades.kernel import cascades  # noqa: PLC0415  # imports numba

    return cascades(table, params, part)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from actions and posts to `amplification`, `early_account` and `cascade`.

    Input     action, post. `windows_s`: how soon is early, in seconds; `min_other_posts`: fewer
              other posts of the author allow no test; `first_k`: who counts as first;
              `min_roots`: an account that carried fewer posts with more than `first_k` carriers
              is not tested
    Output    amplification: one row per window and post that others passed on; early_account: one
              per account that was at least twice among the first; cascade: one per post from which
              a cascade starts
    Missing   no p-value where the author has too few other posts, the post is not in the
              collection, or the collection ends before the window does
    Source    Counts of one author's posts as negative binomial numbers of one mean, tested given
              their sum (beta-binomial), with the larger of the dispersions of the author's other
              posts and of other authors' posts; first among n carriers by chance k/n (Poisson
              binomial). All p-values of one kind are corrected together (Benjamini and Hochberg
              1995). Parents: the intermediate post that the platform names; else the latest earlier
              carrier to whom the account had spoken (after Goel et al. 2016 and Vosoughi, Roy and
              Aral 2018, who use follows); else the post itself.
    Limits    A small p-value says that a post was passed on sooner, or an account is first more
              often, than its own past or chance explains. It names no cause: news, a large
              audience that happens to be awake, notifications and programs all do it. Other posts
              of the author are those of this collection; one made by searching for a topic holds
              few. A tree of grade `star` is how platforms export reposts, not how they went;
              inferred parents are a guess that spoken ties support.
    """
    told = {**PARAMS, **params}
    chosen = {name: told[name] for name in PARAMS}
    steps = (
        ("passed_twice", _TWICE),
        ("passed", _PASSED),
        ("thing_code", _THING_CODE),
        ("thing_post", _THING_POST),
        ("told_author", _TOLD_AUTHOR),
        ("thing", _THING),
        ("account_code", _ACCOUNT_CODE),
        ("own_post", _OWN_POST),
        ("tie", _TIE),
        ("coded", _CODED),
    )
    results = (
        ("amplification", _AMPLIFICATION),
        ("early_account", _EARLY_ACCOUNT),
        ("cascade", _CASCADE),
    )
    return (
        *(Query(name, sql, portable=True) for name, sql in steps),
        Kernel("found", 1, _found, "coded", FOUND, is_sorted=False, params=chosen),
        *(Query(name, sql, portable=True) for name, sql in results),
    )


ANALYSIS = Analysis(
    name="amplification",
    version=VERSION,
    question="spread",
    reads=("action", "post"),
    writes=("amplification", "early_account", "cascade"),
    params=PARAMS,
    build=build,
)
