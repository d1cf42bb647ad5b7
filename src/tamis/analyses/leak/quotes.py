"""Text quoted in other messages: which quotation belongs to which message, and what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.leak.corpus import DRAFTED, MEMBER
from tamis.analyses.leak.signature_verdict import STANDING
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.analyses.leak.witness import WITNESS_PARAMS, is_same_house
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 4
NAME = "leak.quotes"
READS = ("place", "item", "message", "header", "part", "signature", "mailbox_profile", VERDICTS)
WRITES = ("quote_match",)
PARAMS: Mapping[str, Any] = {
    "most_references": 10,
    "most_copies": 20,
    "most_quoting": 50,
    "most_by_text": 5,
    "rare_messages": 3,
    "least_words": 12,
    "least_characters": 40,
    "least_repliers": 2,
    **WITNESS_PARAMS,
}
# What the cell says of one body.
DISSECTED = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("own_tokens", pa.string(), nullable=False),
        pa.field("quoted_tokens", pa.string(), nullable=False),
        pa.field("own_words", pa.int64(), nullable=False),
        pa.field("style", pa.string()),
        pa.field("layout", pa.string()),
        pa.field("attribution", pa.string(), nullable=False),
        pa.field("char_start", pa.int64()),
        pa.field("char_end", pa.int64()),
    ]
)
SENTENCE = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("sentence", pa.int64(), nullable=False),
        pa.field("words", pa.int64(), nullable=False),
        pa.field("is_own", pa.bool_(), nullable=False),
    ]
)
# What the cell says of one message beside one quotation.
FOUND = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("quoted_item_id", pa.string(), nullable=False),
        pa.field("matched_words", pa.int64(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),
        pa.field("difference", pa.string()),
        pa.field("message_text", pa.string()),
        pa.field("quote_text", pa.string()),
        pa.field("char_start", pa.int64()),
        pa.field("char_end", pa.int64()),
        pa.field("depth", pa.int64(), nullable=False),
        pa.field("is_whole", pa.bool_(), nullable=False),
    ]
)
MARKED = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)

_SPOKEN = """
    SELECT message.item_id AS item_id, message.message_id AS message_id, message.in_reply_to,
        message.reference_ids, lower(message.from_address) AS sender, message.from_name,
        [lower(one) FOR one IN list_concat(coalesce(message.to_addresses, CAST([] AS VARCHAR[])),
            coalesce(message.cc_addresses, CAST([] AS VARCHAR[])))] AS receivers,
        message.sent_at, coalesce(message.message_id, message.item_id) AS thread_key,
        coalesce(standing.is_verified, false) AS is_verified,
        coalesce(standing.is_settled, false) AS is_settled
    FROM message LEFT JOIN standing ON standing.item_id = message.item_id
    WHERE message.item_id IN (
        SELECT place.item_id FROM place JOIN item ON item.item_id = place.item_id
        WHERE coalesce(place.kind, item.kind) = 'leak') AND message.body_text <> ''
"""
# Messages whose own signature says which message they answer.
_ANSWERING = f"""
    SELECT word.item_id AS item_id FROM {VERDICTS} AS word
        JOIN signature ON signature.item_id = word.item_id AND signature.kind = 'dkim'
            AND signature.position = word.signature_position
            AND list_contains(signature.signed_headers, 'in-reply-to')
        JOIN header ON header.item_id = word.item_id AND lower(header.name) = 'in-reply-to'
    WHERE word.verdict = 'verified' GROUP BY word.item_id HAVING count(*) = 1
"""  # noqa: S608 (names of tables of this program)
_QUOTING = """
    SELECT spoken.*, dissected.style, dissected.layout, dissected.attribution
    FROM spoken JOIN dissected ON dissected.item_id = spoken.item_id
    WHERE dissected.quoted_tokens <> ''
"""
# Of the copies of one message so many different ones are looked for, the verified ones first.
_QUOTABLE = """
    SELECT spoken.*, dissected.own_words FROM spoken
        JOIN dissected ON dissected.item_id = spoken.item_id
    WHERE dissected.own_tokens <> ''
    QUALIFY row_number() OVER (PARTITION BY thread_key
        ORDER BY NOT is_verified, dissected.own_tokens, spoken.item_id) <= $most_copies
