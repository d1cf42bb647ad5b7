"""What may be shown of a secret, and whether a value looks alive at all."""

from __future__ import annotations

import math
import re
from collections import Counter

_STRONG = set("!#$%&*+=?@^~|\\§€£")
_FILLER = re.compile(r"[*•●·.xX_\-\u2013\u2014#?…]+")
_MAIL = re.compile(r"[^@\s]+@[\w-]+(?:\.[\w-]+)+")
_ORDINAL = re.compile(r"\d{1,2}[hH:]\d{2}|\d+(?:er|e|ème|st|nd|rd|th)")
# What stands after "password:" in forms, manuals and refusals.
_NO_PASSWORD = frozenset(
    [
        *("password", "passwd", "passphrase", "motdepasse", "mdp", "your_password"),
        *("yourpassword", "required", "invalid", "incorrect", "wrong", "forgotten", "forgot"),
        *("expired", "reset", "changed", "secret", "none", "null", "true", "false", "below"),
        *("above", "here", "attached", "oublié", "oubliée", "requis", "obligatoire", "expiré"),
        *("incorrecte", "suivant", "suivante", "ci-dessous", "ci-joint", "ci-dessus", "aucun"),
        *("confidentiel", "personnel", "inconnu", "identifiant", "login", "username", "email"),
        *("e-mail", "adresse", "please", "merci", "votre", "changeme", "example", "exemple"),
        *("test", "dans", "avec", "that", "this", "the", "not", "different", "différent"),
        *("unique", "new", "old", "nouveau", "ancien", "redacted", "hidden", "masqué", "caché"),
        *("envoyé", "sent", "same", "même", "idem", "n/a", "bonjour", "cordialement"),
    ]
)  # fmt: skip
_EXAMPLE_IBANS = frozenset(
    [
        *("FR1420041010050500013M02606", "FR7630006000011234567890189", "GB29NWBK60161331926819"),
        *("DE89370400440532013000", "BE68539007547034", "ES9121000418450200051332"),
        *("NL91ABNA0417164300", "CH9300762011623852957", "IT60X0542811101000000123456"),
        *("GB82WEST12345698765432", "LU280019400644750000", "AT611904300234573201"),
    ]
)  # fmt: skip
_EXAMPLE_CARDS = frozenset(
    [
        *("4242424242424242", "4111111111111111", "5555555555554444", "378282246310005"),
        *("4012888888881881", "5105105105105100", "371449635398431", "6011111111111117"),
        *("30569309025904", "3530111333300000", "4000056655665556", "5200828282828210"),
    ]
)  # fmt: skip
# ISO 13616 registry: how long an account number of each country is.
_IBAN_LENGTHS = {
    **dict.fromkeys(["NO"], 15),
    **dict.fromkeys(["BE", "BI"], 16),
    **dict.fromkeys(["DK", "FO", "FI", "GL", "NL", "SD", "FK"], 18),
    **dict.fromkeys(["MK", "SI"], 19),
    **dict.fromkeys(["AT", "BA", "EE", "KZ", "XK", "LT", "LU", "MN"], 20),
    **dict.fromkeys(["HR", "LV", "LI", "CH"], 21),
    **dict.fromkeys(["BH", "BG", "CR", "GE", "DE", "IE", "ME", "RS", "GB", "VA"], 22),
    **dict.fromkeys(["GI", "IQ", "IL", "TL", "AE", "OM", "SO"], 23),
    **dict.fromkeys(["AD", "CZ", "MD", "PK", "RO", "SA", "SK", "ES", "SE", "TN", "VG"], 24),
    **dict.fromkeys(["PT", "ST", "LY"], 25),
    **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["FR", "GR", "IT", "MC", "MR", "SM", "DJ"], 27),
    **dict.fromkeys(["AL", "AZ", "CY", "DO", "GT", "HU", "LB", "PL", "SV", "BY", "NI"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29),
    **dict.fromkeys(["JO", "KW", "MU", "YE"], 30),
    **dict.fromkeys(["MT", "SC"], 31),
    **dict.fromkeys(["LC"], 32),
    **dict.fromkeys(["RU"], 33),
}


