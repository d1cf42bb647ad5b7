from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.zone_file import ZoneText, ZoneTrouble, read_zone

GOLDEN = r"""
; a comment with "quotes" and (parentheses
$TTL 3600
$ORIGIN example.org.
@       IN SOA ns hostmaster ( 2017050501 ; serial
                7200 3600 1209600 3600 )
        IN NS  ns
s1._domainkey 300 IN TXT ( "v=DKIM1; k=rsa; " ; first half
                           "p=QUJD" )
s2._domainkey IN 1h TXT "v=DKIM1\; p=\"x\"\\\065"
              TXT v=DKIM1;comment
S3._DomainKey.example.net. TXT "p=" ; absolute
$ORIGIN sub.example.org.
s4._domainkey txt "a" "b" "" "c"
www CNAME "TXT"
@ TXT "apex"
"""


def found(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in read_zone(text) if isinstance(one, ZoneText)]


def troubles(text: str) -> list[str]:
    return [one.reason for one in read_zone(text) if isinstance(one, ZoneTrouble)]


def test_the_golden_zone() -> None:
    assert found(GOLDEN) == [
        ("s1._domainkey.example.org", "v=DKIM1; k=rsa; p=QUJD"),
        ("s2._domainkey.example.org", 'v=DKIM1; p="x"\\A'),
        ("s2._domainkey.example.org", "v=DKIM1"),
        ("S3._DomainKey.example.net", "p="),
        ("s4._domainkey.sub.example.org", "abc"),
        ("sub.example.org", "apex"),
    ]
    assert troubles(GOLDEN) == []
    assert [one.line for one in read_zone(GOLDEN)] == [8, 10, 11, 12, 14, 16]


def test_line_ends_do_not_matter() -> None:
    assert found(GOLDEN.replace("\n", "\r\n")) == found(GOLDEN)


def test_what_cannot_be_read_is_named_and_the_rest_goes_on() -> None:
    after = '\nk._domainkey.example.net. TXT "p=A"\n'
    cases = {
        's._domainkey TXT "p="': "no $ORIGIN",
        's._domainkey.example.org. TXT "p=': "never closed",
        's._domainkey.example.org. TXT ( "p="': "never closed",
        's._domainkey.example.org. TXT "p=" )': "not opened",
        "s._domainkey.example.org. TXT": "without a string",
        "$INCLUDE /etc/passwd": "not carried out",
        "$GENERATE 1-9 s$ TXT x": "not carried out",
        "$ORIGIN": "without an absolute name",
        r's\._domainkey.example.org. TXT "p="': "escaped",
    }
    for text, reason in cases.items():
        told = troubles(text + after)
        assert len(told) == 1, text
        assert reason in told[0]
        assert found(text + after) == [("k._domainkey.example.net", "p=A")], text


def test_an_unreadable_origin_takes_the_old_one_away() -> None:
    assert found('$ORIGIN a.\n$ORIGIN b\nx TXT "1"') == []


def test_a_blank_owner_after_nothing_is_no_name() -> None:
    assert troubles('  TXT "x"') == ["the name is escaped, or relative and no $ORIGIN says to what"]


def test_many_open_parentheses_end_soon() -> None:
    told = troubles("x. TXT (\n" * 20_000)
    assert 0 < len(told) < 200


@given(st.text(max_size=400))
def test_any_text_is_read_to_its_end(text: str) -> None:
    for one in read_zone(text):
        assert isinstance(one, ZoneText | ZoneTrouble)


@given(st.text(alphabet='ab"();\\ \t\n$@.1', max_size=200))
def test_text_of_marks_is_read_to_its_end(text: str) -> None:
    list(read_zone('$ORIGIN o.\nx TXT "1"\n' + text))


STRINGS = st.lists(st.text(max_size=40), min_size=1, max_size=5)


def quoted(text: str) -> str:
    """A string as a zone file writes it, each character in one of the permitted ways."""
    parts = []
    for character in text:
        code = ord(character)
        if code < 32 or 127 <= code < 256:
            parts.append(f"\\{code:03d}")
        elif character in '"\\':
            parts.append(f"\\{character}")
        else:
            parts.append(character)
    return f'"{"".join(parts)}"'


@given(STRINGS, st.sampled_from([" ", "\n    "]))
def test_what_is_written_is_read_back(strings: list[str], between: str) -> None:
    """RFC 1035 5.1: "\\DDD ... the octet corresponding to the decimal number"."""
    written = between.join(map(quoted, strings))
    body = written if between == " " else f"( {written} )"
    # Escapes may not hide a line end that is none in ASCII.
    text = f"s._domainkey.example.org. 60 IN TXT {body}\nz. TXT 1\n"
    assert found(text) == [("s._domainkey.example.org", "".join(strings)), ("z", "1")]


MIDDLE = 's2._domainkey.example.org. 60 IN TXT ( "v=DKIM1; " "p=\\065" ) ; note'
BEFORE = ("s1._domainkey.example.org", "p=ONE")
AFTER = ("s3._domainkey.example.org", "p=THREE")


@given(st.integers(0, len(MIDDLE) - 1), st.characters())
def test_a_damaged_line_leaves_its_neighbours_alone(place: int, character: str) -> None:
    changed = MIDDLE[:place] + character + MIDDLE[place + 1 :]
    text = f'{BEFORE[0]}. TXT "{BEFORE[1]}"\n{changed}\n{AFTER[0]}. TXT "{AFTER[1]}"\n'
    records = found(text)
    assert records[0] == BEFORE
    assert AFTER in records
    for name, txt in records[1:]:
        if (name, txt) != AFTER:
            # What the damaged line gives is its own, changed by one character at most.
            assert abs(len(txt) - len("v=DKIM1; p=A")) <= len("\\065") + len("v=DKIM1; ")
