"""What an attacker does to a signed message never ends as verified or supported."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable

import pytest

from dkim_signer import BODY, LETTER, body_form, key_row, sign
from tamis.analyses.leak.dkim import KeyRing, MessageVerdict, verify_message
from tamis.findings.verdict import RollUp, Verdict

GMAIL = "mime-version:from:date:message-id:subject:to"
FALSE = {RollUp.VERIFIED, RollUp.SUPPORTED}
TOP = [field for field in LETTER if field[0] != "Content-Type"]
PLAIN_PART = b"Content-Type: text/plain; charset=UTF-8\r\n\r\nPay *nothing* to Eve.\r\n\r\n"
HTML_PART = (
    b"Content-Type: text/html; charset=UTF-8\r\n\r\n<p>Pay <b>nothing</b> to Eve.</p>\r\n\r\n"
)
FILE_PART = (
    b"Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n"
    b"\r\nPay Eve at once.\r\n\r\n"
)
SHOWN_PART = b"Content-Type: text/plain; charset=UTF-8\r\n\r\nHe asked us to pay Eve.\r\n\r\n"


def parts(*contents: bytes, mark: bytes = b"00c1") -> bytes:
    lines = b"".join(b"--" + mark + b"\r\n" + one for one in contents)
    return lines + b"--" + mark + b"--\r\n"


def typed(value: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [*TOP, ("Content-Type", value), *more]


FRENCH = "Élise, le dîner est payé à Ève : 3 € ; voilà.\r\n".encode()
ALTERNATIVE = sign(
    typed('multipart/alternative; boundary="00c1"'), parts(PLAIN_PART, HTML_PART), signed=GMAIL
)
MIXED = sign(typed('multipart/mixed; boundary="00c1"'), parts(PLAIN_PART, FILE_PART), signed=GMAIL)
TWO_TEXTS = sign(
    typed('multipart/mixed; boundary="00c1"'),
    parts(SHOWN_PART, HTML_PART),
    signed=GMAIL,
)
NESTED = sign(
    typed('multipart/mixed; boundary="00c1"'),
    parts(
        b"Content-Type: multipart/alternative; boundary=77d2\r\n\r\n"
        + parts(PLAIN_PART, HTML_PART, mark=b"77d2")
        + b"\r\n",
        FILE_PART,
    ),
    signed=GMAIL,
)
PLAIN = sign(LETTER, BODY, signed=GMAIL)
MARKED = sign(LETTER, b"I would <not> pay &amp; go.\r\nSee a=20b =3D\r\n", signed=GMAIL)
QUOTED = sign(
    typed("text/plain; charset=UTF-8", ("Content-Transfer-Encoding", "quoted-printable")),
    quopri.encodestring(FRENCH).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    signed=GMAIL,
)
CODED = sign(
    typed("text/plain; charset=UTF-8", ("Content-Transfer-Encoding", "base64")),
    base64.encodebytes(FRENCH).replace(b"\n", b"\r\n"),
    signed=GMAIL,
)
UTF8 = sign(typed("text/plain; charset=UTF-8"), FRENCH, signed=GMAIL)
OVERSIGNED = sign(LETTER, BODY, signed="from:from:to:to:subject:subject:date:date:content-type")
TAILED = sign(LETTER, BODY, signed=GMAIL, extra=" l=20;")

HONEST = {
    "alternative": ALTERNATIVE,
    "mixed": MIXED,
    "nested": NESTED,
    "plain": PLAIN,
    "quoted": QUOTED,
    "coded": CODED,
    "utf8": UTF8,
    "oversigned": OVERSIGNED,
}


def judge(raw: bytes) -> MessageVerdict:
    return verify_message(raw, KeyRing([key_row()]))


def swap(raw: bytes, old: bytes, new: bytes) -> bytes:
    assert raw.count(old) >= 1, old
    return raw.replace(old, new, 1)


@pytest.mark.parametrize("name", HONEST)
def test_untouched_mail_that_leaves_its_structure_unsigned_is_verified(name: str) -> None:
    result = judge(HONEST[name])
    assert (result.verdict.word, result.verdict.kept_from) == ("verified", None)


@pytest.mark.parametrize("name", ["alternative", "plain", "quoted", "coded"])
def test_the_unsigned_structure_field_is_named(name: str) -> None:
    said = " ".join(judge(HONEST[name]).verdict.does_not_claim)
    assert "that Content-Type, which is not signed" in said


FIELDS = {
    b"From": b"Eve <eve@example.com>",
    b"To": b"mallory@example.com",
    b"Subject": b"Pay Eve",
    b"Date": b"Fri, 05 May 2017 10:00:00 +0200",
    b"Content-Type": b"text/html",
}


@pytest.mark.parametrize("base", [ALTERNATIVE, PLAIN, OVERSIGNED], ids=["alt", "plain", "over"])
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "change",
    [
        lambda raw, line, _name: line + raw,
        lambda raw, line, _name: swap(raw, b"\r\n\r\n", b"\r\n" + line + b"\r\n"),
        lambda raw, line, _name: swap(raw, b"\r\nMessage-ID", b"\r\n" + line + b"Message-ID"),
        lambda raw, line, name: swap(line, name, name.upper()) + raw,
        lambda raw, line, name: swap(line, name, name.lower()) + raw,
        lambda raw, line, name: swap(line, name, name + b" ") + raw,
        lambda raw, line, name: swap(line, name, name + b"\t") + raw,
        lambda raw, line, name: swap(line, name, name[:3] + b"\0" + name[3:]) + raw,
        lambda raw, line, name: swap(line, name, name[:3] + b"\x0b" + name[3:]) + raw,
        lambda raw, line, name: swap(line, name, name + b"\xc2\xa0") + raw,
        lambda raw, line, name: swap(line, name + b":", name + b":\r\n") + raw,
        lambda raw, line, name: swap(line, name, name[:2] + b"\r\n " + name[2:]) + raw,
        lambda raw, line, _name: b"X: y\r" + line + raw,
        lambda raw, line, _name: b"X: y\r\n \r\n" + line + raw,
        lambda raw, line, _name: b"no field\r\n" + line + raw,
        lambda raw, line, _name: b"\r\n" + line + raw,
        lambda raw, line, _name: b"\xef\xbb\xbf" + line + raw,
        lambda raw, line, _name: b"From x Thu Jan  1 00:00:00 1970\r\n" + line + raw,
        lambda raw, line, _name: line + b"\r\n" + raw,
        lambda raw, line, _name: b" " + line + raw,
        lambda raw, line, _name: line.replace(b"\r\n", b"\n") + raw,
        lambda raw, line, _name: line.replace(b"\r\n", b"\r") + raw,
    ],
    ids=[
        "prepended",
        "appended",
        "inserted",
        "upper",
        "lower",
        "space",
        "tab",
        "nul",
        "vt",
        "nbsp",
        "folded_value",
        "folded_name",
        "bare_cr",
        "blank_fold",
        "after_malformed",
        "after_blank",
        "after_bom",
        "after_mbox_line",
        "own_block",
        "as_fold",
        "lf",
        "cr",
    ],
)
def test_a_second_principal_field_is_never_supported(
    base: bytes, name: bytes, change: Callable[[bytes, bytes, bytes], bytes]
) -> None:
    line = name + b": " + FIELDS[name] + b"\r\n"
    assert judge(change(base, line, name)).verdict.roll_up not in FALSE


@pytest.mark.parametrize("name", [b"From", b"To", b"Subject", b"Date"])
@pytest.mark.parametrize("base", [ALTERNATIVE, PLAIN, OVERSIGNED], ids=["alt", "plain", "over"])
def test_a_principal_field_changed_or_taken_out_is_never_supported(
    base: bytes, name: bytes
) -> None:
    start = base.index(b"\r\n" + name + b": ") + 2
    end = base.index(b"\r\n", start) + 2
    for line in (b"", name + b": " + FIELDS[name] + b"\r\n"):
        assert judge(base[:start] + line + base[end:]).verdict.roll_up not in FALSE


STRUCTURE: dict[str, tuple[bytes, bytes, bytes]] = {
    "mixed_as_alternative": (MIXED, b"multipart/mixed", b"multipart/alternative"),
    "two_texts_as_alternative": (TWO_TEXTS, b"multipart/mixed", b"multipart/alternative"),
    "nested_as_alternative": (NESTED, b"multipart/mixed", b"multipart/alternative"),
    "mixed_as_related": (MIXED, b"multipart/mixed", b"multipart/related"),
    "as_digest": (MIXED, b"multipart/mixed", b"multipart/digest"),
    "as_report": (MIXED, b"multipart/mixed", b"multipart/report"),
    "related_with_start": (
        ALTERNATIVE,
        b"multipart/alternative;",
        b'multipart/related; start="<a>";',
    ),
    "inner_boundary": (NESTED, b'mixed; boundary="00c1"', b'alternative; boundary="77d2"'),
    "shorter_boundary": (NESTED, b'boundary="00c1"', b'boundary="00c"'),
    "other_boundary": (ALTERNATIVE, b'boundary="00c1"', b'boundary="zz"'),
    "no_boundary": (ALTERNATIVE, b'; boundary="00c1"', b""),
    "two_boundaries": (ALTERNATIVE, b'boundary="00c1"', b'boundary="00c1"; boundary=x'),
    "extended_boundary": (ALTERNATIVE, b'boundary="00c1"', b"boundary*0=00; boundary*1=c1"),
    "boundary_in_comment": (ALTERNATIVE, b'boundary="00c1"', b'(boundary=x) boundary="00c1"'),
    "source_as_plain": (ALTERNATIVE, b'multipart/alternative; boundary="00c1"', b"text/plain"),
    "source_as_html": (ALTERNATIVE, b'multipart/alternative; boundary="00c1"', b"text/html"),
    "as_message": (PLAIN, b"text/plain", b"message/rfc822"),
    "as_file": (PLAIN, b"text/plain", b"application/octet-stream"),
    "plain_as_html": (MARKED, b"text/plain", b"text/html"),
    "plain_with_name": (PLAIN, b"text/plain", b"text/plain; name=a.exe"),
    "utf16": (PLAIN, b'"UTF-8"', b"utf-16"),
    "ebcdic": (PLAIN, b'"UTF-8"', b"cp037"),
    "utf7": (PLAIN, b'"UTF-8"', b"utf-7"),
    "unknown_charset": (PLAIN, b'"UTF-8"', b"x-user-defined"),
    "latin1": (UTF8, b"charset=UTF-8", b"charset=iso-8859-1"),
    "koi8": (UTF8, b"charset=UTF-8", b"charset=koi8-r"),
    "no_charset": (UTF8, b"; charset=UTF-8", b""),
    "coded_latin1": (CODED, b"charset=UTF-8", b"charset=windows-1252"),
    "quoted_greek": (QUOTED, b"charset=UTF-8", b"charset=iso-8859-7"),
    "quoted_as_7bit": (QUOTED, b"Encoding: quoted-printable", b"Encoding: 7bit"),
    "quoted_as_base64": (QUOTED, b"Encoding: quoted-printable", b"Encoding: base64"),
    "quoted_undeclared": (QUOTED, b"Content-Transfer-Encoding: quoted-printable\r\n", b""),
    "coded_as_7bit": (CODED, b"Encoding: base64", b"Encoding: 7bit"),
    "coded_undeclared": (CODED, b"Content-Transfer-Encoding: base64\r\n", b""),
    "plain_as_base64": (PLAIN, b"MIME-V", b"Content-Transfer-Encoding: base64\r\nMIME-V"),
    "plain_as_uu": (PLAIN, b"MIME-V", b"Content-Transfer-Encoding: x-uuencode\r\nMIME-V"),
    "marked_as_quoted": (
        MARKED,
        b"MIME-V",
        b"Content-Transfer-Encoding: quoted-printable\r\nMIME-V",
    ),
    "parts_as_base64": (ALTERNATIVE, b"MIME-V", b"Content-Transfer-Encoding: base64\r\nMIME-V"),
    "as_attachment": (PLAIN, b"MIME-V", b"Content-Disposition: attachment\r\nMIME-V"),
    "folded_encoding": (CODED, b"Encoding: base64", b"Encoding:\r\n base64"),
    "blank_after_encoding": (CODED, b"Encoding: base64", b"Encoding: base64 "),
    "next_line_character": (ALTERNATIVE, b"; boundary=", b"; \x85boundary="),
    "no_break_space": (ALTERNATIVE, b"boundary=", b"boundary=\xa0"),
    "lines_as_html": (PLAIN, b"text/plain", b"text/html"),
    "flowed_without_spaces": (PLAIN, b"text/plain", b"text/plain; format=flowed; delsp=yes"),
    "other_version": (PLAIN, b"MIME-Version: 1.0", b"MIME-Version: 2.0"),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_changed_structure_field_is_never_supported(name: str) -> None:
    base, old, new = STRUCTURE[name]
    cut = base.index(b"\r\n\r\n") + 2
    assert judge(swap(base[:cut], old, new) + base[cut:]).verdict.roll_up not in FALSE


def test_every_base_of_a_structure_change_shows_what_the_change_is_about() -> None:
    """The refusals above are not for another reason: the bases are verified, or kept open."""
    for name, (base, _, _) in STRUCTURE.items():
        result = judge(base)
        if base == TWO_TEXTS:
            assert result.verdict.rule_id == "dkim.reading", name
        else:
            assert result.verdict.word == "verified", name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"Cc: eve@example.com", "Cc"),
        (b"Reply-To: eve@example.com", "Reply-To"),
        (b"Sender: eve@example.com", "Sender"),
        (b"Bcc: eve@example.com", "Bcc"),
        (b"Resent-From: eve@example.com", "Resent-From"),
        (b"List-Unsubscribe: <mailto:eve@example.com>", "List-Unsubscribe"),
        (b"References: <9@example.com>", "References"),
        (b"In-Reply-To: <9@example.com>", "In-Reply-To"),
        (b"X-Mailer: Eve", "X-Mailer"),
        (b"Comments: pay Eve", "Comments"),
        (b"Content-Language: ru", "Content-Language"),
    ],
)
def test_an_added_field_that_readers_show_is_named(line: bytes, name: str) -> None:
    result = judge(line + b"\r\n" + PLAIN)
    assert result.verdict.word == "verified"
    said = [one for one in result.verdict.does_not_claim if "which are not signed" in one]
    assert name in said[0]


def test_fields_that_may_have_been_taken_out_are_named() -> None:
    said = judge(PLAIN).verdict.does_not_claim[-1]
    assert said.startswith("that these fields never stood there: ")
    assert "Cc, Reply-To, Sender, In-Reply-To, References" in said
    full = sign(LETTER, BODY, signed="from:to:subject:date:mime-version:content-type:cc")
    assert " Cc" not in judge(full).verdict.does_not_claim[-1]


def test_a_body_changed_in_one_letter_is_never_supported() -> None:
    for base in HONEST.values():
        head, blank, body = base.partition(b"\r\n\r\n")
        for place in range(0, len(body) - 3, 7):
            other = b"x" if body[place : place + 1] != b"x" else b"y"
            if body[place : place + 1] in b" \t\r\n":
                continue
            changed = body[:place] + other + body[place + 1 :]
            assert judge(head + blank + changed).verdict.word == "body_differs"


def test_text_after_the_signed_length_is_never_supported_where_the_type_is_unsigned() -> None:
    assert judge(TAILED + b"Pay Eve.\r\n").verdict.roll_up not in FALSE


MARKED_MIXED = "multipart/mixed; boundary=00c1"
EVERYTHING = GMAIL + ":content-type:content-transfer-encoding"
NOT_PAID = b"<p>Signed: we pay nothing.</p>\r\n"


@pytest.mark.parametrize("forms", [("relaxed", "relaxed"), ("simple", "simple")])
@pytest.mark.parametrize(
    ("kind", "body", "length", "tail"),
    [
        ("text/html", NOT_PAID, 0, b""),
        ("text/html", NOT_PAID, None, b"<style>p{display:none}</style>Pay Eve.\r\n"),
        ("text/plain", BODY, None, b"Pay Eve.\r\n"),
        (MARKED_MIXED, b"--00c1\r\n" + PLAIN_PART, None, b"--00c1\r\n" + SHOWN_PART),
    ],
    ids=["nothing_signed", "html", "text", "another_part"],
)
def test_text_that_l_leaves_unsigned_is_never_supported(
    forms: tuple[str, str], kind: str, body: bytes, length: int | None, tail: bytes
) -> None:
    count = len(body_form(body, forms[1])) if length is None else length
    raw = sign(typed(kind), body, signed=EVERYTHING, forms=forms, extra=f" l={count};")
    found = judge(raw + tail).verdict
    assert (found.word, found.rule_id) == ("unverifiable", "dkim.unsigned_tail")
    assert f"first {count} bytes" in (found.kept_from or "")


def test_l_over_the_whole_body_or_a_blank_rest_stays_what_it_was() -> None:
    form = body_form(BODY, "simple")
    fields = [(name, text.replace('"', "")) for name, text in LETTER]
    for cut, word in ((0, "verified"), (2, "verified_partly")):
        extra = f" l={len(form) - cut};"
        raw = sign(fields, BODY, signed=EVERYTHING, forms=("simple", "simple"), extra=extra)
        assert judge(raw).verdict.word == word


QUOTED_PART = (
    b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"We will =\r\nnot pay =3D 5.\r\n"
)
SPACED = sign(
    typed('multipart/mixed; boundary="b b"'), parts(SHOWN_PART, mark=b"b b"), signed=EVERYTHING
)
FULL = sign(typed(MARKED_MIXED), parts(SHOWN_PART, QUOTED_PART), signed=EVERYTHING)
FULL_QUOTED = sign(
    typed("text/plain; charset=UTF-8", ("Content-Transfer-Encoding", "quoted-printable")),
    b"Caf=C3=A9\r\n",
    signed=EVERYTHING,
)
FORWARDED = sign(
    typed(MARKED_MIXED),
    parts(b"Content-Type: message/rfc822\r\n\r\nSubject: old\r\n\r\nPay.\r\n\r\nBye\r\n"),
    signed=EVERYTHING,
)
BLANKS: dict[str, tuple[bytes, bytes, bytes]] = {
    "line_that_ends_a_part_header": (FULL, b"UTF-8\r\n\r\n", b"UTF-8\r\n \r\n"),
    "the_same_with_a_tab": (FULL, b"UTF-8\r\n\r\n", b"UTF-8\r\n\t\r\n"),
    "the_same_of_gmail": (ALTERNATIVE, b"UTF-8\r\n\r\n", b"UTF-8\r\n \r\n"),
    "delimiter": (FULL, b"\r\n--00c1\r\n", b"\r\n--00c1 \r\n"),
    "encoding_of_a_part": (FULL, b"printable\r\n", b"printable \r\n"),
    "encoding": (FULL_QUOTED, b"printable\r\n", b"printable \t\r\n"),
    "folded_encoding": (FULL_QUOTED, b"Encoding: q", b"Encoding:\r\n q"),
    "soft_line_break": (FULL, b"will =\r\n", b"will = \r\n"),
    "boundary_in_the_header": (SPACED, b'"b b"', b'"b  b"'),
    "boundary_in_the_body": (SPACED, b"\r\n--b b\r\n", b"\r\n--b  b\r\n"),
    "header_of_an_inner_message": (FORWARDED, b"old\r\n\r\n", b"old\r\n \r\n"),
}


@pytest.mark.parametrize("name", BLANKS)
def test_white_space_that_decides_what_is_shown_is_never_supported(name: str) -> None:
    base, old, new = BLANKS[name]
    verdict = judge(swap(base, old, new)).verdict
    assert (verdict.word, verdict.rule_id) == ("unverifiable", "dkim.reading")
    assert "white space" in (verdict.kept_from or "")
    assert (judge(base).verdict.word == "verified") == (base is not SPACED)


def test_white_space_in_text_is_not_claimed_and_does_not_count() -> None:
    changed = swap(
        swap(FORWARDED, b"Pay.\r\n\r\n", b"Pay. \r\n \r\n"), b"Subject: T", b"Subject:  T"
    )
    verdict = judge(changed).verdict
    assert verdict.word == "verified"
    assert any("the exact white space" in one for one in verdict.does_not_claim)


def test_list_id_or_a_list_footer_never_ends_as_verified() -> None:
    assert judge(b"List-Id: <l.example.net>\r\n" + PLAIN).verdict.word == "verified_partly"
    assert judge(PLAIN.rstrip() + b"\r\n-- \r\nlist\r\n").verdict.word == "body_differs"


@pytest.mark.parametrize(
    "sender",
    [
        '"president@example.net" <ada@example.org>',
        "president@example.net <ada@example.org>",
        "=?utf-8?q?president=40example=2Enet?= <ada@example.org>",
        "Ada \u202egro.elpmaxe <ada@example.org>",
        "president\uff20example.net <ada@example.org>",
        "Ada\u3164 <ada@example.org>",
    ],
)
def test_a_display_name_that_deceives_is_named(sender: str) -> None:
    fields = [("From", sender), *LETTER[1:]]
    said = " ".join(judge(sign(fields, BODY, signed=GMAIL)).verdict.does_not_claim)
    assert "display name, sent it" in said or "hidden characters" in said


def _from(address: str, domain: str) -> Verdict:
    fields = [("From", f"Ada <{address}>"), *LETTER[1:]]
    row = key_row(key_name=f"s1._domainkey.{domain}")
    raw = sign(fields, BODY, signed=GMAIL, replace={"d": domain})
    return verify_message(raw, KeyRing([row])).verdict


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@stra\u00dfe.example", "strasse.example"),
        ("ada@ex\u200cample.org", "example.org"),
        ("ada@ex\u00adample.org", "example.org"),
        ("ada@\uff45xample.org", "example.org"),
        ("ada@example\u3002org", "example.org"),
        ("ada@192.0.2.7", "2.7"),
        ("ada@example.org..", "example.org"),
    ],
)
def test_a_domain_that_programs_take_for_another_is_not_verified(address: str, domain: str) -> None:
    verdict = _from(address, domain)
    assert (verdict.word, verdict.roll_up) == ("verified_partly", "unknown")


@pytest.mark.parametrize(
    ("address", "domain", "told"),
    [
        ("ada@\u0435xample.org", "xn--xample-2of.org", "letters beyond ASCII"),
        ("ada@xn--xample-2of.org", "xn--xample-2of.org", "letters beyond ASCII"),
        ("a\u0434a@example.org", "example.org", "stand before its @"),
        ("\u202eada@example.org", "example.org", "stand before its @"),
    ],
)
def test_letters_that_look_like_others_are_named(address: str, domain: str, told: str) -> None:
    verdict = _from(address, domain)
    assert verdict.word == "verified"
    assert told in " ".join(verdict.does_not_claim)


@pytest.mark.parametrize(
    "sender",
    [
        "ada@example.org, eve@example.com",
        "eve@example.com, ada@example.org",
        "Team: ada@example.org;",
        "<ada@example.org> <eve@example.com>",
        "eve@example.com (<ada@example.org>)",
        "Ada <ada@example.org> eve@example.com",
        "Ada <ada@example.org@example.com>",
        "Ada <@example.com:ada@example.org>",
        "Ada",
        "",
    ],
)
def test_a_from_without_one_plain_address_is_not_verified(sender: str) -> None:
    fields = [("From", sender), *LETTER[1:]]
    assert judge(sign(fields, BODY, signed=GMAIL)).verdict.word != "verified"
