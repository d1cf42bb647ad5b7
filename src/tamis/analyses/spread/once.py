"""Posts and actions once each, however many files and lines told of them.

`post` holds a row for each version and each file in which a post was found, `action` likewise;
an analysis counts distinct ids. These steps keep one row an id: the first version, from the
row that knows most, then from the file that sorts first, so that the choice never varies.
Where an edit is a post of its own, `root_id` names the post that all its versions are.
"""

from __future__ import annotations

from tamis.plan import Query

POST_ONCE = Query(
    "post_once",
    "SELECT post_id, root_id, platform, account_id, posted_at, posted_low_at, posted_high_at, "
    "clock, source_item_id, byte_start, byte_end FROM ("
    "SELECT post_id, COALESCE(edited_of, post_id) AS root_id, platform, account_id, posted_at, "
    "posted_low_at, posted_high_at, clock, source_item_id, byte_start, byte_end, "
    "ROW_NUMBER() OVER (PARTITION BY post_id ORDER BY "
    "version, CASE WHEN posted_at IS NULL THEN 1 ELSE 0 END, "
    "CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, source_item_id, "
    "COALESCE(byte_start, 0), posted_at, account_id) AS place FROM post) AS numbered "
    "WHERE place = 1",
    portable=True,
)

ACTION_ONCE = Query(
    "action_once",
    "SELECT action_id, type, account_id, post_id, target_post_id, target_account_id, acted_at "
    "FROM (SELECT action_id, type, account_id, post_id, target_post_id, target_account_id, "
    "acted_at, ROW_NUMBER() OVER (PARTITION BY action_id ORDER BY "
    "CASE WHEN acted_at IS NULL THEN 1 ELSE 0 END, source_item_id, COALESCE(byte_start, 0)) "
    "AS place FROM action) AS numbered WHERE place = 1",
    portable=True,
)
