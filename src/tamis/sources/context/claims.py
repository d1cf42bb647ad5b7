"""Published claims from a table in CSV: a header row, then one claim a row.

A row needs `claim_id` and either a `statement` or the columns that a machine can check.
Other spellings of a column are in brackets; case, blanks and underscores do not matter.

    claim_id        name of the claim, once a file                                    (id)
    kind            count, range, time, order, share, rank; anything else is kept unchecked (type)
    statement       the claim in words                                      (claim, text, quote)
    incident        the election's id as in case.toml; empty means the real world   (election)
    subject_kind    post, account, collection, or hashtag, url, domain, media, phrase, …
    subject         post id `x:123`, account id `x:1` or handle, `#tag`, address    (object)
    measure         see below; with another word and a statement it is in words only (metric)
    of              what the measure needs besides                              (of_what, who)
    platform        only posts of this platform
    from, to        instants with offset; `to` is not included     (from_at, since; to_at, until)
    window_s        so many seconds from the subject's first own post (or the post itself) on;
                    first included, last not                                  (window_seconds)
    value           a number, `low-high`, an instant, `from/to`, or nothing for an order
    time            an instant, where `value` has no room for it                (time_utc, at)
    unit            `percent` divides by 100; otherwise only shown
    tolerance       share of a count (0.05), seconds of a time, points of a share; 0 if absent
    speaker         who said it                                                     (said_by)
    speaker_role    as what: office, function                                           (role)
    authority       on whose authority or word it was said                   (on_authority_of)
    official        yes or no: whether it was said in an office                  (is_official)
    said_at         when it was said
    about           item ids that it is about, joined by | or blanks (about_items)
    reported_by     who says so                                            (reporter, source)
    source_address  where it can be read                                 (address, url, link)
    capture         file name of a kept copy, as it stands in the case          (capture_file)
    reported_at, capture_sha256, confidence (note), conflicts_with (ids, joined by | or blanks)

Measures by kind, of the posts that carry the subject in that time and on that platform:

    count, range    posts              posts that carry it, by repost too
                    own_posts          posts that carry it themselves
                    reposts            reposts of the post, or of all posts of the account
                    accounts           accounts that posted it
                    top_account_posts  posts of the account with most of them
    time            first_post         time of the first post that carries it itself
    share           repost_share       reposts among posts
                    language_share     posts that declare language `of`
                    top_share          posts by the `of` (50, or 5%) accounts with most of them
    rank            active_rank        place of account `of` by posts
                    reposted_rank      place of account `of` by reposts that its posts received
                    mentioned_rank     place of account `of` by posts that mention it
    order           account_order      accounts `of` (a > b > c) by first post, reposts too
                    platform_order     platforms `of` by first own post

The subject kind `collection` (no subject) means every post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.claim_rows import COLUMNS, ClaimSheet, is_header, read_whole
from tamis.sources.context.csv_rows import DELIMITERS, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa


def recognises(glimpse: Glimpse) -> int:
    """60 for a header that names a claim, who reports it and what is claimed."""
    line = glimpse.head.decode("utf-8-sig", "replace").lstrip().partition("\n")[0].strip()
    delimiter = max(DELIMITERS, key=line.count)
    return 60 if is_header([cell.strip('"') for cell in line.split(delimiter)]) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's claims, its rejected rows, and their count.

    Errors    FormatError when the file is larger than 64 MiB, no UTF-8, or its header is no CSV.
    """
    text = read_whole(stream)
    sheet = ClaimSheet(source.item_id)
    for row in rows_of(text, sheet.reject):
        sheet.add(row)
    yield from sheet.batches(READER.name)


READER = ContextReader(
    name="claims_csv",
    kind="claims",
    recognises=recognises,
    read=read,
    keeps=(
        "each claim with who said and reported it, as what, on whose word, when and where, the "
        "items it is about, a kept copy, its subject, measure, time and value where "
        "columns give them, its words, and the claims it says to be in conflict with"
    ),
    cannot_know=(
        "whether a claim is true, or was reported as the file says; what a claim in words only "
        "counts: such a claim is kept and never checked"
    ),
    columns=COLUMNS,
)
