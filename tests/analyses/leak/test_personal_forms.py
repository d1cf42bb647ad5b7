"""Values in the many forms that people write them in, and numbers of other things in the same."""

from __future__ import annotations

import random

import pytest
from stdnum import iban as iban_check
from stdnum import luhn

from tamis.analyses.leak.exposure import find as find_exposed
from tamis.analyses.leak.personal import find, redact

CARDS = {"4": 16, "2470": 16, "55": 16, "6011": 16, "3540": 16, "6759": 16, "37": 15, "36": 14}
IBANS = (
    *("FR8420041010050500013M02607", "DE02120300000000202051", "BE71096123456769"),
    *("CH5604835012345678009", "GB33BUKB20201555555555", "ES7921000813610123456789"),
    *("IT40S0542811101000000123456", "NL02ABNA0123456789", "LU120010001234567891"),
    *("PL10105000997603123456789123", "PT50002700000001234567833", "AT483200000012345864"),
)
GAPS = (" ", "\u00a0", "\u202f", "-", ".", "\u2011", "\n")


def kinds(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find(text)]


def sentences(value: str) -> tuple[str, ...]:
    return (f"She gave {value} at the desk.", f"Il a donné {value}, puis rien.", f"({value})")


@pytest.mark.parametrize("gap", ["", *GAPS])
@pytest.mark.parametrize("start", CARDS)
def test_cards_of_each_network_in_each_way_of_grouping(start: str, gap: str) -> None:
    dice = random.Random(f"{start} {gap}")
    length = CARDS[start]
    sizes = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[length]
    for _ in range(20):
        body = start + "".join(dice.choices("0123456789", k=length - 1 - len(start)))
        digits, at = body + luhn.calc_check_digit(body), 0
        groups = [digits[(at := at + size) - size : at] for size in sizes]
        value = f"{groups[0]}\n{' '.join(groups[1:])}" if gap == "\n" else gap.join(groups)
        told = sentences(value)
        if not gap and length == 14:  # as long as a company number: only beside a word
            told = (f"card {value}", f"sa carte {value}.")
        for text in told:
            assert kinds(text) == [("card", value)], text


@pytest.mark.parametrize("gap", ["", " ", "\u00a0", "\u202f", "-", "\n"])
@pytest.mark.parametrize("number", IBANS)
def test_accounts_of_twelve_countries_in_capitals_and_not(number: str, gap: str) -> None:
    assert iban_check.is_valid(number, check_country=False)
    grouped = gap.join(number[at : at + 4] for at in range(0, len(number), 4))
    if gap == "\n":
        grouped = number[:12] + gap + number[12:]
    for value in (grouped, grouped.lower()):
        for text in sentences(value):
            assert kinds(text) == [("iban", value)], text
            if gap != "\n":
                assert ("iban", value) in [
                    (one.kind, text[one.start : one.end]) for one in find_exposed(text)
                ]


@pytest.mark.parametrize(
    "value",
    [
        *("1-86-04-2A-429-278-34", "2\u202f62\u202f03\u202f2B\u202f269\u202f490\u202f86"),
        *("2 62 03 2b 269 490 86", "26203 2B 269 490-86", "2 62 03 2B\n269 490 86"),
    ],
)
def test_social_security_numbers_of_corsica(value: str) -> None:
    from stdnum.fr import nir

    plain = "".join(c for c in value.upper() if c.isalnum())
    if not nir.is_valid(plain):
        value = value[:-2] + nir.calc_check_digits(plain[:13])
    assert kinds(f"NIR : {value}, merci") == [("nir", value)]


@pytest.mark.parametrize(
    "value",
    [
        *("+32 485/20.51.92", "+32 (0)471/99.56.69", "+49 170/4005686", "0471/99.56.69"),
        *("06\u202f12\u202f34\u202f56\u202f78", "06\u201112\u201134\u201156\u201178"),
        *(
            "+33 (0)6 12 34 56 78",
            "(+33) 6 12 34 56 78",
            "06 12 34\n56 78",
            "06 12\t34 56 78",
            "06 12\n> 34 56 78",
        ),
        *("+41 79 234 56 78", "(020) 7946 0018", "(212) 555-0134", "1-212-555-0134"),
    ],
)
def test_telephones_as_six_countries_write_them(value: str) -> None:
    for text in (f"Ring {value}, then wait.", f"Mon portable : {value}."):
        assert kinds(text) == [("phone", value)], text


