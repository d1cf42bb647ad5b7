"""What carriers do is undone and never called an edit; what a forger does is found, to the byte."""

from __future__ import annotations

import random
from collections import Counter

import pytest

import carriers
from dkim_signer import BODY, LETTER, body_form, ed25519_key, key_row, public_text, sign
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.analyses.leak.repair.aim import Budget, aims_of, read_letter, signed_digest
from tamis.analyses.leak.repair.rows import row_of
from tamis.analyses.leak.repair.search import Repair, repair

KEYS = KeyRing([key_row()])
NO_KEYS = KeyRing([])
SIGNED = sign(LETTER, BODY)
LITTLE = 40_000_000


def mended(raw: bytes, keys: KeyRing = KEYS, work: int = 300_000_000) -> Repair:
    found = repair(raw, keys, edit_work=work)
    assert found is not None
    return found


def holds(raw: bytes) -> bool:
    judged = verify_message(raw, KEYS)
    whole = any(one.header_verifies and one.body_matches for one in judged.signatures)
    return whole and not judged.display.defects


def test_what_holds_and_what_nothing_can_be_said_about_is_not_tried() -> None:
    unsigned = SIGNED.partition(b"\r\n")[2]
    for raw in (SIGNED, SIGNED.replace(b"\r\n", b"\n"), unsigned, b"", b"\0" * 50):
        assert repair(raw, KEYS) is None
    assert repair(SIGNED, NO_KEYS) is None


def test_a_footer_is_damage_and_is_named() -> None:
    found = mended(SIGNED + carriers.FOOTER)
    assert (found.outcome, found.steps) == ("damage", ("text_at_end_removed",))
    row = row_of("a" * 64, found)
    assert "Crew mailing list" in row["after_text"]
    assert "Crew mailing list" not in row["before_text"]
    assert row["is_display_changed"] is True
    assert row["repaired_verdict"] == "verified"
    assert any("bytes as found" in one for one in row["repaired_does_not_claim"])
    assert (SIGNED + carriers.FOOTER)[row["byte_start"] : row["byte_end"]].strip() == (
        carriers.FOOTER.strip()
    )


def test_without_a_key_only_the_body_is_restored_and_the_row_says_so() -> None:
    found = mended(SIGNED + carriers.FOOTER, NO_KEYS)
    assert (found.outcome, found.basis) == ("damage", "body_hash")
    row = row_of("a" * 64, found)
    assert row["repaired_verdict"] == "unverifiable"
    assert "no key is known" in row["steps_detail"]
    edited = SIGNED.replace(b"weaves", b"leaves")
    assert mended(edited, NO_KEYS).outcome == "not_repaired"


def test_one_letter_is_found_with_its_place_and_both_readings() -> None:
    raw = SIGNED.replace(b"weaves", b"leaves")
    row = row_of("a" * 64, mended(raw))
    assert row["outcome"] == "edit"
    assert raw[row["byte_start"] : row["byte_end"]] == b"l"
    assert "weaves" in row["before_text"]
    assert "leaves" in row["after_text"]
    assert row["basis"] == "signature"


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_places_are_those_of_the_bytes_as_found(ends: bytes) -> None:
    raw = SIGNED.replace(b"weaves", b"leaves").replace(b"\r\n", ends)
    found = mended(raw)
    assert found.byte_start is not None
    assert raw[found.byte_start : found.byte_end] == b"l"
    assert found.raw is not None
    assert verify_message(found.raw, KEYS).verdict.word == "verified"


def test_a_key_that_did_not_sign_ends_the_search_at_once() -> None:
    start = SIGNED.index(b" b=") + 3
    raw = (
        SIGNED[:start] + (b"A" if SIGNED[start : start + 1] != b"A" else b"B") + SIGNED[start + 1 :]
    )
    found = mended(raw)
    assert (found.outcome, found.tried_count) == ("not_repaired", 0)
    assert "known key" in found.why


def test_a_published_key_accuses_nobody() -> None:
    keys = KeyRing([key_row(is_private_published=True)])
    assert mended(SIGNED.replace(b"weaves", b"leaves"), keys).outcome == "not_repaired"


def test_what_passed_a_list_accuses_nobody() -> None:
    raw = b"List-Id: <l.example.net>\r\n" + SIGNED.replace(b"weaves", b"leaves")
    assert mended(raw).outcome == "unexplained"