_MAESTRO = (5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763)


def looks_like_password(value: str, *, is_alone: bool, is_code: bool = False) -> str | None:
    """Why a value after a word for password looks alive; None when it does not.

    `is_alone`: nothing else stands on its line, so that even a plain word may be meant.
    """
    if _is_none(value):
        return None
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    is_word = letters == len(value)
    has_inner_capitals = not value[1:].islower() and not value.isupper()
    reasons = (
        (is_code or digits >= 6, digits == len(value), f"{digits} digits"),
        (digits, letters and not _ORDINAL.fullmatch(value), "letters and digits mixed"),
        (letters, any(c in _STRONG for c in value[:-1]), "letters and special characters mixed"),
        (is_word and letters >= 6, has_inner_capitals, "small and capital letters mixed"),
        (is_alone, is_word and letters >= 5, "it stands alone behind the word for it"),
    )
    return next((why for one, other, why in reasons if one and other), None)


def _is_none(value: str) -> bool:
    """Whether a value is a placeholder, a word of the sentence, an address, or nothing."""
    lowered = value.lower()
    return (
        not 4 <= len(value) <= 64
        or lowered in _NO_PASSWORD
        or len(set(lowered)) < 3
        or value[0] in "<{[$%"
        or "…" in value
        or "://" in value
        or _FILLER.fullmatch(value) is not None
        or _MAIL.fullmatch(value) is not None
    )


def entropy(value: str) -> float:
    """Bits per character of a value, by how often each character occurs in it."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)


def iban_in(text: str) -> str | None:
    """The account number that a text of capitals and digits begins with; None without one.

    Source    ISO 13616-1 (structure, check digits) and ISO 7064 (MOD 97-10).
    """
    length = _IBAN_LENGTHS.get(text[:2])
    if length is None or len(text) < length:
        return None
    number = text[:length]
    if number in _EXAMPLE_IBANS or len(set(number[4:])) < 3:
        return None
    rearranged = number[4:] + number[:4]
    value = int("".join(str(int(character, 36)) for character in rearranged))
    return number if value % 97 == 1 else None


def is_card(digits: str) -> bool:
    """Whether digits are a payment card number of a known network with a right check digit.

    Source    ISO/IEC 7812-1 (Luhn); number ranges as the networks publish them.
    """
    if digits in _EXAMPLE_CARDS or len(set(digits)) < 4 or not _has_network(digits):
        return False
    total = 0
    for rank, character in enumerate(reversed(digits)):
        value = int(character) * (1 + rank % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _has_network(digits: str) -> bool:
    length, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if length == 16:
        is_mastercard = 51 <= two <= 55 or 2221 <= four <= 2720
        return digits[0] == "4" or is_mastercard or four in {6011, *_MAESTRO} or two in {62, 65, 35}
    if length == 15:
        return two in {34, 37}
    return (length == 14 and two in {30, 36, 38}) or (length in {13, 19} and digits[0] == "4")


def mask_password(value: str) -> str:
    """Nothing of the value: how long it is and what it is made of."""
    made_of = [
        name
        for name, is_there in (
            ("letters", any(c.isalpha() for c in value)),
            ("digits", any(c.isdigit() for c in value)),
            ("other characters", any(not c.isalnum() for c in value)),
        )
        if is_there
    ]
    return f"{len(value)} characters ({', '.join(made_of)})"


def mask_token(value: str, prefix: str) -> str:
    """The part of a token that only says whose system it opens, and its length."""
    return f"{prefix}… ({len(value)} characters)"


def mask_iban(number: str) -> str:
    """Country and last four of an account number."""
    return f"{number[:2]}•• … {number[-4:]} ({len(number)} characters)"


def mask_card(digits: str) -> str:
    """The last four of a card number."""
    return f"•••• {digits[-4:]} ({len(digits)} digits)"