def test_columns_of_a_table_are_no_telephone() -> None:
    table = "2017\t0612\t34\n2018\t0698\t76\n12\t34\t56\t78\t90"
    assert kinds(table) == []
    assert kinds("Anne\t0612345678\t75011") == [("phone", "0612345678")]
    assert kinds("212\t555\t0134") == []


def test_several_telephones_in_one_run_are_each_found() -> None:
    run = "06 12 34 56 78 / 06 98 76 54 32\n01 42 68 53 00"
    assert kinds(run) == [
        *(("phone", "06 12 34 56 78"), ("phone", "06 98 76 54 32"), ("phone", "01 42 68 53 00")),
    ]
    assert kinds("poste 12\n0612345678") == [("phone", "0612345678")]
    assert kinds("FR0630006000011234567890188\n0612345678")[-1] == ("phone", "0612345678")
    assert kinds("FR06 3000 6000 0112 3456 7890 188\n06 12 34 56 78") == [
        *(("iban", "FR06 3000 6000 0112 3456 7890 188"), ("phone", "06 12 34 56 78")),
    ]
    assert kinds("mon n° 0612345678") == [("phone", "0612345678")]


@pytest.mark.parametrize(
    "text",
    [
        *("09 04 1999 22 36", "2022-03-19 09:11:01", "70.86.04.46.17", "14.16.4144.345"),
        *("4 136 931 431 euros", "order 078-2313327-9554059", "24.87.01.59.06"),
        *(
            "NL21 IKKY 0763 0073 25",
            "FR76 6596 8450 8570 7482 3748 857",
            "PL26 5260 7626 1335 7176",
        ),
        *("<26863891851328.1AED351DC4@mx6.example.fr>", "lodash@4.17.21", "image@2x.png"),
        *("de12 is the 4th of 16 places we took in 2017", "4532015112830366000000000001"),
        "2 cours par semaine le 12000 Paris",
        "commande 4532015112830366",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert kinds(f"Voir {text}") == []


@pytest.mark.parametrize(
    "value",
    [
        *("_anne@example.org", "élodie@example.org", "first.last@x.io"),
        *("jean [at] example [dot] org", "jean.martin(at)example.fr", "jean [arobase] example.fr"),
        *("jean\u00ad.martin@exam\u200bple.org", "jean\uff20example.org"),
    ],
)
def test_addresses_of_mail_that_hide_a_little(value: str) -> None:
    assert kinds(f"écrivez à {value} vite") == [("email", value)]


def test_an_address_behind_an_equals_sign_or_a_slash_is_one() -> None:
    assert kinds("?to=jean@example.org contact/anne@example.org") == [
        *(("email", "jean@example.org"), ("email", "anne@example.org")),
    ]


@pytest.mark.parametrize(
    "value",
    [
        *("12 RUE DES LILAS 75020 PARIS", "12 rue des lilas, 75020 Paris", "3-5, av. de l'Église"),
        *("89ter lotissement Émile Zola, 59450 Le Havre", "18 B sentier du Moulin - 58016 Lyon"),
        *("50, passage du 8 Mai 1945, 81450 Nice", "7 quai d'Italie, 75007 Paris Cedex 07"),
        *("rue Victor-Hugo, 69002 Lyon", "4 rue Lafayette, bât. B, 75009 Paris"),
        *(
            "7A Lombard St. Apt 25, St. Louis, MO 63170",
            "53a North 5th Blvd #15, New York, NY 10021",
        ),
        *("Flat 19, 12 High Street, Leeds LS2 6LP", "5633 Oak Hill Place, Austin, TX 78736-7220"),
        *("12 baker street, London W1T 6LP", "1 High Street, Camden, London NW1 7JR"),
        "79A St. John's Rd\nSpringfield, IL 62757-2717",
    ],
)
def test_postal_addresses_are_found_whole(value: str) -> None:
    for text in (f"He lives at {value}.", f"Il habite {value}, je crois"):
        assert kinds(text) == [("address", value)], text


def test_a_value_over_lines_of_a_quotation_leaves_nothing_of_itself() -> None:
    text = "> le compte FR06 3000 6000 0112\r\n>> 3456 7890 188 et le\r\n> +33 6 12 34\r\n> 56 78"
    done = redact(text, find(text), lambda _: False)
    assert done.text == "> le compte [bank account 1] et le\r\n> [telephone number 1]"
