"""Polls: several layouts of one poll, and what is refused with the remedy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tamis import registry
from tamis.errors import FormatError
from tamis.registry import Glimpse, Source
from tamis.sources.context.polls import READER

Rows = dict[str, list[dict[str, Any]]]


def read(text: str | bytes, **options: str) -> Rows:
    data = text if isinstance(text, bytes) else text.encode()
    found: Rows = {"poll": [], "rejected": []}
    for mapping in READER.read(io.BytesIO(data), Source("f", "polls.csv", len(data), "", options)):
        for table, batch in mapping.items():
            found.setdefault(table, []).extend(batch.to_pylist())
    return found


def answers(found: Rows) -> list[tuple[Any, ...]]:
    names = ("pollster", "last_day", "option_name", "option_kind", "answer_share")
    return [tuple(row[name] for name in names) for row in found["poll"]]


WIDE = (
    "pollster,field_start,field_end,sample,macron,le_pen,source\n"
    "Ifop,2017-05-02,2017-05-05,1861,63,37,FT\n"
)
LONG = (
    "candidat,parti,intentions,erreur_sup,erreur_inf,id,nom_institut,debut_enquete,fin_enquete,"
    "echantillon,tour,hypothese\n"
    "Emmanuel Macron,X,55.5,57,53,p1,Ifop,2022-04-19,2022-04-22,1000,Deuxième tour,\n"
    "Marine Le Pen,Y,44.5,46,42,p1,Ifop,2022-04-19,2022-04-22,1000,Deuxième tour,\n"
    "Emmanuel Macron,X,58,60,56,p1,Ifop,2022-04-19,2022-04-22,1000,Deuxième tour,Macron / M\n"
    "Jean-Luc M,Z,42,44,40,p1,Ifop,2022-04-19,2022-04-22,1000,Deuxième tour,Macron / M\n"
)
REGIONAL = (
    '"","state","pollster","start.date","end.date","number.of.observations","population","trump",'
    '"clinton","other","undecided","question.iteration","johnson"\n'
    '"1","--","A","2016-11-04","2016-11-07",940,"Likely Voters",41,45,2,8,1,4\n'
    '"2","FL","B","2016-11-04","2016-11-06",NA,"Likely Voters",46,45,NA,9,1,NA\n'
)
SLASHED = (
    "state,pollster,number.of.observations,start.date,end.date,obama,romney,other,undecided\n"
    "NY,S,518,2/27/12,3/1/12,60,30,10,0\n"
)
HISTORY = (
    "poll_id,question_id,race,location,type_simple,pollster,polldate,samplesize,cand1_name,"
    "cand1_pct,cand2_name,cand2_pct,cand3_pct,margin_poll,electiondate,cand1_actual,cand2_actual\n"
    "26,87,1998_Gov-G_NY,NY,Gov-G,B & W,10/13/1998,364,P Vallone,26,G Pataki,57,9,-31,11/3/1998,"
    "33.16,54.32\n"
)


def test_an_answer_a_column() -> None:
    found = read(WIDE)
    assert answers(found) == [
        ("Ifop", "2017-05-05", "macron", "candidate", 0.63),
        ("Ifop", "2017-05-05", "le_pen", "candidate", 0.37),
    ]
    row = found["poll"][0]
    assert (row["first_day"], row["sample_count"], row["region"]) == ("2017-05-02", 1861, "*")
    assert WIDE.encode()[row["byte_start"] : row["byte_end"]].startswith(b"Ifop,2017-05-02")
    assert row["byte_end"] == len(WIDE)


def test_an_answer_a_row_with_rounds_and_hypotheses() -> None:
    found = read(LONG)
    assert [row["answer_share"] for row in found["poll"]] == [0.555, 0.445, 0.58, 0.42]
    assert len({row["question_id"] for row in found["poll"]}) == 2
    assert {row["round_name"] for row in found["poll"]} == {"Deuxième tour"}
    assert [row["hypothesis"] for row in found["poll"]] == [None, None, "Macron / M", "Macron / M"]


def test_regions_other_and_undecided() -> None:
    found = read(REGIONAL)
    assert [(row["region"], row["option_name"], row["option_kind"]) for row in found["poll"]] == [
        ("*", "trump", "candidate"),
        ("*", "clinton", "candidate"),
        ("*", "other", "other"),
        ("*", "undecided", "undecided"),
        ("*", "johnson", "candidate"),
        ("FL", "trump", "candidate"),
        ("FL", "clinton", "candidate"),
        ("FL", "undecided", "undecided"),
    ]
    assert found["poll"][-1]["sample_count"] is None


def test_dates_with_slashes_where_the_file_decides() -> None:
    assert read(SLASHED)["poll"][0]["first_day"] == "2012-02-27"
    day_first = SLASHED.replace("2/27/12,3/1/12", "27/2/12,1/3/12")
    assert read(day_first)["poll"][0]["last_day"] == "2012-03-01"
    unclear = read(SLASHED.replace("2/27/12,3/1/12", "2/3/12,3/4/12"))
    assert unclear["poll"] == []
    assert "month or day first?" in unclear["rejected"][0]["reason"]


def test_named_pairs_with_results() -> None:
    first, second = read(HISTORY)["poll"]
    assert (first["option_name"], first["answer_share"], first["result_share"]) == (
        "P Vallone",
        0.26,
        pytest.approx(0.3316),
    )
    assert (second["race"], second["election_day"], second["last_day"]) == (
        "Gov-G",
        "1998-11-03",
        "1998-10-13",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Ifop,2017-05-02,,1861,63,37,FT", "no date of its last day"),
        ("Ifop,2017-05-02,soon,1861,63,37,FT", "expected a date as YYYY-MM-DD"),
        ("Ifop,2017-05-02,2017-02-30,1861,63,37,FT", "no day of the calendar"),
        ("Ifop,2017-05-06,2017-05-05,1861,63,37,FT", "ends before it begins"),
        ("Ifop,2017-05-02,2017-05-05,1861,63,39,FT", "sum to 102 per cent"),
        ("Ifop,2017-05-02,2017-05-05,1861,63,,FT", "fewer than two candidates"),
    ],
)
def test_a_poll_that_cannot_be_weighed_is_refused_with_the_remedy(line: str, reason: str) -> None:
    found = read(WIDE + line + "\n")
    assert len(found["poll"]) == 2, "the other poll is read"
    (rejected,) = found["rejected"]
    assert reason in rejected["reason"]
    assert rejected["byte_start"] == len(WIDE)
    (count,) = found["intake_count"]
    assert (count["row_count"], count["used_count"], count["rejected_count"]) == (2, 1, 1)


@pytest.mark.parametrize("wrong", ["-62", "abt 62", "163", "62,5 or so"])
def test_a_wrong_percentage_costs_its_row_and_not_the_column(wrong: str) -> None:
    """Before, one cell that was no share made the whole column no answer."""
    for rows in (1, 3):
        good = "".join(f"X{n},2017-05-02,2017-05-05,1000,6{n},3{n},FT\n" for n in range(rows))
        found = read(f'{WIDE}{good}Y,2017-05-02,2017-05-05,1861,"{wrong}",37,FT\n')
        assert len(found["poll"]) == 2 * (1 + rows)
        (rejected,) = found["rejected"]
        assert f"{wrong!r} is no percentage from 0 to 100" in rejected["reason"]
        assert rejected["sample"] == "Y: le_pen 37"


def test_shares_from_0_to_1_are_no_percentages() -> None:
    found = read(WIDE.replace(",63,37,", ",0.63,0.37,"))
    assert found["poll"] == []
    assert "look like shares from 0 to 1" in found["rejected"][0]["reason"]


def test_a_decimal_comma_that_parts_cells_is_seen() -> None:
    head = "pollster,last_day,macron,le_pen\n"
    found = read(f"{head}A,2017-05-05,62,5,37,5\nB,2017-05-05,63,37\nC,2017-05-05,63,37,,\n")
    assert {row["pollster"] for row in found["poll"]} == {"B", "C"}
    assert "the row has 6 cells and the header 4" in found["rejected"][0]["reason"]
    quoted = read(f'{head}A,2017-05-05,"62,5","37,5"\n')
    assert [row["answer_share"] for row in quoted["poll"]] == [0.625, 0.375]


def test_as_a_german_or_french_table_writes_it() -> None:
    text = "Institut;Datum;Befragte;Smith;Jones\nA;05.05.2017;1.861;62,5 %;37,5 %\n"
    found = read(text, columns="last_day=Datum,sample=Befragte")
    assert answers(found)[0] == ("A", "2017-05-05", "smith", "candidate", 0.625)
    assert found["poll"][0]["sample_count"] == 1861
    assert "smith, jones" in found["intake_count"][0]["note"]


@pytest.mark.parametrize(
    ("cell", "count"),
    [("1861", 1861), ("1,861", 1861), ("1\u202f861", 1861), ("12.5", 12), ("0", None), ("x", None)],
)
def test_samples_with_marks_for_thousands(cell: str, count: int | None) -> None:
    found = read(WIDE.replace(",1861,", f',"{cell}",'))
    assert found["poll"][0]["sample_count"] == count


def test_two_answers_of_one_name_are_refused() -> None:
    with pytest.raises(FormatError, match="two columns of answers are called 'macron'"):
        read("pollster,last_day,macron,Macron,le_pen\nA,2017-05-05,62,61,38\n")


@pytest.mark.parametrize(
    "head", ["Institute;Fieldwork end;Macron;Le Pen", "house,date,macron,le_pen", "a\tb\tc\td"]
)
def test_a_table_of_other_names_is_taken_up_and_told_what_it_lacks(head: str) -> None:
    data = f"{head}\n".encode()
    assert READER.recognises(Glimpse("x.csv", data, len(data))) > 0
    with pytest.raises(FormatError, match="name it with --columns"):
        read(data)


def test_what_rounding_explains_is_no_mistake() -> None:
    assert len(read(WIDE.replace(",63,37,", ",63,38,"))["poll"]) == 2
    assert read(WIDE.replace(",63,37,", ",63,38.5,"))["poll"] == []
    # More answers round further, but never past two points.
    many = "pollster,field_end,a,b,c,d,e,f\nX,2017-05-05,{}\n"
    assert len(read(many.format("17,17,17,17,17,17"))["poll"]) == 6
    assert read(many.format("18,17,17,17,17,17"))["poll"] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pollster,field_end,state\nIfop,2017-05-05,FL\n", "no two columns hold percentages"),
        ("pollster,macron,le_pen\nIfop,63,37\n", "no column is the last day of a poll"),
        ("field_end,macron,le_pen\n2017-05-05,63,37\n", "no column is the pollster"),
        ("", "the file is empty"),
        (b"pollster,field_end,a,b\n\xff\xfe,2017-05-05,1,2\n", "expected UTF-8"),
    ],
)
def test_a_file_without_polls_is_refused_with_the_remedy(text: str | bytes, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        read(text)


def test_own_columns() -> None:
    text = "house,ended,weighting,smith,jones\nX,2017-05-05,12,40,45\n"
    found = read(text, columns="pollster=house,last_day=ended,candidates=smith+jones")
    assert [row["option_name"] for row in found["poll"]] == ["smith", "jones"]
    with pytest.raises(FormatError, match="expected candidates=FIRST"):
        read(text, columns="colour=blue")


@pytest.mark.parametrize("text", [WIDE, LONG, REGIONAL, SLASHED, HISTORY])
def test_polls_are_recognised_but_only_their_kind_makes_them_polls(text: str) -> None:
    data = text.encode()
    score = READER.recognises(Glimpse("x.csv", data, len(data)))
    assert 0 < score < 90
    others = [
        one.recognises(Glimpse("x.csv", data, len(data)))
        for one in registry.plugins("context").values()
        if one.kind == "polls" and one.name != "polls"
    ]
    assert all(score > other for other in others)


@pytest.mark.shared_data
def test_the_published_files(shared_data: Path) -> None:
    counts = {}
    for path in sorted((shared_data / "response").glob("*/*.csv")):
        if path.name == "fte_2016_polls.csv":
            with pytest.raises(FormatError, match="a list of polls without results"):
                read(path.read_bytes())
            continue
        (count,) = read(path.read_bytes())["intake_count"]
        counts[path.name] = (count["row_count"], count["rejected_count"])
    assert counts == {
        "second_round_polls.csv": (34, 0),
        "nsppolls_presidentielle_2022.csv": (1325, 0),
        "fte_raw_polls_2023.csv": (11_475, 369),  # two generic candidates without a name
        "economist_all_polls_2008.csv": (1323, 0),
        "economist_all_polls_2012.csv": (1175, 0),
        "economist_all_polls_2016.csv": (3168, 6),  # answers that sum to 102 to 114
    }