def test_another_signer_who_holds_keeps_an_edit_open() -> None:
    edited = SIGNED.replace(b"weaves", b"leaves")
    head, _, body = edited.partition(b"\r\n\r\n")
    fields = [tuple(one.split(": ", 1)) for one in head.decode().split("\r\n")]
    again = sign(fields, body, signed="from:subject", replace={"d": "relay.example"})  # type: ignore[arg-type]
    keys = KeyRing([key_row(), key_row() | {"key_name": "s1._domainkey.relay.example"}])
    assert mended(again, keys).outcome == "unexplained"


def test_an_ed25519_signature_is_repaired_too() -> None:
    key = ed25519_key()
    keys = KeyRing([key_row(f"v=DKIM1; k=ed25519; p={public_text(key)}")])
    raw = sign(LETTER, BODY, algorithm="ed25519-sha256", key=key)
    found = repair(raw.replace(b"Subject: ", b"Subject: [list] ") + carriers.FOOTER, keys)
    assert found is not None
    assert found.outcome == "damage"


def test_text_after_a_signed_length_and_a_change_before_it() -> None:
    length = len(body_form(BODY, "relaxed"))
    raw = sign(LETTER, BODY, extra=f" l={length};") + b"-- \r\nfooter\r\n"
    assert repair(raw, KEYS) is None
    found = mended(raw.replace(b"weaves", b"leaves"))
    assert found.outcome == "edit"


def test_the_signed_hash_comes_out_of_the_signature() -> None:
    raw = SIGNED.replace(b"The engine", b"An engine")
    (aim,) = aims_of(read_letter(raw, KEYS), KEYS)
    assert aim.seal is not None
    assert aim.seal.digest is not None
    assert aim.seal.key.verify(aim.seal.signature, aim.seal.digest, "sha256")
    assert signed_digest(aim.seal.key, b"\1" * 256, "sha256") is None


def damaged(seeds: range) -> list[tuple[str, carriers.Made, bytes]]:
    made = [carriers.make(seed) for seed in seeds]
    told = [
        (name, one, change(one, random.Random(seed)))
        for seed, one in zip(seeds, made, strict=True)
        for name, change in carriers.REVERSIBLE.items()
    ]
    return [(n, one, raw) for n, one, raw in told if raw and raw != one.raw and not holds(raw)]


def test_honest_damage_is_undone_to_the_signed_bytes() -> None:
    outcomes: Counter[str] = Counter()
    for name, made, raw in damaged(range(7_000, 7_008)):
        found = mended(raw, work=LITTLE)
        outcomes[found.outcome] += 1
        assert found.outcome != "edit", name
        if found.raw is None:
            continue
        form = made.forms[1]
        body = found.raw.partition(b"\r\n\r\n")[2]
        assert body_form(body, form) == body_form(made.body, form), name
        assert found.verdict is not None
        assert any(one.header_verifies and one.body_matches for one in found.verdict.signatures), (
            name
        )
    assert outcomes["damage"] >= 0.9 * outcomes.total()
    assert outcomes.total() > 100


def never_an_edit(seeds: range, work: int) -> int:
    tried = 0
    for seed in seeds:
        made = carriers.make(seed)
        for name, change in carriers.IRREVERSIBLE.items():
            raw = change(made, random.Random(seed))
            if raw is None or raw == made.raw:
                continue
            found = repair(raw, KEYS, edit_work=work)
            tried += 1
            assert found is None or found.outcome != "edit", (name, seed, found.why)
    return tried


