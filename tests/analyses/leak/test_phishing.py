from __future__ import annotations

from typing import Any

import pytest

from tamis.analyses.leak.phishing import defang, judge
from tamis.analyses.leak.phishing_domains import Known, skeleton

KNOWN = Known(["mirecombe.fr", "en-marche.example", "parti.fr"])


@pytest.mark.parametrize(
    ("host", "rule", "resembles", "is_strong"),
    [
        ("mirec0mbe.fr", "same_shape", "mirecombe.fr", True),
        ("mirecornbe.fr", "same_shape", "mirecombe.fr", True),
        ("mail-mirecombe.fr", "name_inside", "mirecombe.fr", True),
        ("onedrive-en-marche.example", "name_inside", "en-marche.example", True),
        ("mirecombe.co", "other_ending", "mirecombe.fr", False),
        ("merecombe.fr", "near_spelling", "mirecombe.fr", True),
        ("partie.fr", "near_spelling", "parti.fr", False),
        ("accounts.google.com.evil.ru", "name_in_front", "google.com", True),
        ("accounts-google.com", "name_inside", "google.com", True),
        ("paypa1.com", "same_shape", "paypal.com", True),
        ("xn--pypal-4ve.com", "same_shape", "paypal.com", True),
        ("gmial.com", "near_spelling", "gmail.com", False),
    ],
)
def test_look_alikes_are_named_with_what_they_resemble(
    host: str, rule: str, resembles: str, *, is_strong: bool
) -> None:
    found = KNOWN.resemblance(host)
    assert found is not None
    assert (found.rule_id, found.resembles, found.is_strong) == (rule, resembles, is_strong)
    assert host in found.words


@pytest.mark.parametrize(
    "host",
    [
        *("mirecombe.fr", "www.mirecombe.fr", "google.com", "accounts.google.com", "google.fr"),
        *("email.com", "googlegroups.com", "lemonde.fr", "ticket-office.com", "yahoo-inc.com"),
        *("xn--", "localhost", "a.b", ""),
    ],
)
def test_honest_names_resemble_nothing(host: str) -> None:
    assert KNOWN.resemblance(host) is None


def test_letters_of_other_scripts_fall_on_the_ones_they_look_like() -> None:
    assert skeleton("\u0440\u0430\u0443\u0440\u0430l") == "paypal"
    assert skeleton("m\u00edrec\u03bfmbe") == skeleton("mirecombe")


def letter(body: str, kind: str = "text/html") -> bytes:
    return f"Subject: x\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{body}".encode()


def rules(body: str, kind: str = "text/html", **stated: Any) -> list[str]:
    found = judge(letter(body, kind), stated, KNOWN)
    return [] if found is None else found.row()["rule_ids"]


def test_the_mail_of_2016_is_listed_for_its_words_and_its_short_link() -> None:
    body = (
        "Someone just used your password to try to sign in to your Google Account. You should "
        'change your password immediately. <a href="https://bit.ly/1PibSU0">CHANGE PASSWORD</a>'
    )
    found = judge(letter(body), {"subject": "Someone has your password"}, KNOWN)
    assert found is not None
    row = found.row()
    assert row["rule_ids"] == ["credential_words", "short_link"]
    assert not row["has_strong_reason"]
    assert row["links"] == ["hxxps://bit[.]ly/1PibSU0"]
    assert len(row["reasons"]) == 2


def test_one_strong_reason_is_enough_and_one_weak_is_not() -> None:
    assert rules('<a href="https://mail-mirecombe.fr/x">ici</a>') == ["link_name_inside"]
    assert rules("hello", from_address="a@mirec0mbe.fr") == ["sender_same_shape"]
    assert rules("hello", from_address="a@gmial.com") == []
    shown = '<a href="https://tracker.example/x">www.lemonde.fr</a>'
    assert rules(shown) == []
    words = "Votre compte sera suspendu, confirmez votre identité avec votre mot de passe."
    assert rules(words + shown) == ["credential_words", "other_target"]
    # A newsletter counts clicks: what its links show is no reason.
    assert rules(words + shown, is_bulk=True) == []


def test_hidden_targets_fields_and_names() -> None:
    assert rules('<a href="http://accounts.google.com@evil.example/">x</a>') == ["hidden_target"]
    assert rules("<form><input type='password'></form>") == ["password_field"]
    other = {"from_name": "support@google.com", "from_address": "x@evil.example"}
    assert rules('<a href="http://10.0.0.1/login">x</a>', **other) == ["number_host", "other_name"]
    assert rules("see http://mail-mirecombe.fr/login now", "text/plain") == ["link_name_inside"]


def test_ordinary_mail_gives_no_row() -> None:
    assert (
        rules("Bonjour, <a href='https://www.mirecombe.fr/agenda'>l'agenda</a> est en ligne.") == []
    )
    assert rules("https://www.google.com/maps and https://bit.ly/abc", "text/plain") == []


def test_links_cannot_be_clicked_and_hostile_mail_ends_quickly() -> None:
    assert defang("HTTP://a.b/c.d?e") == "hxxp://a[.]b/c.d?e"
    assert defang("//evil.example/x") == "//evil[.]example/x"
    for body in ("<a " * 50_000, "<a href=" * 50_000, "<" * 200_000, "http://" * 50_000, "]" * 9999,
                 "<a href='http://[::1'>x</a>", "<a href=http://\ud7ff.xn--a/>x</a>"):  # fmt: skip
        judge(letter(body), {}, KNOWN)