"""
# What the dump found in its own author's mailbox alone.
_AT_HOME = """
    SELECT spoken.item_id AS item_id FROM spoken
        JOIN member ON member.item_id = spoken.item_id AND member.kind = 'leak'
        LEFT JOIN mailbox_profile AS profile ON profile.mailbox_id = member.mailbox_id
            AND profile.kind = 'leak'
    GROUP BY spoken.item_id
    HAVING bool_and(coalesce(profile.holder_address = spoken.sender, false))
"""
_NAMED_ID = """
    SELECT item_id, quoted_id, min(place) AS place FROM (
        SELECT item_id, in_reply_to AS quoted_id, 0 AS place FROM quoting
        WHERE in_reply_to IS NOT NULL
        UNION ALL
        SELECT item_id, unnest(list_slice(reference_ids,
            greatest(len(reference_ids) - $most_references + 1, 1), len(reference_ids))), 1
        FROM quoting)
    GROUP BY item_id, quoted_id
"""
_LINKED = """
    SELECT named_id.item_id AS item_id, quotable.item_id AS quoted_item_id,
        CASE named_id.place WHEN 0 THEN 'in_reply_to' ELSE 'references' END AS basis
    FROM named_id JOIN quoting ON quoting.item_id = named_id.item_id
        JOIN quotable ON quotable.message_id = named_id.quoted_id
    WHERE quoting.message_id IS DISTINCT FROM quotable.message_id
"""
# A sentence that few messages wrote; stock phrases and signatures are written by many.
_RARE = """
    SELECT sentence.sentence AS sentence FROM sentence
        JOIN spoken ON spoken.item_id = sentence.item_id
    WHERE sentence.is_own
    GROUP BY sentence.sentence
    HAVING count(DISTINCT spoken.thread_key) <= $rare_messages
"""
_SHARED = """
    SELECT q.item_id AS item_id, p.item_id AS quoted_item_id,
        count(DISTINCT q.sentence) AS rare_count, sum(q.words) AS word_count
    FROM sentence AS q JOIN rare ON rare.sentence = q.sentence
        JOIN sentence AS p ON p.sentence = q.sentence AND p.is_own
        JOIN quotable ON quotable.item_id = p.item_id
        JOIN quoting ON quoting.item_id = q.item_id
    WHERE NOT q.is_own AND q.item_id <> p.item_id
        AND quoting.message_id IS DISTINCT FROM quotable.message_id
    GROUP BY q.item_id, p.item_id
"""
_BY_TEXT = """
    SELECT shared.item_id AS item_id, shared.quoted_item_id AS quoted_item_id,
        CASE WHEN contains(lower(quoting.attribution), quotable.sender)
            OR (length(quotable.from_name) > 5 AND contains(quotable.from_name, ' ')
                AND contains(lower(quoting.attribution), lower(quotable.from_name)))
            THEN 'attribution_line' ELSE 'text' END AS basis
    FROM shared JOIN quoting ON quoting.item_id = shared.item_id
        JOIN quotable ON quotable.item_id = shared.quoted_item_id
    WHERE word_count >= $least_words
        AND (shared.item_id, shared.quoted_item_id) NOT IN (
            SELECT (item_id, quoted_item_id) FROM linked)
    QUALIFY row_number() OVER (PARTITION BY shared.item_id
        ORDER BY rare_count DESC, NOT quotable.is_verified, quoted_item_id) <= $most_by_text
"""
_CANDIDATE = """
    SELECT item_id, quoted_item_id, basis FROM (
        SELECT * FROM linked UNION ALL SELECT * FROM by_text) AS found
        JOIN (SELECT item_id AS quoting_id, is_verified FROM quoting) AS quoting
            ON quoting.quoting_id = found.item_id
    QUALIFY row_number() OVER (PARTITION BY quoted_item_id
        ORDER BY NOT is_verified, basis, item_id) <= $most_quoting
"""
# A message whose words stand in the quotation one after the other needs no further look.
_WHOLE = """
    SELECT candidate.item_id AS item_id, candidate.quoted_item_id AS quoted_item_id,
        p.own_words AS own_words, q.char_start AS char_start, q.char_end AS char_end
    FROM candidate JOIN dissected AS q ON q.item_id = candidate.item_id
        JOIN dissected AS p ON p.item_id = candidate.quoted_item_id
    WHERE length(p.own_tokens) >= $least_characters AND contains(q.quoted_tokens, p.own_tokens)
"""
_TO_FIND = """
    SELECT item_id, quoted_item_id, row_number() OVER (ORDER BY item_id, quoted_item_id) - 1
        AS place
    FROM candidate WHERE (item_id, quoted_item_id) NOT IN (
        SELECT (item_id, quoted_item_id) FROM whole)
