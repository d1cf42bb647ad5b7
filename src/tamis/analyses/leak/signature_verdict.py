"""What each message is by its own bytes, for the stages that hold other messages against it."""

from __future__ import annotations

from tamis.plan import Query, identifier

# The table of verdicts from signatures alone: the only place that names it for these stages.
TABLE = identifier("signature_verdict")
_STANDING = """
    SELECT item_id, verdict, verdict = 'verified' AS is_verified,
        verdict IN ('verified', 'arc_attested', 'key_consistent', 'decoy') AS is_settled
    FROM (TABLE given)
"""
STANDING = Query("standing", _STANDING.replace("(TABLE given)", TABLE))
