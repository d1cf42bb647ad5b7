"""What honest gateways, lists, stores and mail programs do to a letter, and what a hand does."""

from __future__ import annotations

import base64
import io
import textwrap
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway_letters import ADA, BOB, HOUSE, File, Letter, joined, page_of, pdf, png

if TYPE_CHECKING:
    from collections.abc import Callable

    Way = Callable[[Letter], Letter | None]

LEGAL = (
    "This message and any attachments are confidential and intended solely for the addressee. If "
    "you received it in error, please notify the sender and delete it at once."
)
CAUTION = "CAUTION: this e-mail came from outside. Do not click links unless you know the sender."
LINK = "https://www.hall.example/offers/77?day=monday"
SAFE = (
    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.hall.example%2Foffers"
    "%2F77%3Fday%3Dmonday&data=01%7C01&sdata=x&reserved=0"
)
DEFENSE = (
    "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.hall.example_offers_77-3Fday-3D"
    "monday&d=DwMFaQ&c=x&e="
)


def _texts(one: Letter, text: Callable[[str], str], page: Callable[[str], str] | None) -> Letter:
    return replace(
        one,
        text=None if one.text is None else text(one.text),
        page=None if one.page is None or page is None else page(one.page),
    )


def _same(text: str) -> str:
    return text


def _in_page(more: str, *, is_top: bool) -> Callable[[str], str]:
    if is_top:
        return lambda page: page.replace("<body>", f"<body><div><b>{more}</b></div>")
    return lambda page: page.replace("</body>", f"<hr><p>{more}</p></body>")


def disclaimer_below(one: Letter) -> Letter:
    return _texts(one, lambda t: f"{t}\n\n{LEGAL}", _in_page(LEGAL, is_top=False))


def disclaimer_above(one: Letter) -> Letter:
    return _texts(one, lambda t: f"{CAUTION}\n\n{t}", _in_page(CAUTION, is_top=True))


def disclaimer_both_ends(one: Letter) -> Letter:
    return disclaimer_above(disclaimer_below(one))


def disclaimer_in_text_alone(one: Letter) -> Letter:
    return _texts(one, lambda t: f"{t}\n\n{LEGAL}", _same)


def disclaimer_in_page_alone(one: Letter) -> Letter | None:
    return (one.page and _texts(one, _same, _in_page(LEGAL, is_top=False))) or None


def disclaimer_as_part(one: Letter) -> Letter:
    part = f'Content-Type: text/plain; charset="us-ascii"\r\n\r\n{LEGAL}\r\n'
    return replace(one, loose=(part.encode(),))


def footer_as_file(one: Letter) -> Letter:
    """As Exchange shows the footer of a list."""
    return replace(one, files=(*one.files, File("ATT00001.txt", "text/plain", LEGAL.encode())))


def tag_extern(one: Letter) -> Letter:
    return one.put(Subject=f"[EXTERN] {one.get('Subject')}")


def tag_spam(one: Letter) -> Letter:
    return one.put(Subject=f"[SPAM] {one.get('Subject')}")


def tag_spam_bare(one: Letter) -> Letter:
    return one.put(Subject=f"***SPAM*** {one.get('Subject')}")


def tag_untrusted(one: Letter) -> Letter:
    return one.put(Subject=f"[Expéditeur non vérifié] {one.get('Subject')}")


def links_safelinks(one: Letter) -> Letter:
    return _texts(one, lambda t: t.replace(LINK, SAFE), lambda p: p.replace(
        f'href="{LINK}"', f'href="{SAFE}"'))  # fmt: skip


def links_urldefense(one: Letter) -> Letter:
    return _texts(one, lambda t: t.replace(LINK, DEFENSE), lambda p: p.replace(
        f'href="{LINK}"', f'href="{DEFENSE}"'))  # fmt: skip


def links_disarmed(one: Letter) -> Letter:
    def disarm(text: str) -> str:
        return text.replace("https://www.hall", "hxxps://www[.]hall")

    return _texts(one, disarm, disarm)


def pixel_out(one: Letter) -> Letter | None:
    if one.page is None:
        return None
    start = one.page.index('<img src="https')
    end = one.page.index(">", start) + 1
    return replace(one, page=one.page[:start] + one.page[end:])


