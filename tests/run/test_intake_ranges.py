"""A large file read in ranges gives the rows of a file read in one piece, also when interrupted."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.case import Case, audit
from tamis.errors import InputError, TamisError
from tamis.progress import Silent
from tamis.registry import Ranges, Source
from tamis.run import intake_book, intake_ranged, intake_ranges
from tamis.run.intake import Wishes, add
from tamis.run.intake_ranges import summed
from tamis.sources.posts import table, x_v2
from tamis.sources.posts.frames import by_lines

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    *("post", "action", "post_object", "post_snapshot", "account", "account_snapshot"),
    *("object", "rejected", "intake_count"),
)


def lines(count: int = 120, seed: int = 3) -> bytes:
    """Posts of X, with blank lines, broken ones and others that look like the start of a value."""
    rng = random.Random(seed)
    made = []
    for number in range(count):
        one: dict[str, Any] = {
            "id": str(860_000_000_000_000_000 + number * 4_194_304),
            "author_id": str(number),
            "created_at": "2017-05-05T18:49:12.000Z",
            "text": f"post {number} #tag{number} " + "é" * rng.randrange(60),
            "public_metrics": {"retweet_count": number},
        }
        made.append(json.dumps(one, ensure_ascii=rng.random() < 0.5).encode())
        if rng.random() < 0.2:
            made.append(rng.choice([b"", b"[", b'{"id": "1", {', b"\xef\xbb\xbf{}", b"  "]))
    ending = rng.choice([b"\n", b"\r\n", b""])
    return b"\n".join(made) + ending


def rows_of(text: str = "a, b") -> bytes:
    """A table with quoted line ends, stray quotes, short rows and a field that never closes."""
    rng = random.Random(5)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["post_id", "account_id", "posted_at", "text"])
    for number in range(150):
        told = rng.choice([text, 'line\nbreak "quoted"', 'a "b', "é\r\nü", "", "\n\n"])
        writer.writerow([number, f"who{number}", "2017-05-05T18:49:12Z", told])
        if rng.random() < 0.1:
            odd = f'x{number},y{number},2017-05-05T18:49:12Z,mid"dle\n'
            file.write(rng.choice(["short,row\n", odd, "\n"]))
    return file.getvalue().encode()


def case_of(folder: Path, file: Path) -> Case:
    case = Case.create(folder, title="t")
    add(case, [file], kind="posts")
    return case


def told(case: Case) -> dict[str, list[str]]:
    with case.view() as view:
        return {name: sorted(map(repr, view.table(name).to_pylist())) for name in TABLES}


@pytest.mark.parametrize(
    ("name", "content", "every"), [("x.jsonl", lines(), 2_000), ("t.csv", rows_of(), 1_500)]
)
def test_ranges_and_one_piece_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, every: int
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    whole = told(case_of(tmp_path / "whole", file))
    assert whole["rejected"]
    monkeypatch.setattr(intake_ranges, "RANGE_BYTES", every)
    cut = case_of(tmp_path / "cut", file)
    with cut.view() as view:
        ranges = view.table("intake_range").sort_by("byte_start").to_pylist()
    assert len(ranges) >= 4
    assert ranges[-1]["byte_end"] == len(content)
    assert [one["byte_start"] for one in ranges[1:]] == [one["byte_end"] for one in ranges[:-1]]
    assert told(cut) == whole
    assert audit(cut.path, None).ok
    again = add(cut, [file], kind="posts")
    assert (again.known_count, again.file_count) == (1, 0)


class Stop(Silent):
    """A progress that interrupts the work once a third of the bytes is done."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, count: int) -> None:
        """Count, and stop."""
        self.left -= count
        if self.left < 0:
            raise KeyboardInterrupt


