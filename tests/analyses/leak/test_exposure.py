from __future__ import annotations

import random
import time

import pytest
from stdnum import iban as oracle_iban
from stdnum import luhn as oracle_luhn

from tamis.analyses.leak import exposure_masks as masks
from tamis.analyses.leak.exposure import MAX_FOUND, find


def iban(country: str, rest: str) -> str:
    """A made-up account number with right check digits."""
    digits = "".join(str(int(c, 36)) for c in rest + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{rest}"


def card(start: str) -> str:
    """A made-up card number with a right check digit."""
    return start + next(d for d in "0123456789" if oracle_luhn.is_valid(start + d))


FR = iban("FR", "30002005500000157845A25")
VISA = card("453914880343646")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Mot de passe : Soleil2017!", "password", "Soleil2017"),
        ("mdp: tournesol\n", "password", "tournesol"),
        ("Your new password for the account is Xk39dpq.", "password", "Xk39dpq"),
        ("le mot de passe du wifi est «Bleu-Marine#9»", "password", "Bleu-Marine#9"),
        ("Code d'accès : 4821", "password", "4821"),
        ("пароль: Zima2017", "password", "Zima2017"),
        ("postgres://admin:S3cr3tPw@db.test.org/x", "password", "S3cr3tPw"),
        ("key AKIAZ7Q3LMK9PW2XRT5D end", "api_key", "AKIAZ7Q3LMK9PW2XRT5D"),
        ("ghp_a8Dk3JfLm29QpRsTuVwXyZ0123456789abcd", "token", None),
        ('api_key = "f83jf8Qk29dk38FJdk29dk"', "token", "f83jf8Qk29dk38FJdk29dk"),
        ("Authorization: Bearer ab12CD34ef56GH78", "token", "ab12CD34ef56GH78"),
        (f"IBAN {FR} BIC AAAAFRPP", "iban", FR),
        ("IBAN " + " ".join(FR[i : i + 4] for i in range(0, 27, 4)) + " BIC X", "iban", None),
        (f"carte visa {VISA} exp 05/19", "card", VISA),
        (f"ma CB : {VISA[:4]} {VISA[4:8]} {VISA[8:12]} {VISA[12:]}", "card", None),
    ],
)
def test_what_looks_alive_is_found_where_it_stands(text: str, kind: str, value: str | None) -> None:
    (one,) = find(text)
    assert one.kind == kind
    if value is not None:
        assert text[one.start : one.end] == value


def test_a_private_key_is_found_and_talk_about_one_is_not() -> None:
    body = "\n".join("QWxhZGRpbjpvcGVuIHNlc2FtZQabcdefgh" for _ in range(10))
    head, tail = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    (one,) = find(f"here:\n{head}\n{body}\n{tail}\n")
    assert (one.kind, one.start) == ("private_key", 6)
    assert find(f"the file begins with {head}, remember?") == []


@pytest.mark.parametrize(
    "text",
    [
        "Password: required",
        "Mot de passe oublié ?",
        "Mot de passe : ********",
        "password: <your password>",
        "Réunion : le mot de passe est à changer avant lundi.",
        "The password is different for everybody",
        "password: https://example.org/reset",
        "mot de passe : voir 12h30 demain",
        "AKIAIOSFODNN7EXAMPLE",
        "IBAN FR14 2004 1010 0505 0001 3M02 606",
        "DE89 3704 0044 0532 0130 00",
        "IBAN FR76 1111 1111 1111 1111 1111 111",
        "visa 4242 4242 4242 4242",
        "visa 4539 1488 0343 6460",
        f"commande {VISA} livrée",
        "api_key = aaaaaaaaaaaaaaaaaaaaaaaa",
        "Le 5 mai 2017, 20 000 tracts pour 1 500 euros.",
    ],
)
def test_examples_placeholders_and_prose_are_not(text: str) -> None:
    assert find(text) == []


def test_the_value_itself_is_in_nothing_that_is_kept() -> None:
    text = (
        f"Login anne@parti.example\nmot de passe : Soleil2017!x\nIBAN {FR}\nvisa {VISA}\n"
        "postgres://admin:S3cr3tPw@db.test.org/x AKIAZ7Q3LMK9PW2XRT5D "
        "token ghp_a8Dk3JfLm29QpRsTuVwXyZ0123456789abcd\n"
    )
    found = find(text)
    assert len(found) == 6
    for one in found:
        value = text[one.start : one.end]
        kept = f"{one.masked} {one.reason} {one.named} {one.rule_id}"
        assert value not in kept
        # Half of it would be too much as well.
        assert value[4 : 4 + len(value) // 2] not in kept
        assert value.lower() not in kept.lower()
    first = next(one for one in found if one.kind == "password")
    assert first.named == "anne@parti.example"
    assert not any("s3cr3t" in (one.named or "") for one in found)


def test_account_numbers_agree_with_the_registry_of_another_library() -> None:
    rng = random.Random(3)
    agreed = 0
    for _ in range(3000):
        country = rng.choice(
            ["FR", "DE", "GB", "BE", "CH", "ES", "IT", "LU", "NO", "PL", "PT", "MT"]
        )
        length = masks._IBAN_LENGTHS[country]
        number = iban(country, "".join(rng.choices("0123456789", k=length - 4)))
        if rng.random() < 0.5:
            place = rng.randrange(4, length)
            number = number[:place] + rng.choice("0123456789") + number[place + 1 :]
        ours = masks.iban_in(number) is not None
        # The other library also asks some countries for their own inner digits.
        theirs = oracle_iban.is_valid(number, check_country=False)
        if country in {"FR", "DE", "CH", "LU", "PL"}:
            assert ours == theirs, number
            agreed += ours
    assert agreed > 300


def test_card_numbers_agree_with_a_slow_check_digit() -> None:
    rng = random.Random(4)
    for _ in range(2000):
        number = "4" + "".join(rng.choices("0123456789", k=15))
        assert masks.is_card(number) == (oracle_luhn.is_valid(number) and len(set(number)) >= 4)


@pytest.mark.parametrize(
    "piece",
    ["le mot de passe ", "1234 ", "FR76 ABCD ", "a", "a@", "eyJ", "aaa://", "password=", "SG.", "4",
     "-us", "-----BEGIN PRIVATE KEY-----", "password: a1b2c3d4 ", "x:", "api_key="],
)  # fmt: skip
def test_the_work_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        begun = time.process_time()
        find(text)
        return time.process_time() - begun

    short, long = min(seconds(40_000) for _ in range(3)), seconds(400_000)
    # Ten times the length: a square would take a hundred times as long.
    assert long < 40 * max(short, 0.005)


def test_of_very_many_the_first_thousand_are_listed() -> None:
    text = "\n".join(f"password: a1b2c3d{number}" for number in range(2000))
    assert len(find(text)) == MAX_FOUND
