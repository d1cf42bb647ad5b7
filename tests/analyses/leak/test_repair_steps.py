"""Each step alone, on bytes small enough to be read."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.analyses.leak.repair.body_search import origin
from tamis.analyses.leak.repair.field_words import address_forms, date_forms, subject_forms
from tamis.analyses.leak.repair.fields import refold
from tamis.analyses.leak.repair.links import unwrap_links
from tamis.analyses.leak.repair.parts import PART_STEPS, quote, quote_early, wrap_base64
from tamis.analyses.leak.repair.whole_body import BLANK_STEPS, LINE_STEPS, TEXT_STEPS
from tamis.syntax.mail.dkim import relaxed_body, simple_body, to_crlf

WHOLE = dict((*LINE_STEPS, *BLANK_STEPS, *TEXT_STEPS))
PARTS = dict(PART_STEPS)


@pytest.mark.parametrize(
    ("name", "found", "signed"),
    [
        ("mbox_from_unquoted", b">From a\r\n>>From b\r\n", b"From a\r\n>>From b\r\n"),
        ("mboxrd_from_unquoted", b">From a\r\n>>From b\r\n", b">From a\r\n>From b\r\n"),
        ("mboxrd_from_unquoted_all", b">From a\r\n>>From b\r\n", b"From a\r\n>From b\r\n"),
        ("from_unquoted_at_any_depth", b">From a\r\n>>From b\r\n", b"From a\r\nFrom b\r\n"),
        ("from_quoted_again", b"From a\r\n", b">From a\r\n"),
        ("mboxrd_from_quoted_again", b"From a\r\n>From b\r\n", b">From a\r\n>>From b\r\n"),
        ("dots_unstuffed", b"..\r\n.a\r\n", b".\r\n.a\r\n"),
        ("dots_stuffed_again", b".a\r\n", b"..a\r\n"),
        ("lone_cr_before_crlf_removed", b"a\r\r\nb\r\r\r\n", b"a\r\nb\r\n"),
        ("lone_cr_made_crlf", b"a\rb\r\n", b"a\r\nb\r\n"),
        ("lone_cr_removed", b"a\rb\r\n", b"ab\r\n"),
        ("blank_lines_on_top_removed", b" \r\n\r\na\r\n", b"a\r\n"),
        ("blank_line_on_top_added", b"a\r\n", b"\r\na\r\n"),
        ("doubled_line_ends_halved", b"a\r\n\r\nb\r\n\r\n", b"a\r\nb\r\n"),
        ("long_lines_joined", b"a" * 989 + b"!\r\n b\r\n", b"a" * 989 + b"!b\r\n"),
        ("nul_bytes_removed", b"a\0b", b"ab"),
        ("end_of_file_mark_removed", b"a\r\n\x1a\r\n", b"a\r\n"),
        ("last_line_dot_removed", b"a\r\n.\r\n", b"a\r\n"),
        ("trailing_blanks_removed", b"a \t\r\nb ", b"a\r\nb"),
        ("tabs_made_blanks", b"a\tb", b"a b"),
        ("tabs_expanded", b"a\tb", b"a       b"),
        ("eight_blanks_made_tabs", b"        b", b"\tb"),
        ("runs_of_blanks_reduced", b"a  \tb", b"a b"),
        ("signature_dashes_completed", b"a\r\n--\r\nb\r\n", b"a\r\n-- \r\nb\r\n"),
        ("flowed_blanks_restored", b"a\r\nb\r\n\r\nc\r\n", b"a \r\nb\r\n\r\nc\r\n"),
        ("leading_blanks_removed", b"  a\r\n\tb", b"a\r\nb"),
        ("no_break_spaces_made_blanks", b"a\xc2\xa0b", b"a b"),
        ("space_stuffing_removed", b" From a\r\n >b\r\n c\r\n", b"From a\r\n>b\r\n c\r\n"),
        ("space_stuffing_restored", b"From a\r\n>b\r\nc\r\n", b" From a\r\n >b\r\nc\r\n"),
        ("disarmed_html_restored", b"<MailScannerForm12 a><b>", b"<Form a><b>"),
        ("double_encoding_undone", "Ã©".encode(), "é".encode()),
        ("utf8_made_latin1", "é".encode(), b"\xe9"),
        ("utf8_made_windows1252", "€".encode(), b"\x80"),
        ("latin1_made_utf8", b"\xe9", "é".encode()),
        ("windows1252_made_utf8", b"\x80", "€".encode()),
        ("accents_composed", "e\u0301".encode(), "é".encode()),
        ("accents_decomposed", "é".encode(), "e\u0301".encode()),
        ("typography_made_plain", "\u201ca\u2019s\u201d \u2026".encode(), b'"a\'s" ...'),
        ("entities_made_plain", b"a&nbsp;&quot;&amp;", b'a "&'),
        ("ampersands_in_links_restored", b"?a=1&amp;b=2 &amp; c", b"?a=1&b=2 &amp; c"),
        ("no_break_entities_made_blanks", b"a&nbsp;b", b"a b"),
        ("blanks_made_no_break_entities", b"a\xc2\xa0b", b"a&nbsp;b"),
        ("equals_signs_decoded", b"a=3Db", b"a=b"),
        ("blank_escapes_decoded", b"a=20\r\n", b"a \r\n"),
        ("soft_line_breaks_joined", b"a=\r\nb", b"ab"),
        ("escapes_in_upper_case", b"=c3=a9", b"=C3=A9"),
        ("escapes_in_lower_case", b"=C3=A9", b"=c3=a9"),
        ("links_refanged", b"hxxp://a[.]b", b"http://a.b"),
        ("links_without_tls", b"https://a", b"http://a"),
        ("byte_order_mark_removed", b"\xef\xbb\xbfa", b"a"),
    ],
)
def test_a_step_over_the_whole_body(name: str, found: bytes, signed: bytes) -> None:
    assert WHOLE[name](found) == signed


@pytest.mark.parametrize(
    ("found", "signed"),
    [
        (
            (
                b"see https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example"
                b"%2Fb%3Fc%3D1&data=05%7C01&reserved=0 now"
            ),
            b"see https://a.example/b?c=1 now",
        ),
        (
            b"https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_b-3Fc-3D1&d=DwMFaQ",
            b"https://a.example/b?c=1",
        ),
        (b"https://urldefense.com/v3/__https://a.example/b__;!!XY!z$ x", b"https://a.example/b x"),
        (
            b"https://urldefense.com/v3/__https://a.example/*b**A__;Iys-!!XY!z$",
            b"https://a.example/#b+>",
        ),
        (
            b"https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fa.example&c=E,1",
            b"https://a.example",
        ),
        (b"https://a.example/url?a=b", b"https://a.example/url?a=b"),
        (b"https://secure-web.cisco.com/1x/https%3A%2F%2Fa.example", b"https://a.example"),
        (b'<a href="x" originalsrc="https://a.example" shash="q">', b'<a href="x">'),
    ],
)
def test_rewritten_links(found: bytes, signed: bytes) -> None:
    assert unwrap_links(found) == signed


TWO = (
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"caf\xc3\xa9\r\n--b--\r\n"
)
MIXED = [(b"Content-Type", b' multipart/mixed; boundary="b"')]


def test_parts_are_written_in_another_encoding_and_relabelled() -> None:
    quoted = PARTS["quoted_printable_76_restored"](MIXED, TWO)
    assert quoted == TWO.replace(b"8bit", b"quoted-printable").replace(b"\xc3\xa9", b"=C3=A9")
    assert PARTS["eight_bit_restored"](MIXED, quoted) == TWO
    coded = PARTS["base64_76_restored"](MIXED, TWO)
    assert coded is not None
    assert b"\r\nY2Fmw6k=\r\n--b--" in coded
    assert PARTS["eight_bit_restored"](MIXED, coded) == TWO


def test_what_stands_around_the_parts_is_taken_out() -> None:
    assert PARTS["text_before_first_part_removed"](MIXED, b"pre\r\n" + TWO) == TWO
    assert PARTS["text_after_last_part_removed"](MIXED, TWO + b"post\r\n") == TWO
    assert PARTS["text_after_last_part_removed"](MIXED, TWO) is None
    inner = TWO.replace(b"--b--", b"--b\r\n\r\nfooter\r\n--b--")
    assert PARTS["wrapping_of_list_removed"](MIXED, inner) == b"caf\xc3\xa9\r\n"


@given(data=st.binary(max_size=400), width=st.sampled_from([72, 75, 76]), is_whole=st.booleans())
def test_quoted_printable_is_read_back_and_keeps_its_width(
    data: bytes, width: int, *, is_whole: bool
) -> None:
    """RFC 2045 section 6.7: lines of at most 76 characters; what is decoded is what was encoded."""
    data = data.replace(b"\r", b"").replace(b"\n", b"\r\n")
    for made in (quote(data, width, is_whole=is_whole), quote_early(data)):
        assert quopri.decodestring(made).replace(b"\r\n", b"\n") == data.replace(b"\r\n", b"\n")
    if not is_whole:
        assert all(len(line) <= width for line in quote(data, width).split(b"\r\n"))


@given(st.binary(min_size=1, max_size=400), st.sampled_from([60, 72, 76]))
def test_base64_is_read_back(data: bytes, width: int) -> None:
    made = wrap_base64(data, width)
    assert base64.b64decode(made) == data
    assert all(len(line) <= width for line in made.split(b"\r\n"))


@given(st.text(alphabet="ab \t\n.", max_size=60).map(str.encode), st.data())
def test_a_place_of_the_canonical_form_is_found_in_the_body(
    raw: bytes, data: st.DataObject
) -> None:
    """RFC 6376 section 3.4: letters stay, in their order, whatever becomes of blanks."""
    body = to_crlf(raw)
    for name, make in (("relaxed", relaxed_body), ("simple", simple_body)):
        form = make(body)
        places = [at for at, byte in enumerate(form) if byte in b"ab."]
        if places:
            at = data.draw(st.sampled_from(places))
            found = origin(body, name, at)
            assert body[found : found + 1] == form[at : at + 1]
            letters = bytes(b for b in body[:found] if b in b"ab.")
            assert letters == bytes(b for b in form[:at] if b in b"ab.")


@pytest.mark.parametrize(
    ("found", "signed"),
    [
        (b" [crew] Hello", b" Hello"),
        (b" [crew] Re: Hello", b" Re: Hello"),
        (b" Re: [crew] Hello", b" Re: Hello"),
        (b" [crew] Re: Hello", b" Re: [crew] Hello"),
        (b" *****SPAM***** Hello", b" Hello"),
        (b" {Spam?} Hello", b" Hello"),
        (b" EXTERNAL: Hello", b" Hello"),
        (b" [EXTERNAL] [crew] Hello", b" Hello"),
        (b" [crew] =?UTF-8?B?w6k=?=", b" =?UTF-8?B?w6k=?="),
        (b" =?utf-8?q?=5Bcrew=5D_=C3=A9?=", b" =?UTF-8?B?w6k=?="),
    ],
)
def test_tags_of_a_subject(found: bytes, signed: bytes) -> None:
    assert signed in [value for _, value in subject_forms(found)]


@pytest.mark.parametrize(
    ("found", "signed"),
    [
        (b' "Ada L" <a@b.c>', b" Ada L <a@b.c>"),
        (b" Ada L via Crew <a@b.c>", b" Ada L <a@b.c>"),
        (b" <a@b.c>", b" a@b.c"),
        (b" a@b.c,d@e.f", b" a@b.c, d@e.f"),
    ],
)
def test_addresses(found: bytes, signed: bytes) -> None:
    assert signed in [value for _, value in address_forms(found)]


def test_dates_stay_the_same_instant() -> None:
    forms = list(date_forms(b" Thu, 4 May 2017 10:00:00 +0200 (CEST)"))
    assert b" Thu, 4 May 2017 10:00:00 +0200" in forms
    assert b" Thu, 04 May 2017 10:00:00 +0200 (CEST)" in forms
    assert b" Thu, 4 May 2017 08:00:00 GMT" in forms
    assert list(date_forms(b" no date")) == [b" no date"]


def test_folds() -> None:
    assert refold(b" a b c d", 4, b"\t") == b" a b\r\n\tc d"
    assert refold(b" a\r\n b", 78, b" ") == b" a b"
