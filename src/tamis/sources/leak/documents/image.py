"""Images: size, what they say of themselves, and a hash by which look-alikes are found."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from tamis.registry import Glimpse, LeakReader, Sink, Source
from tamis.sources.leak.documents import exif, image_hash, moments, png_chunks, xmp
from tamis.sources.leak.documents.facts import Facts
from tamis.sources.leak.magic import media_type

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import NDArray

MAX_PIXELS = 64_000_000
MAX_FRAMES = 1_000
_FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP")
_TYPES = tuple(f"image/{name.lower()}" for name in _FORMATS)
_SAID = {
    "comment": "comment",
    "dpi": "resolution",
    "jfif_version": "JFIF version",
    "progression": "progressive",
}


def recognises(glimpse: Glimpse) -> int:
    """38 by the first bytes of the six formats that are read."""
    return 38 if media_type(glimpse.head, glimpse.tail) in _TYPES else 0


def read(stream: BinaryIO, source: Source, sink: Sink) -> None:  # noqa: ARG001 (protocol)
    """The document row, and the properties; the first frame is decoded for the hash."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 (loaded when one is read)

    data = stream.read()
    found = media_type(data[:65_536])
    facts = Facts(sink)
    try:
        # What Pillow warns of is a limit that is looked at here, or damage that it passes over.
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _stated(image, facts, data)
                _look(image, facts)
    except Image.DecompressionBombError:
        facts.refuse(found, "it claims more pixels than any picture has: not opened")
        return
    except UnidentifiedImageError:
        _unreadable(sink, found, "its header is damaged: no picture can be made of it")
        return
    except _troubles() as problem:
        _unreadable(sink, found, f"it is damaged ({_said(problem)})")
        return
    for one in told:
        if not issubclass(one.category, Image.DecompressionBombWarning):
            facts.add("image", "warning", _said(one.message))
    sink.row("document", {"kind": "image", "is_encrypted": False})
    facts.close(found)


def _unreadable(sink: Sink, found: str | None, reason: str) -> None:
    sink.row("document", {"kind": "image", "is_encrypted": False})
    sink.row("item", {"status": "failed", "media_type": found, "reason": reason})


def _troubles() -> tuple[type[Exception], ...]:
    """What Pillow raises on images that are not what they should be."""
    import struct  # noqa: PLC0415 (for its error alone)

    return (
        *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError),
        *(EOFError, OverflowError, ZeroDivisionError, RuntimeError, AssertionError, struct.error),
    )


def _stated(image: Any, facts: Facts, data: bytes) -> None:
    """Everything but the picture itself."""
    facts.add("image", "format", image.format)
    facts.add("image", "width", image.width)
    facts.add("image", "height", image.height)
    facts.add("image", "mode", image.mode)
    for key, name in _SAID.items():
        value = image.info.get(key)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace").strip("\0")
        elif isinstance(value, tuple):
            value = ", ".join(f"{float(one):g}" for one in value)
        facts.add("image", name, value)
    packet = _packet(image, facts, data)
    try:
        exif.note(image, facts)
    except _troubles() as problem:
        facts.note(f"its EXIF data is damaged ({_said(problem)})")
    if packet is not None:
        values, trouble = xmp.values(packet)
        for one in values:
            facts.add("xmp", one.name, one.value, at=one.at)
        if trouble:
            facts.note(trouble)
    if image.info.get("icc_profile"):
        facts.add("image", "colour profile", f"({len(image.info['icc_profile']):,} bytes)")


def _packet(image: Any, facts: Facts, data: bytes) -> bytes | None:
    """The XMP packet, wherever the format keeps it; of a PNG also its texts."""
    packet = image.info.get("xmp")
    if image.format == "PNG":
        packet = _png(facts, data) or packet
    elif image.format == "TIFF":
        packet = image.tag_v2.get(700)
    if isinstance(packet, str):
        return packet.encode()
    return packet if isinstance(packet, bytes) else None


def _png(facts: Facts, data: bytes) -> bytes | None:
    chunks = png_chunks.scan(data)
    for name, value, _ in chunks.texts:
        at = moments.zoned(value) if "time" in name.lower() or "date" in name.lower() else None
        facts.add("png", name, value, at=at)
    facts.add("png", "last change (tIME)", chunks.changed_stated, at=chunks.changed_at)
    facts.add("png", "bytes after the end", chunks.bytes_after or None)
    for remark in chunks.notes:
        facts.note(remark)
    return chunks.xmp


def _look(image: Any, facts: Facts) -> None:
    """Decode the picture, if it is not too large, for its hash; then count the frames."""
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        facts.note(
            f"it has {pixels:,} pixels, more than {MAX_PIXELS:,}: the picture was not decoded"
        )
        return
    try:
        found = image_hash.phash(_grey(image))
        facts.add("image", "perceptual hash", found)
    except _troubles() as problem:
        facts.note(f"its picture cannot be decoded whole ({_said(problem)})")
        return
    frames = 1
    try:
        if getattr(image, "is_animated", False):
            while frames < MAX_FRAMES:
                image.seek(frames)
                frames += 1
    except _troubles():
        pass  # the last frame has been reached, or the next is damaged
    if frames > 1:
        more = " or more" if frames == MAX_FRAMES else ""
        facts.add("image", "frames", f"{frames}{more}")


def _grey(image: Any) -> NDArray[np.float64]:
    """The picture as 32 by 32 grey values; what is transparent lies on white."""
    import numpy  # noqa: ICN001, PLC0415 (a name for the module alone)
    from PIL import Image  # noqa: PLC0415 (loaded when an image is read)

    side = (image_hash.SIDE, image_hash.SIDE)
    if image.format == "JPEG":
        image.draft("L", (256, 256))
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        values = numpy.asarray(image, dtype=numpy.float64)
        span = values.max() - values.min()
        scaled = (values - values.min()) * (255.0 / span if span else 0.0)
        grey = Image.fromarray(scaled.astype(numpy.uint8))
    elif "A" in image.mode or "transparency" in image.info:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
        grey = Image.alpha_composite(white, coloured).convert("L")
    else:
        grey = image.convert("L")
    small = grey.resize(side, Image.Resampling.LANCZOS)
    return numpy.asarray(small, dtype=numpy.float64)


def _said(problem: object) -> str:
    told = " ".join(str(problem).split())
    return told.partition("<_io")[0].strip()[:200] or type(problem).__name__


READER = LeakReader(
    name="image",
    media_types=_TYPES,
    recognises=recognises,
    read=read,
    keeps=(
        "size, format, EXIF with places and times as written, PNG texts, XMP, comments, and a "
        "perceptual hash of the first frame"
    ),
    cannot_know="what the picture shows or says: no text is read out of pictures",
)