def images_out(one: Letter) -> Letter | None:
    if one.page is None:
        return None
    bare = pixel_out(one)
    page = (bare.page or "").replace('<img src="cid:logo@x">', "") if bare else None
    return replace(one, page=page, files=tuple(f for f in one.files if not f.is_inline))


def images_blocked(one: Letter) -> Letter | None:
    """A blank picture stands for what would be loaded."""
    if one.page is None:
        return None
    return replace(one, page=one.page.replace("https://track.example/p.gif", "cid:blocked"))


def to_tnef(one: Letter) -> Letter:
    data = b"\x78\x9f\x3e\x22" + b"\1\0" + b"\0" * 60
    return replace(one, page=None, files=(File("winmail.dat", "application/ms-tnef", data),))


def page_out(one: Letter) -> Letter | None:
    return replace(one, page=None) if one.page else None


def text_out(one: Letter) -> Letter | None:
    return replace(one, text=None) if one.page else None


def page_made(one: Letter) -> Letter | None:
    return None if one.page else replace(one, page=page_of(one.text or ""))


def page_in_place(one: Letter) -> Letter | None:
    return None if one.page else replace(one, page=page_of(one.text or ""), text=None)


def to_latin(one: Letter) -> Letter:
    def smart(text: str) -> str:
        return text.replace("“", '"').replace("”", '"').replace("\u2013", "-")

    return replace(_texts(one, smart, smart), charset="iso-8859-1", coding="8bit")


def to_windows(one: Letter) -> Letter:
    return replace(one, charset="windows-1252", coding="base64")


def quotes_to_ascii(one: Letter) -> Letter:
    table = str.maketrans({"“": '"', "”": '"', "\u2013": "--", "\u2019": "'"})
    return _texts(one, lambda t: t.translate(table), lambda p: p.translate(table))


def accents_lost(one: Letter) -> Letter:
    def lost(text: str) -> str:
        return text.encode("ascii", "replace").decode()

    return _texts(one, lost, lost)


def mojibake(one: Letter) -> Letter:
    def wrong(text: str) -> str:
        return text.encode().decode("cp1252", "replace")

    return _texts(one, wrong, wrong)


def _wrapped(width: int, *, is_flowed: bool = False) -> Way:
    end = " \n" if is_flowed else "\n"

    def way(one: Letter) -> Letter:
        def wrap(text: str) -> str:
            return "\n".join(
                end.join(textwrap.wrap(line, width, break_long_words=False,
                                       break_on_hyphens=False) or [""])
                for line in text.split("\n")
            )  # fmt: skip

        more = "; format=flowed" if is_flowed else ""
        return replace(_texts(one, wrap, _same), more_type=more)

    way.__name__ = f"{'flowed' if is_flowed else 'wrapped'}_{width}"
    return way


def blanks_at_ends(one: Letter) -> Letter:
    return _texts(one, lambda t: t.replace("\n", "  \n"), _same)


def tabs_to_spaces(one: Letter) -> Letter:
    return _texts(one, lambda t: t.replace("\t", "        "), _same)


def blank_lines_out(one: Letter) -> Letter:
    return _texts(one, lambda t: t.replace("\n\n", "\n"), _same)


def pgp_footer(one: Letter) -> Letter:
    block = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----"
    return _texts(
        one,
        lambda t: f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{t}\n{block}",
        _same,
    )


def smime_signed(one: Letter) -> Letter:
    """The wrapper that one copy has and the other has not."""
    sign = File("smime.p7s", "application/pkcs7-signature", b"0\x82" + b"\7" * 400)
    return replace(one, files=(*one.files, sign))


def smime_wrapped(one: Letter) -> Letter:
    head, body = one.body()
    seal = [("Content-Type", 'application/pkcs7-signature; name="smime.p7s"'),
            ("Content-Transfer-Encoding", "base64")]  # fmt: skip
    more = '; protocol="application/pkcs7-signature"; micalg=sha-256'
    outer, whole = joined(
        "signed", "sig", [(head, body), (seal, base64.encodebytes(b"0\x82" + b"\7" * 400))], more
    )
    return replace(one, outer=tuple(outer), whole=whole)


