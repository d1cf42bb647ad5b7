from __future__ import annotations

import io
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from document_rows import Rows, read, score
from PIL import Image, PngImagePlugin, TiffImagePlugin

from tamis.case import Case
from tamis.run.intake import add
from tamis.sources.leak.documents import image as image_module
from tamis.sources.leak.documents import image_hash, png_chunks, stated_time
from tamis.sources.leak.documents.image import READER

if TYPE_CHECKING:
    from pathlib import Path


def picture(size: tuple[int, int] = (64, 48), seed: int = 1) -> Image.Image:
    """A few soft blotches, the same for the same seed whatever the size."""
    dice = np.random.default_rng(seed)
    small = dice.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x0131] = "Editor 5"
    exif[0x0132] = "2017:04:24 10:15:00"
    below = exif.get_ifd(0x8769)
    below[0x9003] = "2017:04:24 10:15:00"
    below[0x9011] = "+02:00"
    below[0x9286] = b"ASCII\0\0\0a note"
    below[0x927C] = b"\0" * 5000
    exif[0x9C9D] = "Рошка".encode("utf-16-le")
    below[0x9004] = "2017:04:24 10:15:00"
    places = exif.get_ifd(0x8825)
    places[1], places[3] = "N", "E"
    places[2] = tuple(TiffImagePlugin.IFDRational(*one) for one in ((48, 1), (51, 1), (2926, 100)))
    places[29] = "2017:04:24"
    places[7] = tuple(TiffImagePlugin.IFDRational(one, 1) for one in (8, 15, 3))
    return saved(picture(), "JPEG", exif=exif.tobytes(), comment=b"seen by nobody", dpi=(300, 300))


def test_exif_as_it_is_written_and_a_time_only_beside_its_offset() -> None:
    rows = read(READER, with_exif())
    assert rows.item == {"status": "read", "media_type": "image/jpeg", "reason": None}
    assert rows.document == {"kind": "image", "is_encrypted": False}
    told = rows.values("exif")
    assert told["Make"] == "Maker"
    assert told["Software"] == "Editor 5"
    assert told["XPAuthor"] == "Рошка"
    assert told["UserComment"] == "a note"
    assert told["MakerNote"] == "(5,000 bytes)"
    assert told["DateTime"] == told["DateTimeOriginal"] == "2017:04:24 10:15:00"
    assert rows.at("exif", "DateTime") is None
    assert rows.at("exif", "DateTimeDigitized") is None
    assert rows.at("exif", "DateTimeOriginal") == "2017-04-24T08:15:00+00:00"
    places = rows.values("exif gps")
    assert (places["GPSLatitude"], places["GPSLatitudeRef"]) == ("48, 51, 1463/50", "N")
    assert rows.at("exif gps", "GPSTimeStamp") == "2017-04-24T08:15:03+00:00"
    image = rows.values("image")
    assert (image["width"], image["height"], image["comment"]) == ("64", "48", "seen by nobody")
    assert image["resolution"] == "300, 300"


