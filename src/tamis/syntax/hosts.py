"""What kind of place a host is: where dumps are put, kept, mirrored and pointed at.

Source    paste: the public list at github.com/james-see/awesome-pastes, services that a dump of
          2016 to 2024 can stand on. file, archive, torrent, shortener, leak: by what the service
          itself says it does (upload a file, keep a page, index torrents, shorten an address,
          publish leaked files); no list of others was taken over.
Limits    A short list of well-known places: a host that is not on it is no ordinary host by that.
          A kind says what the place is for, not what a link to it holds.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "paste": (
            *("pastebin.com", "ghostbin.com", "ghostbin.org", "hastebin.com", "justpaste.it"),
            *("dpaste.com", "dpaste.org", "paste2.org", "0bin.net", "privatebin.net", "cl1p.net"),
            *("rentry.co", "rentry.org", "telegra.ph", "gist.github.com", "write.as", "ideone.com"),
            *("termbin.com", "paste.ee", "pastee.org", "paste.debian.net", "paste.ubuntu.com"),
            *("controlc.com", "pastelink.net", "codepad.org", "anotepad.com", "zerobin.net"),
        ),
        "file": (
            *("mega.nz", "mega.co.nz", "mega.io", "mediafire.com", "anonfile.com", "anonfiles.com"),
            *("bayfiles.com", "gofile.io", "uploaded.net", "rapidgator.net", "zippyshare.com"),
            *("dropbox.com", "drive.google.com", "docs.google.com", "wetransfer.com", "we.tl"),
            *(
                "sendspace.com",
                "file.io",
                "transfer.sh",
                "catbox.moe",
                "pixeldrain.com",
                "4shared.com",
            ),
            *("1fichier.com", "workupload.com", "disk.yandex.ru", "yadi.sk", "cloud.mail.ru"),
            *(
                "uploadfiles.io",
                "ufile.io",
                "filebin.net",
                "krakenfiles.com",
                "mixtape.moe",
                "pomf.se",
            ),
        ),
        "archive": (
            *(
                "archive.org",
                "archive.is",
                "archive.today",
                "archive.ph",
                "archive.fo",
                "archive.li",
            ),
            *("archive.vn", "archive.md", "ghostarchive.org", "webcitation.org", "perma.cc"),
            *("archived.moe", "4plebs.org", "desuarchive.org", "warosu.org", "archiveofsins.com"),
            *("webcache.googleusercontent.com", "cachedview.nl", "megalodon.jp", "peeep.us"),
        ),
        "torrent": (
            *("thepiratebay.org", "1337x.to", "rarbg.to", "torrentz2.eu", "btdig.com", "nyaa.si"),
            *("academictorrents.com", "itorrents.org", "torrage.info"),
        ),
        "leak": (
            *(
                "wikileaks.org",
                "ddosecrets.com",
                "cryptome.org",
                "dcleaks.com",
                "cyberguerrilla.org",
            ),
            *("enlacehacktivista.org", "distributeddenialofsecrets.com", "publicintelligence.net"),
        ),
        "shortener": (
            *("t.co", "bit.ly", "goo.gl", "tinyurl.com", "ow.ly", "buff.ly", "is.gd", "v.gd"),
            *("dlvr.it", "ift.tt", "fb.me", "youtu.be", "wp.me", "adf.ly", "shorte.st", "cutt.ly"),
            *("rebrand.ly", "tiny.cc", "bl.ink", "lnkd.in", "trib.al", "amzn.to", "nyti.ms"),
        ),
    }
)
_BY_HOST = {host: kind for kind, hosts in KINDS.items() for host in hosts}


@lru_cache(maxsize=1 << 14)
def host_kind(host: str) -> str | None:
    """paste, file, archive, torrent, leak or shortener, for a host or one above it; else None."""
    while host:
        found = _BY_HOST.get(host)
        if found is not None:
            return found
        host = host.partition(".")[2]
    return None


def host_kinds(kinds: Sequence[str], canonicals: Sequence[str]) -> list[str | None]:
    """The host kind of each object: of a url or a domain, None for any other kind."""
    return [_of(kind, one) for kind, one in zip(kinds, canonicals, strict=True)]


def _of(kind: str, canonical: str) -> str | None:
    if kind == "domain":
        return host_kind(canonical)
    if kind != "url":
        return None
    if canonical.startswith("magnet:"):
        return "torrent"
    host = canonical.partition("://")[2].partition("/")[0]
    return host_kind(host.partition(":")[0])
