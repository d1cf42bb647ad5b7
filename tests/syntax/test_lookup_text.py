from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tamis.syntax.lookup_text import LookupText, read_lookups

UNIX = """\
Server:\t\t127.0.0.53
Address:\t127.0.0.53#53

Non-authoritative answer:
s1._domainkey.example.org\ttext = "v=DKIM1; k=rsa; " "p=QUJD"

Authoritative answers can be found from:
"""
WINDOWS = """\
Server:  dns.example
Address:  192.0.2.1

s1._domainkey.example.org\ttext =

\t"v=DKIM1; k=rsa; "
\t"p=QUJD"
s2._domainkey.example.org\ttext =

\t"p="
"""
HOST = 's1._domainkey.example.org descriptive text "v=DKIM1; k=rsa; " "p=QUJD"\n'
SHORT = """\
+ dig +short TXT s1._domainkey.example.org
"v=DKIM1; k=rsa; " "p=QUJD"
user@host:~$ dig TXT s2._domainkey.example.org. +short @9.9.9.9
alias.esp.example.
"p=\\"A\\065"
+ dig +short TXT s3._domainkey.example.org
+ dig +short MX example.org
"p=none of these"
"""


def found(text: str) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in read_lookups(text)]


def test_each_program() -> None:
    whole = ("s1._domainkey.example.org", "v=DKIM1; k=rsa; p=QUJD")
    assert found(UNIX) == [whole]
    assert found(WINDOWS) == [whole, ("s2._domainkey.example.org", "p=")]
    assert found(HOST) == [whole]
    assert found(SHORT) == [whole, ("s2._domainkey.example.org", 'p="AA')]


def test_strings_without_a_name_are_nobodys() -> None:
    assert found('"v=DKIM1; p=QUJD"\n') == []
    assert found('dig +short TXT a._domainkey.b c._domainkey.d\n"p="\n') == []
    assert found('s1._domainkey.example.org text = "p=QUJD\n') == []


@given(st.text(max_size=300))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert all(isinstance(one, LookupText) for one in read_lookups(text))
