"""In what way the attached files of two copies differ: what gateways do, or what a hand does."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tamis.analyses.leak import text_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

# A notice that stands for a file is a page of text at most, its markup and styles counted.
MAX_NOTICE_BYTES = 16_384
_MAX_ENTRIES = 10_000
_HEAD = 512
_PICTURES = (
    *(b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*"),
    b"\0\0\x01\0",
)
_PACKED = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_WRAPPED = (b"\x78\x9f\x3e\x22", b"-----BEGIN PGP ")  # winmail.dat, OpenPGP in letters
_CARDS = (b"BEGIN:VCALENDAR", b"BEGIN:VCARD")
_DOCUMENTS = (b"%PDF", b"{\\rtf", b"%!PS", b"<?xml", b"\xd0\xcf\x11\xe0", b"PK\x05\x06")
_SEALED = frozenset(
    {
        *("application/pkcs7-signature", "application/x-pkcs7-signature"),
        *("application/pgp-signature", "application/pkcs7-mime", "application/x-pkcs7-mime"),
        *("application/pgp-encrypted", "application/ms-tnef", "application/vnd.ms-tnef"),
        "application/pgp-keys",
    }
)
_CHANGED = frozenset({"replaced", "replaced_start", "replaced_end", "inserted", "removed",
                      "link_replaced"})  # fmt: skip


class Attached(NamedTuple):
    """One attached file: the hash by which it is compared, its declared type, and its bytes."""

    key: str
    media_type: str
    data: bytes
    is_inline: bool = False


def kinds(original: Sequence[Attached], leaked: Sequence[Attached]) -> list[str]:
    """The kinds of difference between the files of two copies, each once, in order.

    Output    swapped (a document for another one), edited (a text file whose text was changed),
              added (a document where nothing is missing); and what gateways, stores and programs
              do as well: missing, stand_in (a short text in the place of a file, or beside),
              picture (one picture for another, or one more), packed (in an archive that holds it,
              or that nobody can look into), wrapper (signatures, calendars, cards, winmail.dat),
              message (an attached message); nothing where the same files are there
    Limits    The bytes decide what a file is, not its declared type: whoever puts another document
              there cannot call it a notice. A gateway that writes documents anew (without macros,
              as a harmless PDF, with a stamp) makes what is `swapped`.
    """
    old, new = _rest(original, leaked), _rest(leaked, original)
    lost = [one for one in old if one.data]
    sorts = [(one, _sort(one)) for one in new if one.data]
    gone = [one for one in lost if _sort(one) in {"document", "archive"}]
    texts = [one for one in lost if _sort(one) == "text"]
    is_unpacked = _are_unpacked(sorts, gone)
    found = {"missing"} if old else set()
    pictures_lost = sum(_sort(one) == "picture" for one in lost)
    for one, sort in sorts:
        if sort == "text":
            found.add("edited" if any(_is_edited(text, one) for text in texts) else "stand_in")
        elif sort == "picture" and not (pictures_lost or is_unpacked or one.is_inline):
            found.add("swapped")
        elif sort == "archive":
            found.add(_of_archive(one, gone))
        elif sort == "document":
            found.add("added" if is_unpacked else "swapped")
        else:
            found.add(sort)
    return sorted(found)


def _rest(some: Sequence[Attached], others: Sequence[Attached]) -> list[Attached]:
    """Those of some files that the others do not hold, as often as they hold them."""
    held = Counter(one.key for one in others)
    rest = []
    for one in some:
        if held[one.key]:
            held[one.key] -= 1
        else:
            rest.append(one)
    return rest


def _sort(one: Attached) -> str:
    """What a file is, by its first bytes."""
    head = one.data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if one.media_type.startswith("message/"):
        return "message"
    if head.startswith(_DOCUMENTS):
        return "document"
    if one.media_type in _SEALED or head.startswith((*_WRAPPED, *_CARDS)):
        return "wrapper"
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture"
    if head.startswith((b"PK\x03\x04", *_PACKED)):
        return "archive" if not _is_office(one.data) else "document"
    is_text = len(one.data) <= MAX_NOTICE_BYTES and not _is_binary(one.data)
    return "text" if is_text else "document"


def _is_binary(data: bytes) -> bool:
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data)
    return b"\0" in data or odd * 100 > len(data)


def _names(data: bytes) -> list[zipfile.ZipInfo] | None:
    """The entries of a zip archive; None where it is none that can be read."""
    if not data.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()[:_MAX_ENTRIES]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError, OSError):
        return None


def _is_office(data: bytes) -> bool:
    """Whether a zip archive is a document of Office or OpenDocument."""
    names = {one.filename for one in _names(data) or ()}
    return bool(names & {"[Content_Types].xml", "mimetype", "content.xml"})


def _are_unpacked(sorts: Sequence[tuple[Attached, str]], gone: Sequence[Attached]) -> bool:
    """Whether nothing is gone but archives that hold the new documents, or that are locked."""
    new = [one for one, sort in sorts if sort == "document"]
    return all(_sort(one) == "archive" and _of_archive(one, new) == "packed" for one in gone)


def _of_archive(one: Attached, gone: Sequence[Attached]) -> str:
    """What an archive is that stands where files are gone."""
    entries = _names(one.data)
    if not gone:
        return "added"
    if entries is None:
        return "swapped" if one.data.startswith(b"PK") else "packed"
    if any(entry.flag_bits & 1 for entry in entries):
        return "packed"
    held = {(entry.file_size, entry.CRC) for entry in entries}
    is_held = all((len(file.data), zlib.crc32(file.data)) in held for file in gone)
    return "packed" if is_held else "swapped"


def _is_edited(old: Attached, new: Attached) -> bool:
    """Whether a text file is another one with words changed; a notice has words of its own."""
    one, two = (file.data.decode("utf-8", "replace") for file in (old, new))
    return not _CHANGED.isdisjoint(text_kinds.kinds(one, two))