"""
_RESULT = """
    SELECT item_id, quoted_item_id, own_words AS matched_words, CAST(1 AS DOUBLE) AS share,
        CAST(NULL AS VARCHAR) AS difference, CAST(NULL AS VARCHAR) AS message_text,
        CAST(NULL AS VARCHAR) AS quote_text, char_start, char_end, 1 AS depth,
        true AS is_whole
    FROM whole
    UNION ALL SELECT * FROM found_quote
"""
_JOINED = f"""
    SELECT result.*, candidate.basis AS basis, quoting.is_verified AS is_quoting_verified,
        quotable.is_verified AS is_quoted_verified, quotable.is_settled AS is_settled,
        quoting.style AS style, quoting.layout AS layout, quoting.sender AS sender,
        {is_same_house("quoting.sender", "quotable.sender")}
            OR coalesce(list_contains(quotable.receivers, quoting.sender), false) AS is_party,
        quotable.thread_key AS thread_key, at_home.item_id IS NOT NULL AS is_at_home,
        drafted.item_id IS NOT NULL AS is_draft,
        answering.item_id IS NOT NULL AND candidate.basis = 'in_reply_to' AND result.depth = 1
            AND coalesce(list_contains(quoting.receivers, quotable.sender)
                AND len([one FOR one IN quoting.receivers IF one <> quotable.sender
                    AND one <> quoting.sender AND NOT list_contains(quotable.receivers, one)
                    AND NOT {is_same_house("one", "quoting.sender")}]) = 0, false) AS is_answer,
        coalesce(shared.rare_count, 0) AS rare_count, marked.item_id IS NOT NULL AS is_page,
        CASE WHEN result.matched_words = 0 THEN 'not_found'
            WHEN result.difference IS NOT NULL AND candidate.basis IN ('in_reply_to', 'references')
            THEN 'differs' ELSE 'contains' END AS outcome
    FROM result JOIN candidate ON candidate.item_id = result.item_id
            AND candidate.quoted_item_id = result.quoted_item_id
        JOIN quoting ON quoting.item_id = result.item_id
        JOIN quotable ON quotable.item_id = result.quoted_item_id
        LEFT JOIN shared ON shared.item_id = result.item_id
            AND shared.quoted_item_id = result.quoted_item_id
        LEFT JOIN answering ON answering.item_id = result.item_id
        LEFT JOIN at_home ON at_home.item_id = result.quoted_item_id
        LEFT JOIN drafted ON drafted.item_id = result.quoted_item_id
        LEFT JOIN marked ON marked.item_id = result.item_id
"""  # noqa: S608 (names of columns of this program)
# Who stands between two people can hand on another text, under the same id too, and let it be
# answered; and whoever leaks an answer can name another message in a field that is not signed. So
# only an answer to the message itself contradicts it: to its author, by a signed In-Reply-To, and
# to nobody who was no party to it. Where the dump holds the version that was answered, under the
# same id, it may be another's letter in the author's name, unless it lay with the author alone.
# Words that the quotation skips: one person may have cut them, two will not cut the same.
_WEIGHED = """
    SELECT *, CASE WHEN NOT is_quoting_verified THEN 'none'
        WHEN outcome = 'contains' AND NOT is_quoted_verified AND rare_count > 0
            AND matched_words >= $least_words AND (basis IN ('in_reply_to', 'references')
                OR is_whole OR (rare_count > 1 AND share >= 0.5 AND difference IS NULL))
        THEN CASE WHEN is_whole THEN 'supports' ELSE 'supports_part' END
        WHEN outcome = 'differs' AND is_party AND is_answer AND NOT is_settled AND NOT is_two
            AND NOT is_draft
            AND NOT bool_or(is_quoting_verified AND outcome = 'contains' AND is_whole)
                OVER (PARTITION BY quoted_item_id)
            AND (difference IN ('replaced', 'more_in_quote') OR skipping_count >= $least_repliers)
        THEN 'contradicts' ELSE 'none' END AS bearing
    FROM (SELECT joined.*, coalesce(skipping.sender_count, 0) AS skipping_count,
            bool_or(outcome = 'contains' AND NOT is_quoted_verified AND NOT is_at_home)
                OVER (PARTITION BY item_id, thread_key) AS is_two
        FROM joined LEFT JOIN (
            SELECT quoted_item_id, message_text, count(DISTINCT sender) AS sender_count
            FROM joined WHERE difference = 'missing_in_quote' AND is_quoting_verified AND is_party
                AND is_answer
            GROUP BY ALL) AS skipping
        ON skipping.quoted_item_id = joined.quoted_item_id
            AND skipping.message_text = joined.message_text)
