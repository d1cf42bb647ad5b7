"""The facts beside a message's own signatures, gathered: one row a message that has any."""

from __future__ import annotations

from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house
from tamis.plan import Query

# Of many copies or quotations of one message these are read: verified ones first.
MOST_READ = 40

_VERIFIED = "SELECT item_id FROM signature_verdict WHERE verdict = 'verified'"
_HOLDING = """
    SELECT DISTINCT place.item_id AS item_id, coalesce(mailbox_profile.holder_address,
        place.mailbox_id) AS holder
    FROM place LEFT JOIN mailbox_profile ON mailbox_profile.mailbox_id = place.mailbox_id
    WHERE place.mailbox_id IS NOT NULL
"""
# Equal messages fall into one group, however many there are; only groups are compared.
_SHOWN = """
    SELECT display_hash.item_id AS item_id,
        display_hash.fields_sha256 || display_hash.structure_sha256 || display_hash.body_sha256
            AS shown, verified.item_id IS NOT NULL AS is_verified
    FROM display_hash LEFT JOIN verified ON verified.item_id = display_hash.item_id
    WHERE display_hash.is_plain
"""
_ALIKE = """
    SELECT shown.shown AS shown,
        list_sort(list(DISTINCT shown.item_id) FILTER (WHERE shown.is_verified))[1:2] AS verified,
        list_sort(list(DISTINCT {'holder': coalesce(holding.holder, ''),
            'item_id': shown.item_id}))[1:$most_read] AS members,
        count(DISTINCT shown.item_id) AS message_count
    FROM shown LEFT JOIN holding ON holding.item_id = shown.item_id
    GROUP BY shown.shown HAVING count(DISTINCT shown.item_id) > 1
"""
_OWN_HOLDERS = """
    SELECT item_id, list(holder) AS holders FROM holding GROUP BY item_id
"""
_TWIN = """
    SELECT shown.item_id AS item_id, {
        'verified_id': list_filter(alike.verified, lambda one: one <> shown.item_id)[1],
        'other_holder_id': list_filter(alike.members, lambda one: one.item_id <> shown.item_id
            AND one.holder <> '' AND NOT list_contains(
                coalesce(own_holders.holders, CAST([] AS VARCHAR[])), one.holder))[1].item_id
        } AS twin
    FROM shown JOIN alike ON alike.shown = shown.shown
        LEFT JOIN own_holders ON own_holders.item_id = shown.item_id
"""
_COPIES = """
    SELECT item_id, list({'other_id': other_id, 'bearing': bearing, 'differing': differing,
        'detail': detail} ORDER BY bearing = 'none', other_id)[1:$most_read] AS copies
    FROM (
        SELECT item_b AS item_id, item_a AS other_id, CASE WHEN is_a_verified THEN bearing
            ELSE 'none' END AS bearing, differing, detail
        FROM copy_pair WHERE relation <> 'near_copy'
        UNION ALL
        SELECT item_a, item_b, 'none', differing, detail
        FROM copy_pair WHERE relation <> 'near_copy')
    GROUP BY item_id
"""
_PLAIN = """
    SELECT item_id, bool_and(coalesce(media_type, 'text/plain') = 'text/plain') AS is_plain_text
    FROM part WHERE NOT starts_with(coalesce(media_type, ''), 'multipart/')
        AND content_item_id IS NULL
    GROUP BY item_id
"""
_AUTHOR = "SELECT item_id, lower(from_address) AS sender FROM message"
_QUOTES = f"""
    SELECT quote_match.quoted_item_id AS item_id, list({{'item_id': quote_match.item_id,
        'bearing': CASE WHEN quote_match.is_quoting_verified THEN quote_match.bearing
            ELSE 'none' END,
        'matched_share': quote_match.matched_share,
        'is_quoted_plain': coalesce(plain_text.is_plain_text, true),
        'is_same_house': {is_same_house("quoter.sender", "quoted.sender")},
        'detail': quote_match.detail}}
        ORDER BY NOT quote_match.is_quoting_verified, quote_match.item_id)[1:$most_read] AS quotes
    FROM quote_match LEFT JOIN plain_text ON plain_text.item_id = quote_match.quoted_item_id
        LEFT JOIN author AS quoter ON quoter.item_id = quote_match.item_id
        LEFT JOIN author AS quoted ON quoted.item_id = quote_match.quoted_item_id
    GROUP BY quote_match.quoted_item_id
"""  # noqa: S608 (names of columns of this program)
_FILE = """
    SELECT DISTINCT item_id, content_item_id FROM part
    WHERE content_item_id IS NOT NULL AND NOT starts_with(coalesce(media_type, ''), 'message/')
"""
_CARRIED = """
    SELECT file.content_item_id AS content_item_id,
        list_sort(list(file.item_id))[1:$most_read] AS carriers
    FROM file JOIN verified ON verified.item_id = file.item_id GROUP BY file.content_item_id
"""
_ATTACHMENTS = """
    SELECT file.item_id AS item_id, list({'content_item_id': file.content_item_id,
        'verified_carrier_ids': list_filter(coalesce(carried.carriers, CAST([] AS VARCHAR[])),
            lambda one: one <> file.item_id)} ORDER BY file.content_item_id) AS attachments
    FROM file LEFT JOIN carried ON carried.content_item_id = file.content_item_id
    GROUP BY file.item_id
"""
_ORIGINAL = """
    SELECT reference_match.item_id AS item_id, {'outcome': reference_match.outcome,
        'reference_item_id': reference_match.reference_item_id,
        'vouched_by': reference_match.vouched_by,
        'differing': reference_match.differing, 'undecided': reference_match.undecided,
        'detail': reference_match.detail,
        'is_same_display': coalesce(one.is_plain AND other.is_plain
            AND one.fields_sha256 = other.fields_sha256
            AND one.structure_sha256 = other.structure_sha256
            AND one.body_sha256 = other.body_sha256, false)} AS original
    FROM reference_match LEFT JOIN display_hash AS one ON one.item_id = reference_match.item_id
        LEFT JOIN display_hash AS other ON other.item_id = reference_match.reference_item_id
"""
_REPAIR = """
    SELECT item_id, {'outcome': outcome, 'basis': basis, 'steps_detail': steps_detail,
        'is_display_changed': coalesce(is_display_changed, true),
        'repaired_item_id': repaired_item_id, 'repaired_verdict': repaired_verdict,
        'repaired_does_not_claim': repaired_does_not_claim} AS repair
    FROM repair
"""
_SCORE = """
    SELECT item_id, {'is_contradicted': is_contradicted, 'is_impossible': is_impossible,
        'expected_false': expected_false, 'detail': detail} AS score
    FROM header_score
"""
_CHAIN = """
    SELECT item_id, {'chain_holds': chain_holds, 'is_known_sealer': is_known_sealer,
        'attests_from': attests_from, 'sealer': sealer, 'detail': detail} AS chain
    FROM arc_chain
"""
_SEALS = """
    SELECT item_id, list({'position': position, 'kind': kind, 'header_verifies': header_verifies,
        'body_matches': body_matches, 'covers_whole_body': covers_whole_body,
        'key_source': key_source, 'key_status': key_status, 'alignment': alignment,
        'conforms': conforms, 'detail': detail} ORDER BY position)
        AS seals
    FROM signature WHERE kind IN ('smime', 'openpgp') GROUP BY item_id
"""
_DECOYED = """
    SELECT item_id, list({'decoy_id': decoy_id, 'relation': relation, 'standing': standing,
        'authorities': authorities, 'detail': detail}
        ORDER BY relation <> 'same_bytes', shared_count DESC NULLS LAST, decoy_id)[1:$most_read]
        AS decoys
    FROM decoy_match GROUP BY item_id
"""
_KNOWN = """
    SELECT signature_verdict.*, coalesce(
            item.media_type LIKE 'application/vnd.tamis.outlook%', false) AS is_rebuilt,
        repairs.repair, originals.original, scores.score, chains.chain, twins.twin,
        copied.copies, quoted.quotes, attached.attachments, sealed.seals,
        decoyed.decoys
    FROM signature_verdict JOIN item ON item.item_id = signature_verdict.item_id
        LEFT JOIN repairs ON repairs.item_id = signature_verdict.item_id
        LEFT JOIN originals ON originals.item_id = signature_verdict.item_id
        LEFT JOIN scores ON scores.item_id = signature_verdict.item_id
        LEFT JOIN chains ON chains.item_id = signature_verdict.item_id
        LEFT JOIN twins ON twins.item_id = signature_verdict.item_id
        LEFT JOIN copied ON copied.item_id = signature_verdict.item_id
        LEFT JOIN quoted ON quoted.item_id = signature_verdict.item_id
        LEFT JOIN attached ON attached.item_id = signature_verdict.item_id
        LEFT JOIN sealed ON sealed.item_id = signature_verdict.item_id
        LEFT JOIN decoyed ON decoyed.item_id = signature_verdict.item_id
"""
READS = (
    *("signature_verdict", "signature_evidence", "signature", "display_hash", "item", "place"),
    *("part", "mailbox_profile", "reference_match", "repair", "copy_pair", "quote_match"),
    *("header_score", "arc_chain", "message", "decoy_match"),
)
FACTS = (
    *("repair", "original", "score", "chain", "twin"),
    *("copies", "quotes", "attachments", "seals", "decoys"),
)


def known_steps() -> tuple[Query, ...]:
    """The steps to `known`: every judged message, with all that is known beside its bytes.

    Output    known: the columns of signature_verdict, is_rebuilt, and a column for each of FACTS
    Limits    of one message's copies, and of the messages that quote it, the first `most_read`
    """
    steps = {
        "verified": _VERIFIED,
        "holding": _HOLDING,
        "shown": _SHOWN,
        "alike": _ALIKE,
        "own_holders": _OWN_HOLDERS,
        "twins": _TWIN,
        "copied": _COPIES,
        "plain_text": _PLAIN,
        "author": _AUTHOR,
        "quoted": _QUOTES,
        "file": _FILE,
        "carried": _CARRIED,
        "attached": _ATTACHMENTS,
        "originals": _ORIGINAL,
        "repairs": _REPAIR,
        "scores": _SCORE,
        "chains": _CHAIN,
        "sealed": _SEALS,
        "decoyed": _DECOYED,
        "known": _KNOWN,
    }
    return tuple(Query(name, sql, WITNESS_PARAMS) for name, sql in steps.items())
