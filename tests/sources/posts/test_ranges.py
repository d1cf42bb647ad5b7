"""Every reader that reads a file in ranges gives the rows that it gives of one piece."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import test_bluesky
import test_crowdtangle
import test_fourcat
import test_io_archive
import test_lost_kek
import test_meta_library
import test_reddit
import test_telethon
import test_twarc_csv
import test_x_v1
import test_x_v2
import test_youtube
import test_zeeschuimer
from post_reading import ITEM
from tables import table

from tamis.errors import FormatError
from tamis.registry import Source, plugins

if TYPE_CHECKING:
    from tamis.registry import PostReader

TEXTS = ("plain #Vote", "a\nline, break", 'a "quote', "é\r\nü", "https://paper.example/a", "[", "{")
TORN = b'{"id": "1", "posts": [{"no"\n'


def rows(row: Any, name: str, count: int = 60) -> bytes:
    """A table with line ends inside of quotes, a short row and a blank line."""
    made = table(*(row(number, **{name: TEXTS[number % 7]}) for number in range(count)))
    head, _, rest = made.partition(b"\n")
    return head + b"\nshort,row\n\n" + rest


def objects(lines: Any, *values: Any) -> bytes:
    """Lines with a torn one between, the last without its end."""
    half = len(values) // 2
    return lines(*values[:half]) + TORN + b"\n" + lines(*values[half:]).rstrip(b"\n")


FILES: dict[str, bytes] = {
    "bluesky": objects(
        test_bluesky.lines,
        *(
            test_bluesky.event(f"did:plc:{n}", f"k{n}", test_bluesky.record(f"{n} #tag"))
            for n in range(40)
        ),
    ),
    "crowdtangle": rows(lambda n, **more: test_crowdtangle.row(str(n), **more), "Message"),
    "fourcat": rows(lambda n, **more: test_fourcat.row(str(n), **more), "body"),
    "lost_kek": test_lost_kek.EXPORT + TORN + test_lost_kek.EXPORT.replace(b"12", b"13"),
    "meta_library": rows(
        lambda n, **more: test_meta_library.flat(test_meta_library.record(str(n), **more)), "text"
    ),
    "reddit": objects(test_reddit.lines, *(test_reddit.comment(f"a{n}") for n in range(40))),
    "telethon": objects(test_telethon.lines, *map(test_telethon.message, range(1, 40))),
    "x_io_archive": rows(test_io_archive.row, "tweet_text"),
    "x_twarc_csv": rows(lambda n, **more: test_twarc_csv.row(n % 60, **more), "text"),
    "x_v1": objects(test_x_v1.lines, *map(test_x_v1.streamed, range(40))),
    "x_v2": objects(test_x_v2.lines, *map(test_x_v2.post, range(40))),
    "youtube": rows(lambda n, **more: test_youtube.row(f"c{n}", **more), "text"),
    "zeeschuimer": objects(
        test_zeeschuimer.lines,
        *(test_zeeschuimer.line("twitter.com", test_zeeschuimer.x_object(n)) for n in range(40)),
    ),
}


def found(
    reader: PostReader, data: bytes, start: int, shared: Any
) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows by table and key, their bytes counted from the file's beginning."""
    source = Source(ITEM, "invented.file", len(data), shared=shared)
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for made in reader.read(io.BytesIO(data), source):
        for name, batch in made.items():
            for row in batch.to_pylist():
                for place in ("byte_start", "byte_end"):
                    if row.get(place) is not None:
                        row[place] += start
                row.pop("position", None)
                if name != "intake_count":
                    told.setdefault(name, {})[repr(sorted(row.items(), key=str))] = row
    return told


@pytest.mark.parametrize("name", sorted(FILES))
def test_ranges_give_the_rows_of_one_piece(name: str) -> None:
    reader, data = plugins("posts")[name], FILES[name]
    assert reader.ranges is not None
    whole = found(reader, data, 0, None)
    assert len(whole["post"]) > 3
    assert whole["rejected"]
    cut = reader.ranges(io.BytesIO(data), Source(ITEM, "invented.file", len(data)), len(data) // 7)
    assert cut is not None
    assert len(cut.starts) >= 3
    parts: dict[str, dict[str, Any]] = {}
    for start, end in zip(cut.starts, [*cut.starts[1:], len(data)], strict=True):
        for table_name, rows_of in found(reader, data[start:end], start, cut.shared).items():
            parts.setdefault(table_name, {}).update(rows_of)
    for table_name in ("post", "action", "post_object", "rejected"):
        assert parts.get(table_name, {}).keys() == whole.get(table_name, {}).keys(), table_name
    for table_name, key in (("account", "account_id"), ("object", "object_id")):
        sides = ({row[key] for row in one.get(table_name, {}).values()} for one in (parts, whole))
        assert len({frozenset(side) for side in sides}) == 1, table_name


def test_every_reader_with_ranges_is_tried_here() -> None:
    with_ranges = {one.name for one in plugins("posts").values() if one.ranges is not None}
    assert with_ranges - {"table"} == FILES.keys()


def test_the_sample_of_a_stream_is_told_once_for_all_ranges() -> None:
    reader = plugins("posts")["x_v1"]
    data = test_x_v1.lines(*map(test_x_v1.streamed, range(40)))
    cut = reader.ranges(io.BytesIO(data), Source(ITEM, "f", len(data)), len(data) // 3)
    last = found(reader, data[cut.starts[-1] :], cut.starts[-1], cut.shared)
    assert {row["sampling"] for row in last["post"].values()} == {"stream_sample"}


def test_a_zone_is_asked_for_before_a_table_is_cut() -> None:
    made = rows(lambda n, **more: test_fourcat.row(str(n), unix_timestamp="", **more), "body")
    reader = plugins("posts")["fourcat"]
    with pytest.raises(FormatError, match="--assume-zone"):
        reader.ranges(io.BytesIO(made), Source(ITEM, "f", len(made)), 500)
