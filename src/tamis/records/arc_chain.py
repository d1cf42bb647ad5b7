"""The ARC sets of one message taken together, as facts; no verdict."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, TEXTS, Column, Table

_ABSENT = "the chain is broken, or its results say nothing of it"

TABLE = Table(
    name="arc_chain",
    stage="leak",
    meaning="The ARC sets of one message taken together (RFC 8617), as facts; no verdict.",
    key=("item_id",),
    columns=(
        Column("item_id", TEXT, "message that carries ARC fields"),
        Column(
            "chain_holds",
            FLAG,
            "the chain passes under keys that outside sources attest, and its latest message "
            "signature fixes From, To, Subject, Date, the whole body and one reading of it",
        ),
        Column("is_known_sealer", FLAG, "the sealer is among the known ones, or those of the case"),
        Column(
            "attests_from",
            FLAG,
            "the results of the latest instance say dkim=pass aligned with the From domain, or "
            "dmarc=pass for it",
        ),
        Column("sealer", TEXT, "domain of the latest seal", missing="it does not hold"),
        Column("instance_count", INT, "highest instance"),
        Column("chain_state", TEXT, "pass, fail or unable (a key is missing), by section 5.2"),
        Column(
            "oldest_pass_instance",
            INT,
            "oldest instance since which the message is unchanged; 0: since the first",
            missing="the latest message signature does not hold",
        ),
        Column("aar_authserv_id", TEXT, "server that states the latest results", missing=_ABSENT),
        Column("aar_dkim", TEXT, "pass if any DKIM result passes, else the first", missing=_ABSENT),
        Column("aar_spf", TEXT, "the same for SPF", missing=_ABSENT),
        Column("aar_dmarc", TEXT, "the same for DMARC", missing=_ABSENT),
        Column("aar_from_domain", TEXT, "From domain that DMARC names", missing=_ABSENT),
        Column("violations", TEXTS, "what fails or does not conform, each with its section"),
        Column("detail", TEXT, "one sentence a reporter can quote"),
        *RUN_COLUMNS,
    ),
)