def smime_opaque(one: Letter) -> Letter:
    data = base64.encodebytes(b"0\x82\x03\x00" + b"\5" * 700).replace(b"\n", b"\r\n")
    head = (("Content-Type", 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'),
            ("Content-Transfer-Encoding", "base64"))  # fmt: skip
    return replace(one, outer=head, whole=data)


LIST = {"List_Id": "<hall.lists.example>", "Sender": "hall-bounces@lists.example"}


def list_via(one: Letter) -> Letter:
    """From as lists rewrite it where DMARC would refuse it."""
    told = one.put(From='"Ada Lovelace via Hall" <hall@lists.example>', Reply_To=f"Ada <{ADA}>",
                   To="hall@lists.example", **LIST)  # fmt: skip
    return replace(told, text=f"{one.text}\n_____\nHall mailing list\nhttps://lists.example/hall")


def list_plain(one: Letter) -> Letter:
    told = one.put(To="hall@lists.example", Subject=f"[hall] {one.get('Subject')}",
                   Reply_To="hall@lists.example", **LIST)  # fmt: skip
    return _texts(told, lambda t: f"{t}\n\n-- \nTo leave: hall-leave@lists.example",
                  _in_page("To leave: hall-leave@lists.example", is_top=False))  # fmt: skip


def via_without_list(one: Letter) -> Letter:
    """A forwarder that rewrites From and names no list."""
    return one.put(From=f'"Ada Lovelace via Forward" <ada={HOUSE}@forward.example>',
                   Reply_To=f"Ada Lovelace <{ADA}>")  # fmt: skip


def via_original_from(one: Letter) -> Letter:
    return one.put(From=f'"Ada Lovelace via hall" <hall@{HOUSE}>', X_Original_From=f"<{ADA}>")


# --- attachments -------------------------------------------------------------------------------


def _documents(one: Letter, made: Callable[[File], File | None]) -> Letter | None:
    if not one.files:
        return None
    told = (file if file.is_inline else made(file) for file in one.files)
    return replace(one, files=tuple(file for file in told if file is not None))


def _notice(name: str, kind: str, told: str, charset: str = "utf-8") -> Way:
    def way(one: Letter) -> Letter | None:
        more = f"; charset={charset}" if kind.startswith("text/") else ""
        return _documents(
            one,
            lambda file: File(name.format(file.name), f"{kind}{more}",
                              told.format(file.name).encode(charset), "quoted-printable"),
        )  # fmt: skip

    return way


NOTICES: dict[str, Way] = {
    "notice in English": _notice("{}.txt", "text/plain", "The attachment {} was removed: virus."),
    "notice in French": _notice(
        "piece-supprimee.txt",
        "text/plain",
        "La pièce jointe {} a été supprimée par la passerelle car son type est interdit.",
        "iso-8859-1",
    ),
    "notice in German": _notice(
        "Anlage entfernt.txt", "text/plain", "Der Anhang {} wurde aus Sicherheitsgründen entfernt."
    ),
    "notice in odd words": _notice("x.txt", "text/plain", "qxv {} zzk 17 lorem"),
    "notice in a page": _notice(
        "{}.htm", "text/html", "<html><body><h1>Blocked</h1><p>{}</p></body></html>"
    ),
    "notice under the old name": _notice("{}", "text/plain", "Ce fichier {} a été mis à part."),
    "notice with the old type": _notice("{}", "application/pdf", "Removed by policy: {}"),
    "notice of Thunderbird": _notice(
        "Deleted: {}",
        "text/x-moz-deleted",
        "You deleted an attachment from this message. The original MIME headers were: {}",
    ),
}


def file_out(one: Letter) -> Letter | None:
    return _documents(one, lambda _: None)


def file_detached(one: Letter) -> Letter | None:
    """As Thunderbird leaves it: an empty part that names where the file lies."""
    return _documents(one, lambda file: replace(file, data=b""))


def file_told_in_text(one: Letter) -> Letter | None:
    """As Apple Mail and Outlook write it: the words of the text say that the file is gone."""
    bare = file_out(one)
    return bare and _texts(
        bare,
        lambda t: f"{t}\n\n[The attachment {one.files[0].name} has been manually removed]",
        _in_page("[The attachment has been manually removed]", is_top=False),
    )


def file_linked(one: Letter) -> Letter | None:
    """A gateway keeps the file and leaves a link to it."""
    bare = file_out(one)
    link = "https://files.gateway.example/get/99"
    return bare and _texts(
        bare,
        lambda t: f"{t}\n\nLarge attachments: {link}",
        _in_page(f'Large attachments: <a href="{link}">{link}</a>', is_top=False),
    )


def file_renamed(one: Letter) -> Letter | None:
    return _documents(one, lambda file: replace(file, name=f"{file.name}.DISABLED"))


def file_name_2231(one: Letter) -> Letter | None:
    return _documents(one, lambda file: replace(file, name_form="2231"))


def file_name_2047(one: Letter) -> Letter | None:
    return _documents(one, lambda file: replace(file, name_form="2047"))


def file_recoded(one: Letter) -> Letter | None:
    """Text files are coded anew by relays without 8BITMIME."""
    return _documents(one, lambda file: replace(file, coding="quoted-printable"))


def file_generic_type(one: Letter) -> Letter | None:
    return _documents(one, lambda file: replace(file, kind="application/octet-stream"))


def zipped(files: tuple[File, ...], *, is_locked: bool) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, file in enumerate(files):
            archive.writestr(f"{number}.pdf", file.data)
    data = out.getvalue()
    if is_locked:  # bit 0 of the flags: the entries are encrypted
        data = data.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0")
        data = data.replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")
    return data


def files_zipped(one: Letter) -> Letter | None:
    if not one.files:
        return None
    kept = tuple(file for file in one.files if file.is_inline)
    data = zipped(one.files, is_locked=False)
    return replace(one, files=(*kept, File("attachments.zip", "application/zip", data)))


def files_zipped_locked(one: Letter) -> Letter | None:
    if not one.files:
        return None
    data = zipped(one.files, is_locked=True)
    return replace(one, files=(File("secure.zip", "application/zip", data),))


def picture_smaller(one: Letter) -> Letter | None:
    """A gateway or telephone writes the picture anew."""
    if not one.files:
        return None
    told = (
        replace(file, data=png(77, 4)) if file.kind == "image/png" else file for file in one.files
    )
    return replace(one, files=tuple(told))


def picture_to_jpeg(one: Letter) -> Letter | None:
    if not one.files:
        return None
    jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\1" * 200
    told = (
        replace(file, data=jpeg, kind="image/jpeg", name="logo.jpg")
        if file.kind == "image/png"
        else file
        for file in one.files
    )
    return replace(one, files=tuple(told))


def logo_added(one: Letter) -> Letter:
    """A signature of the house, with its picture."""
    told = _texts(one, lambda t: f"{t}\n\nACME Ltd, 1 Main Street", _in_page(
        'ACME Ltd, 1 Main Street <img src="cid:house">', is_top=False))  # fmt: skip
    return replace(told, files=(*one.files, File("house.png", "image/png", png(9), is_inline=True)))


# --- what programs write at the ends, and in the fields ----------------------------------------


def _ending(name: str, told: str) -> Way:
    def way(one: Letter) -> Letter:
        return _texts(one, lambda t: f"{t}\n\n{told}", _in_page(told, is_top=False))

    way.__name__ = name
    return way


CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:77\r\nDTSTART:20170508T100000Z\r\n"
    "SUMMARY:The hall\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _calendar(text: str) -> bytes:
    return f"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{text}".encode()


def calendar_in(one: Letter) -> Letter:
    return replace(one, loose=(_calendar(CALENDAR),))


def calendar_normal(one: Letter) -> Letter:
    """To be held against `calendar_in`."""
    told = CALENDAR.replace("VERSION:2.0\r\n", "PRODID:-//Store//EN\r\nVERSION:2.0\r\n").replace(
        "20170508T100000Z", "20170508T120000"
    )
    return replace(one, loose=(_calendar(told),))


def calendar_file(one: Letter) -> Letter:
    return replace(
        one, files=(*one.files, File("invite.ics", "application/ics", CALENDAR.encode()))
    )


def bcc_shown(one: Letter) -> Letter:
    return replace(one.put(Bcc="chief@example.net"), is_received=False)


def receipt_asked(one: Letter) -> Letter:
    return one.put(Disposition_Notification_To=f"<{ADA}>", Return_Receipt_To=f"<{ADA}>")


def date_other_zone(one: Letter) -> Letter:
    return one.put(Date="Thu, 4 May 2017 08:00:00 +0000")


def date_zone_name(one: Letter) -> Letter:
    return one.put(Date="Thu, 4 May 2017 08:00:00 GMT")


def date_zone_comment(one: Letter) -> Letter:
    return one.put(Date="Thu, 4 May 2017 10:00:00 +0200 (CEST)")


def date_folded(one: Letter) -> Letter:
    return one.put(Date="Thu, 4 May 2017\r\n 10:00:00\r\n +0200")


def date_no_weekday(one: Letter) -> Letter:
    return one.put(Date="4 May 17 10:00 +0200")


def sent_seconds_before(one: Letter) -> Letter:
    return replace(one.put(Date="Thu, 04 May 2017 09:59:21 +0200"), is_received=False)


def names_quoted(one: Letter) -> Letter:
    return one.put(From=f'"Ada Lovelace" <{ADA}>',
                   To=f'"Bob Durand" <{BOB}>, "Carol" <carol@{HOUSE}>')  # fmt: skip


def names_encoded(one: Letter) -> Letter:
    return one.put(To=f"=?utf-8?q?Bob_Durand?= <{BOB}>, =?utf-8?q?Carol?= <carol@{HOUSE}>")


def names_from_book(one: Letter) -> Letter:
    return one.put(From=f"LOVELACE Ada (DIR) <{ADA}>", To=f"Durand, Bob <{BOB}>, carol@{HOUSE}")


def names_out(one: Letter) -> Letter:
    return one.put(From=ADA, To=f"{BOB}, carol@{HOUSE}")


def to_reordered(one: Letter) -> Letter:
    return one.put(To=f"Carol <carol@{HOUSE}>, Bob Durand <{BOB}>")


def to_group(one: Letter) -> Letter:
    return one.put(To=f"Friends: Bob Durand <{BOB}>, Carol <carol@{HOUSE}>;")


def to_hidden(one: Letter) -> Letter:
    return one.put(To="undisclosed-recipients:;")


def to_and_cc(one: Letter) -> Letter:
    """A store that knows recipients and not their fields."""
    return replace(one.put(To=f"Bob Durand <{BOB}>", Cc=f"Carol <carol@{HOUSE}>"),
                   is_received=False)  # fmt: skip


def from_legacy(one: Letter) -> Letter:
    return one.put(From='"Ada Lovelace" </O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=ADA>')


def to_legacy(one: Letter) -> Letter:
    return one.put(To=f"Bob Durand </O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=BOB>, <carol@{HOUSE}>")


def to_imceaex(one: Letter) -> Letter:
    return one.put(To=f"Bob <IMCEAEX-_O=EX_OU=F_CN=RECIPIENTS_CN=bob@{HOUSE}>, <carol@{HOUSE}>")


def domain_internal(one: Letter) -> Letter:
    return one.put(From="Ada Lovelace <ada@corp.example.local>",
                   To="Bob <bob@corp.example.local>, Carol <carol@corp.example.local>")  # fmt: skip


def address_case(one: Letter) -> Letter:
    return one.put(From=f"Ada Lovelace <{ADA.upper()}>", To=f"{BOB.title()}, CAROL@{HOUSE}")


def subject_folded(one: Letter) -> Letter:
    return one.put(Subject=one.get("Subject").replace(" ", "\r\n ", 1))


def subject_encoded(one: Letter) -> Letter:
    told = base64.b64encode(one.get("Subject").encode()).decode()
    return one.put(Subject=f"=?UTF-8?B?{told}?=")


HONEST: dict[str, Way] = {
    **{
        way.__name__.replace("_", " "): way
        for way in (
            *(disclaimer_below, disclaimer_above, disclaimer_both_ends, disclaimer_in_text_alone),
            *(disclaimer_in_page_alone, disclaimer_as_part, footer_as_file, tag_extern, tag_spam),
            *(tag_spam_bare, tag_untrusted, links_safelinks, links_urldefense, links_disarmed),
            *(pixel_out, images_out, images_blocked, to_tnef, page_out, text_out, page_made),
            *(page_in_place, to_latin, to_windows, quotes_to_ascii, accents_lost, mojibake),
            *(_wrapped(72), _wrapped(78), _wrapped(72, is_flowed=True), blanks_at_ends),
            *(tabs_to_spaces, blank_lines_out, pgp_footer, smime_signed, smime_wrapped),
            *(smime_opaque, list_via, list_plain, via_without_list, via_original_from),
            *(file_out, file_detached, file_told_in_text, file_linked, file_renamed),
            *(file_name_2231, file_name_2047, file_recoded, file_generic_type, files_zipped),
            *(files_zipped_locked, picture_smaller, picture_to_jpeg, logo_added),
            _ending("checked_by_antivirus", "Checked by AVG - www.avg.com. Version: 2017.0.8013"),
            _ending("sent_from_telephone", "Envoyé de mon iPhone"),
            *(calendar_in, calendar_file, bcc_shown, receipt_asked, date_other_zone),
            *(date_zone_name, date_zone_comment, date_folded, date_no_weekday),
            *(sent_seconds_before, names_quoted, names_encoded, names_from_book, names_out),
            *(to_reordered, to_group, to_hidden, to_and_cc, from_legacy, to_legacy, to_imceaex),
            *(domain_internal, address_case, subject_folded, subject_encoded),
        )
    },
    **NOTICES,
}
# What stands before the first of two ways and after the second: both sides changed.
PAIRS: dict[str, tuple[Way, Way]] = {"calendar normalised": (calendar_in, calendar_normal)}


# What no signer of the sender's house earns `verified` with: another From, a list, an outer shell.
NOT_SIGNED_BEHIND = frozenset(
    {
        *("smime wrapped", "list via", "list plain", "via without list", "via original from"),
        *("names from book", "from legacy", "domain internal"),
    }
)


# --- what a hand does --------------------------------------------------------------------------


def _words(old: str, new: str) -> Way:
    def way(one: Letter) -> Letter:
        assert old in (one.text or "")
        return _texts(one, lambda t: t.replace(old, new), lambda p: p.replace(old, new))

    return way


def _swapped(data: bytes, kind: str = "application/pdf", name: str = "") -> Way:
    return lambda one: _documents(
        one, lambda file: replace(file, data=data, kind=kind, name=name or file.name)
    )


OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def office() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def document_added(one: Letter) -> Letter:
    return replace(one, files=(*one.files, File("more.pdf", "application/pdf", pdf("more"))))


EDITS: dict[str, Way] = {
    "a word": _words("closed in April", "opened in April"),
    "a figure": _words("1200 euros", "9200 euros"),
    "a sentence put in": _words("before noon.\n", "before noon. Tell nobody about this deal.\n"),
    "a sentence taken out": _words("The printer's list"
                                   " \u2013 with all names \u2013 lies on my desk; nobody "
                                   "outside of the house has seen it yet.\n", ""),
    "a word of the subject": lambda one: one.put(Subject=one.get("Subject").replace("hall",
                                                                                   "bank")),
    "the date by days": lambda one: one.put(Date="Tue, 09 May 2017 10:00:00 +0200"),
    "the From address": lambda one: one.put(From="Ada Lovelace <minister@example.org>"),
    "an address added to To": lambda one: one.put(To=f"{one.get('To')}, x@offshore.example"),
    "an address of To exchanged": lambda one: one.put(To=f"Bob <{BOB}>, x@offshore.example"),
    "a pdf for a pdf": _swapped(pdf("bribe")),
    "a docx for a pdf": _swapped(office(), OFFICE, "plan.docx"),
    "a pdf called text": _swapped(pdf("bribe"), "text/plain"),
    "a zip that is a docx": _swapped(office(), "application/zip", "plan.docx"),
    "a document added": document_added,
}  # fmt: skip
