"""Real files, taken in and run: the odd group is found among 300, and none in a clean office."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pytest

from tamis.case import Case, audit
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.audit import audit as recompute
from tamis.run.board import BEARINGS, add_hypothesis, details, read, set_cell
from tamis.run.intake import add
from tamis.run.report import write_report

if TYPE_CHECKING:
    from types import ModuleType

TESTS = Path(__file__).resolve().parents[1]
SEED = 4
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
    'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/">{}</cp:coreProperties>'
)
_APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    "{}</Properties>"
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, TESTS / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


building = load("sources/leak/office_building.py")
stated = load("analyses/leak/stated_documents.py")


def written(number: int, one: Any) -> tuple[str, bytes]:
    """The file a program would have saved: a PDF of a scanner, a docx or an xlsx."""
    if one.last_author is None and one.creator is None:
        return f"scan{number}.pdf", _pdf(one)
    app = f"<Application>{escape(one.software)}</Application>"
    if one.interface:
        app += (
            f"<HeadingPairs><vt:vector><vt:variant><vt:lpstr>{one.interface}</vt:lpstr>"
            "</vt:variant></vt:vector></HeadingPairs>"
        )
    app += f"<TotalTime>{one.edit_minutes or 0}</TotalTime>"
    core = f"<dc:creator>{one.creator}</dc:creator><dc:language>{one.language}</dc:language>"
    if one.last_author:
        core += f"<cp:lastModifiedBy>{one.last_author}</cp:lastModifiedBy>"
    for tag, at in (("created", one.created), ("modified", one.saved)):
        core += f"<dcterms:{tag}>{at:%Y-%m-%dT%H:%M:%SZ}</dcterms:{tag}>"
    more = {"docProps/core.xml": _CORE.format(core), "docProps/app.xml": _APP.format(app)}
    if number % 2:
        body = f"<w:p><w:r><w:t>Note {number}</w:t></w:r></w:p>"
        names = {name.replace("/", "__").replace(".", "_DOT_"): told for name, told in more.items()}
        return f"note{number}.docx", building.docx(body, **names)
    sheet = '<sheets><sheet name="A" sheetId="1"/></sheets>'
    book = f"<workbook>{sheet}<!-- {number} --></workbook>"
    parts = {"[Content_Types].xml": _TYPES, "xl/workbook.xml": book, **more}
    return f"table{number}.xlsx", building.package(parts)


def _pdf(one: Any) -> bytes:
    info = f"<</Producer({one.software})/ModDate(D:{one.saved:%Y%m%d%H%M%S}Z)>>"
    objects = (
        *("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        *("<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", info),
    )
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R/Info 4 0 R>>"
    )
    return out + f"{end}\nstartxref\n{len(out)}\n%%EOF\n".encode()


def taken(folder: Path, documents: list[Any]) -> Case:
    case = Case.create(folder / "case", title="office")
    with zipfile.ZipFile(folder / "dump.zip", "w") as archive:
        for number, one in enumerate(documents):
            archive.writestr(*written(number, one))
    add(case, [folder / "dump.zip"], kind="leak")
    list(analyse(case, only=["leak"], progress=Silent()))
    return case


@pytest.fixture(scope="module")
def office() -> list[Any]:
    found: list[Any] = stated.office(SEED)
    assert not [one for one in found if one.interface in {"Листы", "Аркуші"}]
    assert any(one.last_author is None for one in found), "a scanner's batch is among them"
    return found


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, office: list[Any]) -> Case:
    """300 honest files and the odd group."""
    return taken(tmp_path_factory.mktemp("odd"), office + stated.odd(SEED, office))


def rows(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        found: list[dict[str, Any]] = view.table(table).to_pylist()
    return found


def test_the_group_is_found_dated_and_explained(case: Case, office: list[Any]) -> None:
    odd = stated.odd(SEED, office)
    found = [row for row in rows(case, "cohort") if row["differs_rank"] == 0]
    assert len(found) == 1, [row["detail"] for row in found]
    (row,) = found
    assert row["item_count"] == len(odd)
    assert row["name_script"] == "Cyrillic"
    assert row["first_at"] == min(one.saved for one in odd).replace(microsecond=0)
    assert row["last_at"] == max(one.saved for one in odd).replace(microsecond=0)
    assert "one last author in Cyrillic letters, saved within" in row["detail"]
    members = [
        m["item_id"] for m in rows(case, "cohort_member") if m["cohort_id"] == row["cohort_id"]
    ]
    paths = {p["item_id"]: p["path"] for p in rows(case, "place")}
    numbers = {int("".join(filter(str.isdigit, paths[one].rpartition("/")[2]))) for one in members}
    assert numbers == set(range(len(office), len(office) + len(odd)))


def test_a_clean_office_has_groups_and_none_that_differs(tmp_path: Path, office: list[Any]) -> None:
    found = rows(taken(tmp_path, office), "cohort")
    assert len(found) > 5
    assert [row["detail"] for row in found if row["is_differing"]] == []


def test_people_weigh_it_and_the_report_prints_that_and_no_more(case: Case) -> None:
    (cohort,) = [row for row in rows(case, "cohort") if row["differs_rank"] == 0]
    first, _ = add_hypothesis(case, "Somebody outside saved them", "Vane")
    second, _ = add_hypothesis(case, "A translator saved them", "Vane")
    assert (first, second) == ("H1", "H2")
    set_cell(case, first, cohort["cohort_id"], "neutral", note="unsure", author="Vane")
    set_cell(case, first, cohort["cohort_id"], "consistent", note="as found", author="Orr")
    (cell,) = read(case).cells
    assert (cell["bearing"], cell["author"], cell["change_count"]) == ("consistent", "Orr", 1)
    assert rows(case, "board_cell") == [dict(cell)]
    assert details(case, read(case)) == {cohort["cohort_id"]: cohort["detail"]}
    result = write_report(case)
    page = result.path.read_text()
    for told in ("A translator saved them", "as found", "Orr", "draws no conclusion"):
        assert told in page
    assert cohort["detail"].split(",", maxsplit=1)[0] in page
    assert audit(case.path, None).ok
    assert recompute(case.path, progress=Silent()).ok
    assert [line.facts["value"] for line in case.custody() if line.event == "decision"][-2:] == [
        "neutral",
        "consistent",
    ]
    assert set(BEARINGS) == {"consistent", "inconsistent", "neutral", "not_applicable"}