"""
_QUOTE_MATCH = """
    SELECT item_id, quoted_item_id, basis, is_quoting_verified, is_quoted_verified, outcome,
        bearing, share AS matched_share, matched_words, rare_count AS rare_sentence_count,
        CASE WHEN outcome = 'differs' THEN difference END AS difference,
        CASE WHEN outcome = 'differs' THEN left(quote_text, 2000) END AS differing_text,
        CASE WHEN outcome = 'differs' THEN concat('- ', left(quote_text, 2000), chr(10), '+ ',
            left(message_text, 2000)) END AS changes,
        CASE WHEN NOT is_page THEN char_start END AS char_start,
        CASE WHEN NOT is_page THEN char_end END AS char_end, style, layout, depth,
        CASE outcome WHEN 'not_found' THEN 'The quotation holds none of its words.'
            WHEN 'contains' THEN 'The quotation holds ' || matched_words || ' of its words ('
                || round(share * 100) || ' %) as they stand'
                || CASE WHEN is_whole THEN ': all it says.'
                    ELSE '; the rest of it is not quoted.' END
                || CASE WHEN rare_count = 0
                    THEN ' None of its whole sentences is rare in this dump: it supports nothing.'
                    ELSE '' END
            ELSE 'Between words that agree, the quotation '
                || CASE difference WHEN 'replaced' THEN 'says something else'
                    WHEN 'more_in_quote' THEN 'says more than the message'
                    WHEN 'many' THEN 'differs in more than three places: another version, it may be'
                    ELSE 'lacks words of the message; one who answers may have cut them' END
                || '. Which of the two was changed, by whom and why, is unknown.' END
            || CASE WHEN outcome = 'differs' AND is_quoting_verified
                    AND NOT (is_party AND is_answer)
                THEN ' It is no answer of one party to the other by a signed field: the words may '
                    || 'have come by a third hand, and nothing follows from it.' ELSE '' END
            || CASE WHEN outcome = 'differs' AND is_quoting_verified AND is_two
                THEN ' The dump also holds a message under the same Message-ID that says what is '
                    || 'quoted; which of the two the author wrote is unknown.' ELSE '' END
            || CASE WHEN is_quoting_verified THEN ' The message that quotes is verified.' ELSE
                ' The message that quotes is not verified: nothing follows from it.' END AS detail,
        $run_id AS run_id, $analysis_version AS analysis_version
    FROM weighed
"""


def candidate_steps() -> tuple[Step, ...]:
    """The steps from `dissected` and `sentence` to `to_find`, the pairs that the cell aligns.

    Input     place, item, message, verdicts by signature
    Output    candidate: which quotation may hold which message; whole: those that plainly do
    Source    In-Reply-To and References (RFC 5322 section 3.6.4); where they lead nowhere, whole
              sentences that at most `rare_messages` messages wrote
    Limits    the last `most_references` ids of a References field; `most_copies` copies of one
              message; `most_quoting` quotations of one copy, verified ones first
    """
    steps = (
        *(("spoken", _SPOKEN), ("answering", _ANSWERING), ("quoting", _QUOTING)),
        *(("quotable", _QUOTABLE), ("at_home", _AT_HOME)),
        *(("named_id", _NAMED_ID), ("linked", _LINKED), ("rare", _RARE), ("shared", _SHARED)),
        *(("by_text", _BY_TEXT), ("candidate", _CANDIDATE), ("whole", _WHOLE)),
        ("to_find", _TO_FIND),
    )
    return (STANDING, MEMBER, DRAFTED, *(Query(name, sql) for name, sql in steps))


def match_steps() -> tuple[Step, ...]:
    """The steps from what the cell found (`found_quote`) to `quote_match`.

    Output    quote_match: one row per quoting message and message whose words it may quote
    Limits    a difference says that one of the two was changed, not which; a quotation found by
              its words alone never contradicts
    """
    return tuple(
        Query(name, sql)
        for name, sql in (
            ("result", _RESULT),
            ("joined", _JOINED),
            ("weighed", _WEIGHED),
            ("quote_match", _QUOTE_MATCH),
        )
    )
