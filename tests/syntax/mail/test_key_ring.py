"""What a ring of keys says of each source: published under any name, or too late to attest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dkim_signer import ed25519_key, key_row, public_text, rsa_key
from tamis.syntax.mail.dkim_keys import ANY_NAME, KeyRing

NAME = "s1._domainkey.example.org"
LEAK = datetime(2017, 5, 5, tzinfo=UTC)
BEFORE, AFTER = datetime(2017, 5, 4, tzinfo=UTC), datetime(2017, 5, 6, tzinfo=UTC)


def test_a_private_key_counts_in_every_form_and_under_every_name() -> None:
    rows = [
        key_row(f"p={public_text(rsa_key(), 'pkcs1')}", key_name="a._domainkey.b.c"),
        key_row(f"k=ed25519; p={public_text(ed25519_key())}"),
        key_row(f"k=ed25519; p={public_text(ed25519_key(), 'info')}"),
        key_row(f"p={public_text(rsa_key(1024))}"),
        key_row("v=DKIM1; p=", is_private_published=True),
    ]
    for name in (ANY_NAME, "z._domainkey.y.x"):
        public = [
            key_row(f"p={public_text(rsa_key())}", key_name=name, is_private_published=True),
            key_row(
                f"k=ed25519; p={public_text(ed25519_key())}",
                key_name=name,
                is_private_published=True,
            ),
        ]
        for ring in (KeyRing(rows + public), KeyRing(public + rows), lazy(rows + public)):
            assert [one.is_private_published for one in ring.named("a._domainkey.b.c")] == [True]
            marks = [one.is_private_published for one in ring.named(NAME)]
            assert marks == [True, True, False, True]
            assert ring.named(ANY_NAME) == ()


def lazy(rows: list[dict[str, Any]]) -> KeyRing:
    def load(name: str) -> list[dict[str, Any]]:
        return [row for row in rows if row["key_name"] == name]

    return KeyRing([row for row in rows if row["is_private_published"]], load=load)


def covers(moment: datetime | None, **stated: Any) -> bool | None:
    (one,) = KeyRing([key_row(**stated)], LEAK).named(NAME)
    return one.covers(moment)


def test_a_source_that_came_after_the_leak_covers_nothing() -> None:
    assert covers(BEFORE) is None
    assert covers(AFTER, seen_from_at=BEFORE) is True
    assert covers(AFTER, seen_from_at=AFTER) is False
    assert covers(BEFORE, submitted_at=AFTER) is False
    assert covers(BEFORE, seen_from_at=BEFORE, submitted_at=AFTER) is False
    assert covers(BEFORE, submitted_at=BEFORE) is None
    assert covers(None, submitted_at=AFTER) is False
