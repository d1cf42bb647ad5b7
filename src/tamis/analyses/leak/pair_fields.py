"""Two copies of one message side by side: what differs in their fields, and what the cell adds.

Shared by the reference stage (leaked beside original) and the copies (leaked beside leaked).
"""

from __future__ import annotations

import pyarrow as pa

from tamis.analyses.leak.corpus import DRAFTED
from tamis.plan import Query

# What the cell says of one pair of messages.
COMPARED = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("original_id", pa.string(), nullable=False),
        pa.field("more_differing", pa.list_(pa.field("item", pa.string())), nullable=False),
        pa.field("more_uncounted", pa.list_(pa.field("item", pa.string())), nullable=False),
        pa.field("similarity", pa.float64()),
        pa.field("text_changes", pa.string()),
        pa.field("text_kinds", pa.list_(pa.field("item", pa.string()))),
        pa.field("face_kinds", pa.list_(pa.field("item", pa.string()))),
        pa.field("file_kinds", pa.list_(pa.field("item", pa.string()))),
        pa.field("is_cut", pa.bool_(), nullable=False),
        pa.field("is_same_files", pa.bool_()),
        pa.field("trouble", pa.string()),
    ]
)
_SIDES = """
    SELECT item_id, bool_or(kind = 'leak') AS is_leak, bool_or(kind = 'reference') AS is_reference
    FROM (
        SELECT place.item_id AS item_id, coalesce(place.kind, item.kind) AS kind
        FROM place JOIN item ON item.item_id = place.item_id)
    GROUP BY item_id
"""
# Stores keep the declared type of a file that a notice replaced: its bytes say what it is.
_ATTACHED = """
    SELECT part.item_id AS item_id,
        md5(array_to_string(list(content_item_id ORDER BY content_item_id), ' ')) AS files_hash,
        array_to_string(list_slice(list(left(content_item_id, 16) ORDER BY content_item_id), 1, 20),
            ' ') AS files,
        bool_and(regexp_matches(coalesce(item.media_type, ''),
            '^application/(pdf|msword|vnd[.](openxml|oasis|ms-(excel|powerpoint|word)))'))
            AS are_fixed,
        -- With the file each belongs to, so that two names that changed places show as well.
        CASE WHEN count(*) = count(name) THEN list_sort(list(
            content_item_id || ' ' || trim(lower(nfc_normalize(name))))) END AS names
    FROM part LEFT JOIN item ON item.item_id = part.content_item_id
    WHERE content_item_id IS NOT NULL
        AND NOT starts_with(coalesce(part.media_type, ''), 'message/')
    GROUP BY part.item_id
"""
_INNER = """
    SELECT item_id, count(*) AS inner_count FROM part
    WHERE content_item_id IS NOT NULL AND starts_with(coalesce(media_type, ''), 'message/')
    GROUP BY item_id
"""
# Where plain text is all a reader shows, the decoded text says everything: no bytes are needed.
_FACED = """
    SELECT item_id, bool_or(coalesce(media_type, 'text/plain') <> 'text/plain')
            OR count(*) > 1 AS has_faces,
        bool_or(coalesce(media_type, 'text/plain') = 'text/plain') AS has_plain,
        count(*) FILTER (WHERE coalesce(media_type, 'text/plain') = 'text/plain') > 1 AS is_split
    FROM part
    WHERE content_item_id IS NULL
        AND (starts_with(coalesce(media_type, 'text/plain'), 'text/'))
    GROUP BY item_id
"""
# A copy that is encrypted or packed cannot be held against one that is not.
_SEALED = """
    SELECT DISTINCT item_id FROM part
    WHERE media_type IN ('application/pkcs7-mime', 'application/x-pkcs7-mime',
        'multipart/encrypted', 'application/pgp-encrypted', 'application/ms-tnef',
        'application/vnd.ms-tnef') OR lower(name) IN ('winmail.dat', 'smime.p7m')
"""
# Who rewrites From for a forwarder or a list says here whose it was.
_REPLIED = """
    SELECT item_id, lower(string_agg(left(value, 1000), ' ' ORDER BY position)) AS addresses
    FROM header WHERE lower(name) IN ('reply-to', 'x-original-from', 'x-original-sender')
    GROUP BY item_id
"""
_PLAIN = r"""
    SELECT message.item_id AS item_id, sides.is_leak, sides.is_reference, message.message_id,
        lower(message.from_address) AS sender, coalesce(message.from_raw, '') AS from_raw,
        trim(regexp_replace(nfc_normalize(coalesce(message.from_name, '')), '[\s''"]+', ' ', 'g'))
            AS sender_name, attached.names AS file_names,
        list_sort(list_distinct(string_split(
            lower(array_to_string(message.to_addresses, chr(10))), chr(10)))) AS receivers,
        list_sort(list_distinct(string_split(
            lower(array_to_string(message.cc_addresses, chr(10))), chr(10)))) AS copied,
        trim(regexp_replace(nfc_normalize(coalesce(message.subject, '')), '\s+', ' ', 'g'))
            AS subject,
        date_trunc('second', message.sent_at) AS sent_at,
        -- Mailbox files put a mark before lines that begin with "From ", and not all say so.
        trim(regexp_replace(regexp_replace(nfc_normalize(regexp_replace(
                coalesce(message.body_text, ''), '(^|\n)>+From ', '\1From ', 'g')),
            '[\x{200b}-\x{200d}\x{2060}\x{feff}]', '', 'g'),
            '[\s\x{a0}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{3000}]+', ' ', 'g')) AS words,
        coalesce(attached.files_hash, '') AS files_hash, coalesce(attached.files, '') AS files,
        coalesce(attached.are_fixed, true) AS are_fixed,
        coalesce(inner_message.inner_count, 0) AS inner_count,
        item.reader IS DISTINCT FROM 'eml' AS is_rebuilt,
        coalesce(faced.has_faces, false) AS has_faces,
        coalesce(faced.has_plain, true) AS has_plain,
        coalesce(faced.is_split, false) AS is_split,
        message.received_count > 0 AS is_received, coalesce(replied.addresses, '') AS replied_to,
        sealed.item_id IS NOT NULL AS is_sealed,
        item.status <> 'read' AS is_partial, drafted.item_id IS NOT NULL AS is_draft,
        message.list_id, message.is_bulk
    FROM message
        JOIN sides ON sides.item_id = message.item_id AND (is_leak OR is_reference)
        JOIN item ON item.item_id = message.item_id
        LEFT JOIN attached ON attached.item_id = message.item_id
        LEFT JOIN inner_message ON inner_message.item_id = message.item_id
        LEFT JOIN faced ON faced.item_id = message.item_id
        LEFT JOIN sealed ON sealed.item_id = message.item_id
        LEFT JOIN replied ON replied.item_id = message.item_id
        LEFT JOIN drafted ON drafted.item_id = message.item_id
"""
_PRINTED = """
    SELECT *, md5(words) AS words_hash, md5(replace(words, ' ', '')) AS letters_hash,
        md5(concat_ws(chr(0), coalesce(sender, ''), array_to_string(receivers, ' '),
            array_to_string(copied, ' '), subject, coalesce(CAST(epoch_us(sent_at) AS VARCHAR), ''),
            md5(words), files_hash, CAST(inner_count AS VARCHAR))) AS content_hash
    FROM plain
"""
_PAIR = r"""
    SELECT twin.item_id AS item_id, twin.original_id AS original_id, twin.basis AS basis,
        a.is_rebuilt OR b.is_rebuilt AS from_store, a.is_partial AS is_partial,
        a.is_draft OR b.is_draft AS is_draft,
        b.is_partial AS is_original_partial, a.has_plain <> b.has_plain AS is_other_face,
        a.is_split OR b.is_split AS is_split,
        a.list_id IS NOT NULL OR b.list_id IS NOT NULL AS has_list,
        a.is_received AS is_leak_received, b.is_received AS is_original_received,
        a.are_fixed AND b.are_fixed AS are_fixed, a.files_hash = b.files_hash AS is_same_list,
        a.message_id IS NULL AS is_unnamed,
        a.has_faces OR b.has_faces AS has_faces,
        a.inner_count > 0 OR b.inner_count > 0 AS has_inner,
        a.is_sealed <> b.is_sealed AS is_sealed,
        a.list_id IS DISTINCT FROM b.list_id AS is_list,
        is_list OR a.is_received <> b.is_received AS is_passed,
        a.sender IS DISTINCT FROM b.sender AND NOT (from_store
            AND (NOT coalesce(contains(a.sender, '@'), false)
                OR NOT coalesce(contains(b.sender, '@'), false))) AS is_from,
        a.sender AS leak_sender, b.sender AS original_sender,
        -- The one names the sender of the other as whom to answer, or in its own local part.
        a.sender <> b.sender AND (contains(a.replied_to, b.sender)
            OR contains(b.replied_to, a.sender)
            OR contains(a.sender, replace(b.sender, '@', '=') || '@')
            OR contains(b.sender, replace(a.sender, '@', '=') || '@')) AS is_forwarder,
        -- A store that kept no name of its own often repeats the address.
        a.sender = b.sender AND lower(a.sender_name) <> lower(b.sender_name)
            AND NOT (from_store AND (a.sender_name IN ('', a.sender)
                OR b.sender_name IN ('', b.sender))) AS is_name,
        a.sender_name AS leak_name, b.sender_name AS original_name,
        is_list AND contains(lower(concat(a.from_raw, ' ', b.from_raw)), ' via ') AS is_munged,
        a.receivers <> b.receivers
            AND NOT (from_store AND (a.receivers = [''] OR b.receivers = [''])) AS is_to,
        a.receivers AS leak_receivers, b.receivers AS original_receivers,
        a.copied <> b.copied
            AND NOT (from_store AND (a.copied = [''] OR b.copied = [''])) AS is_cc,
        a.copied AS leak_copied, b.copied AS original_copied,
        a.subject <> b.subject AS is_subject,
        a.subject AS leak_subject, b.subject AS original_subject,
        is_list AND trim(regexp_replace(a.subject, '\[[^\]]{1,60}\] ?', ''))
            = trim(regexp_replace(b.subject, '\[[^\]]{1,60}\] ?', ''))
            OR (is_passed AND regexp_replace(lower(a.subject), $gateway_tag, '')
                = regexp_replace(lower(b.subject), $gateway_tag, '')) AS is_tagged,
        a.sent_at IS DISTINCT FROM b.sent_at AS is_date,
        a.sent_at AS leak_sent_at, b.sent_at AS original_sent_at,
        a.words_hash <> b.words_hash AS is_text, a.letters_hash = b.letters_hash AS is_spacing,
        CASE WHEN a.words_hash <> b.words_hash AND a.letters_hash = b.letters_hash
            THEN regexp_replace(regexp_replace(a.words, '([^\p{L}\p{N}]) ', '\1', 'g'),
                    ' ([^\p{L}\p{N}])', '\1', 'g')
                <> regexp_replace(regexp_replace(b.words, '([^\p{L}\p{N}]) ', '\1', 'g'),
                    ' ([^\p{L}\p{N}])', '\1', 'g') ELSE false END AS is_joined,
        CASE WHEN from_store AND a.words_hash <> b.words_hash
            THEN regexp_replace(a.words, '[^\p{L}\p{N}]', '', 'g')
                = regexp_replace(b.words, '[^\p{L}\p{N}]', '', 'g') ELSE false END AS is_signs,
        is_passed AND (
            (starts_with(a.words, b.words) AND length(a.words) <= length(b.words) + $footer_chars
                AND regexp_matches(substr(a.words, length(b.words) + 1, 20),
                    '^ ?(_{5}|-{2}|={5}|~{5})'))
            OR (starts_with(b.words, a.words) AND length(b.words) <= length(a.words) + $footer_chars
                AND regexp_matches(substr(b.words, length(a.words) + 1, 20),
                    '^ ?(_{5}|-{2}|={5}|~{5})'))) AS is_footer,
        a.files_hash <> b.files_hash OR (a.inner_count <> b.inner_count AND NOT from_store)
            AS is_files, a.files AS leak_files, b.files AS original_files,
        -- Only of the same bytes: another file under another name is an attachment that differs.
        coalesce(is_same_list AND a.file_names <> b.file_names, false) AS is_file_name,
        a.file_names AS leak_file_names, b.file_names AS original_file_names,
        a.is_bulk AND b.is_bulk AS is_bulk
    FROM twin JOIN printed AS a ON a.item_id = twin.item_id
        JOIN printed AS b ON b.item_id = twin.original_id
"""
_COUNTED = """
    SELECT *, is_bulk AND is_to AND NOT is_list AS is_other_recipient, list_sort(list_distinct([
            CASE WHEN is_from AND NOT is_munged THEN 'from' END,
            CASE WHEN is_to AND NOT is_list THEN 'to' END,
            CASE WHEN is_cc AND NOT is_list THEN 'cc' END,
            CASE WHEN is_subject AND NOT is_tagged THEN 'subject' END,
            CASE WHEN is_date THEN 'date' END,
            CASE WHEN is_text AND NOT is_spacing AND NOT is_footer AND NOT is_signs
                THEN 'text' END,
            CASE WHEN is_files THEN 'attachments' END])) AS differing,
        list_sort(list_distinct([
            CASE WHEN is_from AND is_munged THEN 'from, as lists rewrite it' END,
            CASE WHEN (is_to OR is_cc) AND is_list THEN 'recipients, as lists rewrite them' END,
            CASE WHEN is_subject AND is_tagged THEN 'subject tag of a list or gateway' END,
            CASE WHEN is_name THEN 'display name of the sender' END,
            CASE WHEN is_file_name THEN 'names of attached files' END,
            CASE WHEN is_text AND is_spacing
                THEN CASE WHEN is_joined THEN 'words joined or parted' ELSE 'spacing' END END,
            CASE WHEN is_text AND NOT is_spacing AND is_footer
                THEN 'footer of a list or gateway' END,
            CASE WHEN is_signs AND NOT is_spacing THEN 'punctuation, as a store rebuilt it' END,
            CASE WHEN from_store THEN 'rebuilt from a mail store: its markup is not compared' END,
            CASE WHEN basis = 'same_fields' THEN 'Message-ID' END])) AS uncounted
    FROM pair
"""
JUDGED = """
    SELECT *,
        CASE WHEN len(all_differing) > 0 OR is_open THEN concat_ws(chr(10),
            CASE WHEN is_name
                THEN concat('- From, display name: ', left(original_name, 300), chr(10),
                    '+ From, display name: ', left(leak_name, 300)) END,
            CASE WHEN list_contains(all_differing, 'from')
                THEN concat('- From: ', left(original_sender, 300), chr(10),
                    '+ From: ', left(leak_sender, 300)) END,
            CASE WHEN list_contains(all_differing, 'to')
                THEN concat('- To: ', left(array_to_string(original_receivers, ', '), 1000),
                    chr(10), '+ To: ', left(array_to_string(leak_receivers, ', '), 1000)) END,
            CASE WHEN list_contains(all_differing, 'cc')
                THEN concat('- Cc: ', left(array_to_string(original_copied, ', '), 1000),
                    chr(10), '+ Cc: ', left(array_to_string(leak_copied, ', '), 1000)) END,
            CASE WHEN list_contains(all_differing, 'subject')
                THEN concat('- Subject: ', left(original_subject, 1000), chr(10),
                    '+ Subject: ', left(leak_subject, 1000)) END,
            CASE WHEN list_contains(all_differing, 'date')
                THEN concat('- Date: ', strftime(original_sent_at, '%Y-%m-%d %H:%M:%S'), chr(10),
                    '+ Date: ', strftime(leak_sent_at, '%Y-%m-%d %H:%M:%S')) END,
            CASE WHEN list_contains(all_differing, 'attachments')
                THEN concat('- attachments (SHA-256 begins): ', original_files, chr(10),
                    '+ attachments (SHA-256 begins): ', leak_files) END,
            CASE WHEN is_file_name THEN concat('- names of attached files: ',
                left(array_to_string([substr(one, 66) FOR one IN original_file_names], ', '), 1000),
                chr(10), '+ names of attached files: ',
                left(array_to_string([substr(one, 66) FOR one IN leak_file_names], ', '), 1000))
                END,
            text_changes) END AS changes
    FROM (SELECT chosen.*, list_sort([one FOR one IN list_distinct(list_concat(
            chosen.differing, coalesce(compared.more_differing, CAST([] AS VARCHAR[]))))
            IF NOT (chosen.is_sealed AND one IN ('text', 'attachments', 'html', 'links'))
                AND NOT (coalesce(compared.is_same_files, false) AND one = 'attachments')])
            AS all_differing,
        list_sort(list_distinct(list_concat(chosen.uncounted,
            coalesce(compared.more_uncounted, CAST([] AS VARCHAR[]))))) AS all_uncounted,
        compared.similarity, compared.text_changes, compared.text_kinds, compared.face_kinds,
        compared.file_kinds,
        coalesce(compared.is_cut, false) AS is_cut,
        -- What honest transport and a hand both change, and what says nothing of either.
        is_name OR is_file_name OR is_joined AS is_open,
        CASE WHEN chosen.is_sealed
            THEN 'one of the two copies is encrypted or packed, the other is not'
            WHEN chosen.needs_bytes AND compared.item_id IS NULL THEN 'it was not compared'
            ELSE compared.trouble END AS trouble
    FROM chosen LEFT JOIN compared ON compared.item_id = chosen.item_id
        AND compared.original_id = chosen.original_id)
"""

# Every message of the leak and of the reference, with what is compared.
PRINTED = tuple(
    Query(name, sql)
    for name, sql in (
        ("sides", _SIDES),
        ("attached", _ATTACHED),
        (DRAFTED.name, DRAFTED.sql),
        ("inner_message", _INNER),
        ("faced", _FACED),
        ("sealed", _SEALED),
        ("replied", _REPLIED),
        ("plain", _PLAIN),
        ("printed", _PRINTED),
    )
)
# From `twin` (item_id, original_id, basis) to what differs in the fields of each pair.
PAIRED = (Query("pair", _PAIR), Query("counted", _COUNTED))
