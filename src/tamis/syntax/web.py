"""Web addresses in one canonical form, so that two shares of one page are one object.

The form is a key for comparing, not a link to follow: nothing is looked up, and `https://`
stands for both schemes. What is done, in this order:

1. parsed as WHATWG says (scheme and host lower-cased, host in punycode, default port dropped,
   dot segments resolved); user names and passwords are dropped; only http(s) and magnet;
2. redirectors that carry their target in the address, and AMP caches, give way to the target;
3. the labels www, m, mobile and amp left of the registrable domain go; a few hosts that are
   one site under several names get one name (`_ALIASES`);
4. posts of X become `https://x.com/i/status/ID`, videos of YouTube `https://youtube.com/watch?v=ID`;
5. tracking parameters go, the others are sorted by name (repeated names keep their order);
6. the fragment goes unless it begins with `#!`; a trailing slash and a trailing `/amp` go;
   percent-encoded letters, digits and `-._~` are decoded, other escapes are upper-cased.

A shortened link (t.co, bit.ly, …) stays as it is: its target is known only where the data
carries it. An address that the platform cut with an ellipsis is no address.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

import can_ada

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_SIDE_LABELS = frozenset({"www", "m", "mobile", "amp"})
_ALIASES = {
    "twitter.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "fixupx.com": "x.com",
    "old.reddit.com": "reddit.com",
    "new.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "telegram.me": "t.me",
    "telegram.dog": "t.me",
    "fb.com": "facebook.com",
    "youtube-nocookie.com": "youtube.com",
}
# Redirectors whose target stands in the address itself: host, path prefix, parameters.
_REDIRECTORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "google.com": ("/url", ("url", "q")),
    "l.facebook.com": ("/l.php", ("u",)),
    "lm.facebook.com": ("/l.php", ("u",)),
    "l.instagram.com": ("/", ("u",)),
    "youtube.com": ("/redirect", ("q",)),
    "out.reddit.com": ("/", ("url",)),
    "vk.com": ("/away.php", ("to",)),
    "away.vk.com": ("/away.php", ("to",)),
    "t.umblr.com": ("/redirect", ("z",)),
}
_TRACKING = frozenset(
    {
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid"),
        *("ttclid", "igshid", "igsh", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "_ga"),
        *("_gl", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid", "srsltid", "s_cid", "ncid"),
        *("cmpid", "cmp", "ocid", "xtor", "wt_mc", "wt.mc_id", "ref_src", "ref_url", "guccounter"),
        *("__twitter_impression", "soc_src", "soc_trk", "smid", "smtyp", "spm", "ito", "amp"),
        "outputtype",
    }
)
_TRACKING_PREFIXES = ("utm_", "at_", "guce_", "hsa_", "pk_", "mtm_")
# Parameters that mean the reader's way, on these hosts only.
_HOST_TRACKING = {
    "x.com": frozenset({"s", "t", "lang"}),
    "youtube.com": frozenset({"si", "feature", "t", "ab_channel", "list", "index", "pp"}),
    "facebook.com": frozenset({"__tn__", "__cft__[0]", "refsrc", "rdid", "mibextid", "_rdr"}),
    "tiktok.com": frozenset({"is_from_webapp", "sender_device", "_r", "_t"}),
    "spotify.com": frozenset({"si"}),
}
_STATUS = re.compile(r"/(?:i/web|i|[A-Za-z0-9_]{1,20})/status(?:es)?/([0-9]{1,20})(?=/|$)")
_VIDEO = re.compile(r"/(?:shorts|embed|live|v)/([A-Za-z0-9_-]{6,20})(?=/|$)")
_SHORT_VIDEO = re.compile(r"/([A-Za-z0-9_-]{6,20})(?=/|$)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_BTIH = re.compile(r"xt=urn:btih:([0-9A-Za-z]{32,40})", re.IGNORECASE)
_MAX_CHARACTERS = 16_384
_MAX_UNWRAPPED = 3


@dataclass(frozen=True, slots=True)
class Link:
    """One web address in canonical form, its registrable domain, and the X post it names."""

    canonical: str
    domain: str | None
    status_id: str | None = None
    is_media_of_status: bool = False


@lru_cache(maxsize=1 << 16)
def link(raw: str) -> Link | None:
    """The canonical form of an address as found in a post, or None when it is none.

    Missing   `domain` is None for an IP address and for a magnet link.
    Limits    Pages that serve different content by parameter order, scheme or a tracking-like
              parameter fall together; pages behind a shortener do not.
    """
    return _link(raw, _MAX_UNWRAPPED)


@lru_cache(maxsize=1 << 14)
def domain(host: str) -> str | None:
    """The registrable domain of a host name (one label under its public suffix), or None.

    Source    publicsuffix.org list, private section included: each blog of a blog host is its own.
    """
    suffix = _suffixes().privatesuffix(host)
    return suffix if isinstance(suffix, str) else None


def _link(raw: str, unwraps_left: int) -> Link | None:
    parsed = _parse(raw)
    if isinstance(parsed, str):
        return Link(parsed, None)
    if parsed is None:
        return None
    host, bare_ip = _host(parsed.hostname)
    if host is None:
        return None
    target = _target(host, parsed.pathname, parsed.search) if unwraps_left else None
    if target is not None:
        inner = _link(target, unwraps_left - 1)
        if inner is not None:
            return inner
    port = f":{parsed.port}" if parsed.port else ""
    if host == "x.com" and (found := _STATUS.match(parsed.pathname)):
        rest = parsed.pathname[found.end() :]
        canonical = f"https://x.com/i/status/{found[1]}"
        return Link(canonical, host, found[1], rest.startswith(("/photo/", "/video/")))
    host, path, query = _video(host, parsed.pathname, parsed.search)
    registrable = None if bare_ip else domain(host)
    path = _path(host, path)
    query = _query(host, path, query)
    fragment = parsed.hash if parsed.hash.startswith("#!") else ""
    return Link(f"https://{host}{port}{path}{query}{fragment}", registrable)


def _parse(raw: str) -> can_ada.URL | str | None:
    """The parsed http(s) address, a magnet link's own canonical text, or None."""
    text = raw.strip()
    if not text or len(text) > _MAX_CHARACTERS or text.endswith(("…", "...")):
        return None
    if text[:7].lower() == "magnet:":
        found = _BTIH.search(text)
        return f"magnet:?xt=urn:btih:{_info_hash(found[1])}" if found else None
    if not _SCHEME.match(text) or text.split("/", 1)[0].rsplit(":", 1)[-1].isdecimal():
        text = f"https://{text}"
    try:
        parsed = can_ada.parse(text)
    except ValueError:
        return None
    return parsed if parsed.protocol in {"http:", "https:"} else None