def test_png_texts_time_and_bytes_after_the_end() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Software", "Painter")
    texts.add_text("Comment", "packed words", zip=True)
    texts.add_itxt("Author", "Рошка", zip=True)
    texts.add(b"tIME", struct.pack(">HBBBBB", 2017, 4, 24, 8, 15, 0))
    data = saved(picture(), "PNG", pnginfo=texts)
    rows = read(READER, data + b"hidden")
    told = rows.values("png")
    assert told["Software"] == "Painter"
    assert told["Comment"] == "packed words"
    assert told["Author"] == "Рошка"
    assert told["bytes after the end"] == "6"
    assert rows.at("png", "last change (tIME)") == "2017-04-24T08:15:00+00:00"
    assert rows.item["status"] == "read"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_a_text_bomb_in_a_png_is_told_and_left() -> None:
    packed = zlib.compress(bytes(png_chunks.MAX_TEXT + 1))
    data = saved(picture(), "PNG")
    bomb = data[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + data[33:]
    found = png_chunks.scan(bomb)
    assert found.texts == []
    assert "'Comment'" in found.notes[0]


def distance(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


def hashed(data: bytes) -> str | None:
    return read(READER, data).values("image").get("perceptual hash")


def test_look_alikes_have_near_hashes_and_others_have_not() -> None:
    base = hashed(saved(picture((320, 240)), "PNG"))
    assert distance(base, hashed(saved(picture((320, 240)), "JPEG", quality=40))) <= 4
    assert distance(base, hashed(saved(picture((160, 120)), "WEBP", quality=60))) <= 6
    assert distance(base, hashed(saved(picture((320, 240)).quantize(256), "GIF"))) <= 6
    for seed in range(2, 12):
        assert distance(base, hashed(saved(picture((320, 240), seed), "PNG"))) >= 16


def test_the_hash_equals_a_slow_and_obvious_one() -> None:
    dice = np.random.default_rng(7)
    grey = dice.integers(0, 256, (32, 32)).astype(np.float64)
    low = np.zeros((8, 8))
    for u in range(8):
        for v in range(8):
            low[u, v] = sum(
                grey[x, y]
                * np.cos(np.pi * u * (2 * x + 1) / 64)
                * np.cos(np.pi * v * (2 * y + 1) / 64)
                for x in range(32)
                for y in range(32)
            )
    bits = "".join("1" if one > np.median(low) else "0" for one in low.ravel())
    assert image_hash.phash(grey) == f"{int(bits, 2):016x}"


def test_a_picture_of_one_colour_has_no_hash() -> None:
    assert hashed(saved(Image.new("RGB", (50, 50), (9, 99, 9)), "PNG")) is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F", "I"])
def test_every_mode_is_hashed(mode: str) -> None:
    if mode in {"I;16", "F", "I"}:
        values = np.asarray(picture().convert("L"), dtype=np.float32) * 250
        kind = {"I;16": np.uint16, "F": np.float32, "I": np.int32}[mode]
        image = Image.fromarray(values.astype(kind))
    else:
        image = picture().convert(mode)
    data = saved(image, "TIFF")
    assert distance(hashed(data), hashed(saved(picture(), "PNG"))) <= (24 if mode == "1" else 6)


def test_too_many_pixels_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_module, "MAX_PIXELS", 1000)
    rows = read(READER, with_exif())
    assert rows.item["status"] == "partly"
    assert "3,072 pixels" in rows.item["reason"]
    assert rows.values("exif")["Make"] == "Maker"
    assert "perceptual hash" not in rows.values("image")


def test_a_bomb_by_its_header_is_refused() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    data = png_chunks.SIGNATURE + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    rows = read(READER, data)
    assert rows.item["status"] == "refused"
    assert "pixels" in rows.item["reason"]


def test_animation_is_counted() -> None:
    frames = [picture(seed=seed) for seed in range(4)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert rows_of(data).values("image")["frames"] == "4"


def rows_of(data: bytes) -> Rows:
    return read(READER, data)


def test_a_cut_off_picture_is_partly_read_and_a_ruin_fails() -> None:
    data = saved(picture((640, 480)), "JPEG")
    rows = read(READER, data[: len(data) // 2])
    assert rows.item["status"] == "partly"
    assert rows.values("image")["width"] == "640"
    rows = read(READER, b"\xff\xd8\xff\xe0ruin")
    assert rows.item["status"] == "failed"
    assert rows.item["reason"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"])
def test_each_format_is_recognised_by_its_bytes(form: str) -> None:
    data = saved(picture(), form)
    assert score(READER, data) == 38
    assert read(READER, data).item["media_type"] == f"image/{form.lower()}"


@pytest.mark.parametrize(
    ("stated", "offset", "moment"),
    [
        ("2017:04:24 10:15:00", "+02:00", "2017-04-24T08:15:00+00:00"),
        ("2017:04:24 10:15:00", "Z", "2017-04-24T10:15:00+00:00"),
        ("2017:04:24 10:15:00", None, None),
        ("2017:04:24 10:15:00", "   :  ", None),
        ("0000:00:00 00:00:00", "+00:00", None),
        ("    :  :     :  :  ", "+00:00", None),
    ],
)
def test_exif_times(stated: str, offset: str | None, moment: str | None) -> None:
    found = stated_time.exif_time(stated, offset)
    assert (None if found is None else found.isoformat()) == moment


def mutated(base: bytes, dice: random.Random) -> bytes:
    raw = bytearray(base)
    for _ in range(dice.randrange(1, 6)):
        place = dice.randrange(min(len(raw), 600))
        raw[place : place + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
    return bytes(raw)


def test_mutated_chunks_never_raise() -> None:
    dice = random.Random(15948)
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "packed words", zip=True)
    texts.add_itxt("Author", "x", zip=True)
    base = saved(picture(), "PNG", pnginfo=texts)
    for _ in range(1_000):
        png_chunks.scan(mutated(base, dice))


def test_mutated_images_each_get_a_status_from_the_cell(tmp_path: Path) -> None:
    dice = random.Random(2)
    folder = tmp_path / "dump"
    folder.mkdir()
    forms = ("PNG", "GIF", "TIFF", "WEBP", "BMP")
    bases = [with_exif(), *(saved(picture(), form) for form in forms)]
    for number in range(120):
        (folder / f"{number}.bin").write_bytes(mutated(bases[number % 6], dice))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [folder], kind="leak")
    with case.view() as view:
        items = view.table("item").to_pylist()
        kinds = set(view.table("document").to_pydict()["kind"])
    assert "image" in kinds
    assert all(row["reason"] or row["status"] == "read" for row in items)
    assert [row["reason"] for row in items if "unexpected" in (row["reason"] or "")] == []


@pytest.mark.shared_data
def test_real_files(shared_data: Path) -> None:
    statuses: dict[str, str] = {}
    for path in sorted((shared_data / "leak").rglob("*")):
        if path.is_file() and score(READER, path.read_bytes(), path.name):
            rows = read(READER, path.read_bytes())
            statuses[path.name.partition("__")[2] or path.name] = rows.item["status"]
    assert len(statuses) >= 19
    assert set(statuses.values()) <= {"read", "partly"}