def test_a_repeated_add_goes_on_where_the_killed_one_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(lines())
    whole = told(case_of(tmp_path / "whole", file))
    monkeypatch.setattr(intake_ranges, "RANGE_BYTES", 2_000)
    monkeypatch.setattr(intake_book, "_COMMIT_BYTES", 1)
    case = Case.create(tmp_path / "case", title="t")
    with pytest.raises(KeyboardInterrupt):
        add(case, [file], kind="posts", progress=Stop(file.stat().st_size // 3))
    with case.view() as view:
        done = view.row_count("intake_range")
        assert view.row_count("item") == 0, "no row says that the file was read"
    assert done > 0
    seen: list[int] = []
    taken = intake_ranges.RangedFile.add

    def count(self: Any, row: Any) -> None:
        seen.append(row["byte_start"])
        taken(self, row)

    with pytest.raises(InputError, match="other options"):
        add(case, [file], kind="posts", wishes=Wishes(options={"sampling": "full"}))
    monkeypatch.setattr(intake_ranges.RangedFile, "add", count)
    report = add(case, [file], kind="posts")
    assert report.rows["intake_range"] == len(seen) - done, "what was done is not done again"
    assert told(case) == whole
    assert audit(case.path, None).ok


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60).map(lambda one: one.replace(b"\0", b"\n")), st.integers(1, 25))
def test_every_range_of_lines_begins_after_a_line_feed(data: bytes, every: int) -> None:
    found = by_lines(io.BytesIO(data), Source("a", "f", len(data)), every)
    if found is None:
        return
    assert found.starts[0] == (3 if data.startswith(b"\xef\xbb\xbf") else 0)
    for start in found.starts[1:]:
        assert data[start - 1] == 10
        assert start < len(data)
    assert list(found.starts) == sorted(set(found.starts))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text(st.sampled_from('a",\n\r é'), max_size=8), min_size=4, max_size=40),
    st.integers(1, 60),
)
def test_ranges_of_a_table_are_read_as_the_whole_is(parts: list[str], every: int) -> None:
    body = "\n".join(f"{n},w,2017-05-05T18:49:12Z,{part}" for n, part in enumerate(parts))
    data = ("post_id,account_id,posted_at,text\n" + body).encode()
    assert split(table.READER, data, every) == split(table.READER, data, 1 << 30)


def split(reader: Any, data: bytes, every: int) -> list[Any]:
    source = Source("ab" * 32, "t.csv", len(data))
    ranges: Ranges | None = reader.ranges(io.BytesIO(data), source, every)
    assert ranges is not None
    ends = (*ranges.starts[1:], len(data))
    found: list[Any] = []
    for start, end in zip(ranges.starts, ends, strict=True):
        part = Source("ab" * 32, "t.csv", len(data), shared=ranges.shared)
        for made in reader.read(io.BytesIO(data[start:end]), part):
            for name in ("post", "rejected"):
                if name in made:
                    for row in made[name].to_pylist():
                        row["byte_start"] += start
                        row.pop("byte_end", None)
                        row.pop("position", None)
                        found.append((row["byte_start"], name, repr(row)))
    # The same id with other content is a further version only where the first is remembered.
    return sorted(found)


def test_a_range_whose_answer_is_no_good_costs_itself_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(lines())
    monkeypatch.setattr(intake_ranges, "RANGE_BYTES", 3_000)
    check = intake_ranged.checked_count
    answers: list[int] = []

    def refuse_second(*given: Any) -> Any:
        answers.append(1)
        if len(answers) == 2:
            raise TamisError("a row of post names another file")
        return check(*given)

    monkeypatch.setattr(intake_ranged, "checked_count", refuse_second)
    case = case_of(tmp_path / "case", file)
    with case.view() as view:
        (count,) = view.table("intake_count").to_pylist()
        (item,) = view.table("item").to_pylist()
        ranges = view.table("intake_range").sort_by("byte_start").to_pylist()
        rejected = view.table("rejected").to_pylist()
        posts = view.table("post").to_pylist()
    second = ranges[1]
    assert item["status"] == "partly"
    assert "names another file" in item["reason"]
    (row,) = [one for one in rejected if "names another file" in one["reason"]]
    assert row["byte_start"] == second["byte_start"]
    assert f"{second['byte_end']:,}" in row["reason"]
    inside = range(second["byte_start"], second["byte_end"])
    assert posts
    assert not [one for one in posts if one["byte_start"] in inside]
    assert count["row_count"] == sum(
        count[name] for name in ("used_count", "rejected_count", "skipped_count")
    )
    assert count["rejected_count"] == len(rejected)


def test_remarks_on_ranges_are_added_up() -> None:
    assert summed(["3 posts are cut; a guess", "a guess; 4 posts are cut", "of 2 none"]) == (
        "7 posts are cut; a guess; of 2 none"
    )
    assert summed(["right for 2 of 3 posts", "right for 4 of 9 posts"]) == "right for 6 of 12 posts"
    assert summed([]) is None


def test_a_reader_of_lines_says_where_a_file_can_be_cut() -> None:
    assert x_v2.READER.ranges is by_lines
    assert by_lines(io.BytesIO(b'[{"id": 1},\n{"id": 2}]'), Source("a", "f", 22), 4) is None