def _info_hash(written: str) -> str:
    """The 40 hex digits of a torrent's hash, which old links write in base32."""
    if len(written) == 32:
        try:
            return base64.b32decode(written.upper()).hex()
        except ValueError:
            pass
    return written.lower()


@lru_cache(maxsize=1 << 14)
def _host(name: str) -> tuple[str | None, bool]:
    """The host without side labels and under its one name; whether it is an IP address."""
    host = name.rstrip(".")
    if host.startswith("[") or host.rpartition(".")[2].isdecimal():
        return host, True
    registrable = domain(host)
    if registrable is None:
        return None, False
    if host != registrable:
        side = host[: -len(registrable) - 1].split(".")
        kept = [label for label in side if label not in _SIDE_LABELS]
        host = ".".join([*kept, registrable])
    return _ALIASES.get(host, host), False


def _target(host: str, path: str, search: str) -> str | None:
    """The address that a redirector or AMP cache carries in its own."""
    if host == "google.com" and path.startswith("/amp/"):
        return _amp_target(path[len("/amp/") :])
    if host.endswith(".cdn.ampproject.org"):
        kind, _, rest = path[1:].partition("/")
        return _amp_target(rest) if kind in {"c", "v", "i", "wp"} else None
    wanted = _REDIRECTORS.get("google.com" if host.startswith("google.") else host)
    if wanted is None or not path.startswith(wanted[0]):
        return None
    values = parse_qs(search[1:], max_num_fields=64) if search.count("&") < 64 else {}
    for name in wanted[1]:
        target = values.get(name, [""])[0]
        if target.startswith(("http://", "https://")):
            return target
    return None


def _amp_target(rest: str) -> str:
    return f"https://{unquote(rest.removeprefix('s/'))}"


def _video(host: str, path: str, search: str) -> tuple[str, str, str]:
    """Host, path and query, YouTube's several ways to one video made one."""
    if host == "youtu.be" and (found := _SHORT_VIDEO.match(path)):
        return "youtube.com", "/watch", f"?v={found[1]}"
    if host == "youtube.com" and (found := _VIDEO.match(path)):
        return host, "/watch", f"?v={found[1]}"
    return host, path, search


def _path(host: str, path: str) -> str:
    path = _escapes(path) if "%" in path else path
    path = path.rstrip("/")
    while path.endswith("/amp"):
        path = path[: -len("/amp")].rstrip("/")
    if host == "x.com":
        path = path.lower()  # handles and routes of X do not distinguish case
    if host == "t.me" and path.startswith("/s/"):
        path = path[2:]
    return path or "/"


def _query(host: str, path: str, search: str) -> str:
    if len(search) < 2:
        return ""
    own = frozenset() if path == "/playlist" else _HOST_TRACKING.get(host, frozenset())
    kept = []
    for pair in search[1:].split("&"):
        name = pair.partition("=")[0]
        lowered = name.lower()
        if (
            name
            and lowered not in _TRACKING
            and name not in own
            and not lowered.startswith(_TRACKING_PREFIXES)
        ):
            kept.append((name, pair))
    if not kept:
        return ""
    kept.sort(key=lambda entry: entry[0])
    joined = "&".join(pair for _, pair in kept)
    return "?" + (_escapes(joined) if "%" in joined else joined)


def _escapes(text: str) -> str:
    return _ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - reading the list takes 50 ms

    return PublicSuffixList()
