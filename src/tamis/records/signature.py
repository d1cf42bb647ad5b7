"""One signature of one message, as separate facts; no verdict."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="signature",
    stage="leak",
    meaning="One signature of one message, as separate facts; no verdict.",
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "message"),
        Column(
            "position",
            INT,
            "rank among its signatures, from 0: DKIM from the top, then ARC by instance "
            "(message signature, seal), S/MIME, OpenPGP",
        ),
        Column("kind", TEXT, "dkim, arc, smime or openpgp"),
        Column(
            "domain",
            TEXT,
            "d=, lower-cased; domain of the certificate's or key's address",
            missing="absent or unreadable",
        ),
        Column(
            "selector",
            TEXT,
            "s=, lower-cased; serial number of the certificate; OpenPGP key id",
            missing="absent or unreadable",
        ),
        Column(
            "identity",
            TEXT,
            "i= as written; ARC instance; address of the certificate or key",
            missing="absent",
        ),
        Column("algorithm", TEXT, "a=, lower-cased", missing="absent"),
        Column(
            "canonicalization",
            TEXT,
            "c= as applied, header/body; a seal: relaxed; S/MIME: crlf; OpenPGP: binary, text or "
            "text-stripped",
        ),
        Column("key_bits", INT, "modulus or curve size", unit="bits", missing="no key"),
        Column("signed_headers", TEXTS, "names of h=, lower-cased, in order, repetitions kept"),
        Column("signed_at", TIME, "t= or signing time, the signer's statement", missing="absent"),
        Column("expires_at", TIME, "x=, compared with t= only", missing="absent"),
        Column(
            "body_length_signed",
            INT,
            "l=, how much of the canonical body is signed",
            unit="bytes",
            missing="absent: the whole body is signed",
        ),
        Column(
            "body_length_unsigned",
            INT,
            "canonical body bytes after l=",
            unit="bytes",
            missing="no l= or it could not be computed",
        ),
        Column(
            "body_matches",
            FLAG,
            "the digest of the content equals the signed one (bh=, messageDigest)",
            missing="it cannot be read or computed; a seal signs no content",
        ),
        Column(
            "header_verifies",
            FLAG,
            "the cryptographic signature holds under the key (DKIM, ARC: over the headers)",
            missing="no usable key",
        ),
        Column(
            "covers_whole_body",
            FLAG,
            "no byte of the body is left unsigned and nothing is shown outside the signed part",
            missing="could not be computed",
        ),
        Column(
            "alignment",
            TEXT,
            "exact, organisational or none, of the domain with the From domain",
            missing="no single From address",
        ),
        Column(
            "key_source",
            TEXT,
            "dns, archive, party or recovered; dump: only the message or the leak holds it",
            missing="no key",
        ),
        Column("key_label", TEXT, "source of the key in the words of its file", missing="no key"),
        Column(
            "key_status",
            TEXT,
            "found, dated_out, revoked, unusable, testing, private_published or absent",
        ),
        Column(
            "key_covers",
            FLAG,
            "the key's dated sources cover the message",
            missing="no key, or undated sources",
        ),
        Column("conforms", FLAG, "valid by its standard apart from the cryptography"),
        Column("violations", TEXTS, "what does not conform, each with its section"),
        Column("detail", TEXT, "one sentence a reporter can quote"),
        *RUN_COLUMNS,
    ),
)