def test_no_honest_change_is_ever_called_an_edit() -> None:
    assert never_an_edit(range(8_000, 8_004), LITTLE // 2) > 50


@pytest.mark.slow
def test_no_honest_change_is_ever_called_an_edit_on_many_seeds() -> None:
    assert never_an_edit(range(8_100, 8_160), 5 * LITTLE) > 1_000


@pytest.mark.parametrize("text", ["déjà payé", "caf\u00e9 \u2019"])
@pytest.mark.parametrize("lost", [b"?", b"\xef\xbf\xbd", b"", b"e", b"\xe9", b"C)", b"_"])
def test_a_lost_letter_is_no_edit(text: str, lost: bytes) -> None:
    raw = sign(LETTER, f"Tout est {text} ce soir.\r\n".encode())
    changed = raw.replace("é".encode(), lost, 1)
    assert mended(changed).outcome in {"damage", "unexplained", "not_repaired"}


def test_a_single_lost_letter_is_restored_as_damage() -> None:
    raw = sign(LETTER, "Tout est déjà réglé.\r\n".encode())
    for lost in (b"?", b"\xef\xbf\xbd", b"e", b"\xe9"):
        found = mended(raw.replace("é".encode(), lost, 1))
        assert found.outcome == "damage", lost
        assert found.raw is not None
        assert "déjà réglé".encode() in found.raw


def test_small_edits_are_found() -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(9_000, 9_016):
        made = carriers.make(seed)
        told = carriers.small_edit(random.Random(seed), made)
        if told is None or told[1] == made.raw or holds(told[1]):
            continue
        found = mended(told[1])
        outcomes[found.outcome] += 1
        if found.outcome == "edit":
            assert found.raw is not None
            body = found.raw.partition(b"\r\n\r\n")[2]
            assert body_form(body, made.forms[1]) == body_form(made.body, made.forms[1])
    assert outcomes["damage"] == 0
    assert outcomes["edit"] >= 0.75 * outcomes.total()


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (b"Pay Eve at once.\r\n", "edit"),
        (b"CAUTION: external sender.\r\n", "unexplained"),
    ],
)
def test_words_between_signed_words(line: bytes, outcome: str) -> None:
    raw = SIGNED.replace(b"the engine", line + b"the engine")
    assert mended(raw).outcome == outcome


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        (b"Subject: The", b"Subject: A DETRUIRE : The", "unexplained"),
        (b"Subject: The engine", b"Subject: The dengine", "edit"),
        (b"04 May 2017 10", b"06 May 2017 10", "edit"),
        (b"04 May 2017 10", b"04 May 2017 12", "unexplained"),
        (b"10:00:00 +0200", b"08:00:00 +0000", "damage"),
        (b"Ada Lovelace", b"Ida Lovelace", "edit"),
        (b"ada@example.org", b"ADA@example.org", "unexplained"),
        (b"To: Charles", b"To: Sharles", "edit"),
    ],
)
def test_header_fields(old: bytes, new: bytes, outcome: str) -> None:
    cut = SIGNED.index(b"\r\n") + 2
    raw = SIGNED[:cut] + SIGNED[cut:].replace(old, new, 1)
    found = repair(raw, KEYS, edit_work=300_000_000)
    assert found is not None
    assert found.outcome in {outcome, "not_repaired"} if b"ADA" in new else found.outcome == outcome


def test_an_attached_document_is_an_edit_and_an_attached_text_is_not() -> None:
    fields = [one for one in LETTER if one[0] != "Content-Type"]
    fields.append(("Content-Type", 'multipart/mixed; boundary="b"'))
    first = carriers.part("text/plain; charset=utf-8", "8bit", b"Dear Charles, hello.\r\n")
    document = carriers.part(
        "application/pdf; name=bill.pdf", "base64", carriers.coded(b"%PDF-1 x")
    )
    note = carriers.part("text/plain", "7bit", carriers.FOOTER)
    raw = sign(fields, carriers.joined(b"b", [first, first]))
    for more, outcome in ((document, "edit"), (note, "damage")):
        changed = raw.replace(b"--b--", b"--b\r\n" + more + b"\r\n--b--")
        found = mended(changed)
        assert (found.outcome, found.steps) == (outcome, ("parts_removed",))


@pytest.mark.parametrize(
    "body",
    [
        b"a" * 10_000_000,
        b"ab 12\r\n" * 1_400_000,
        b"--b\r\n" * 2_000_000,
        b">From \r\n" * 1_200_000,
        b" " * 10_000_000,
        b"<body><div>" * 900_000,
        b"http://" * 1_400_000,
        b"=?" * 5_000_000,
        b"\r" * 10_000_000,
    ],
    ids=["letters", "lines", "delimiters", "quotes", "blanks", "elements", "links", "words", "cr"],
)
def test_a_long_hostile_body_stays_within_its_budget(body: bytes) -> None:
    raw = SIGNED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body
    found = repair(raw, KEYS, edit_work=LITTLE)
    assert found is not None
    assert found.raw is None
    assert found.tried_count < 3_000


def test_a_budget_counts_and_ends() -> None:
    budget = Budget(3_000)
    assert budget.take(100)
    assert budget.take(100)
    assert not budget.take(2_000)
    assert budget.tried_count == 3


def test_the_same_message_gives_the_same_result() -> None:
    raw = SIGNED.replace(b"weaves", b"leaves") + b"x"
    assert row_of("a", mended(raw)) == row_of("a", mended(raw))
