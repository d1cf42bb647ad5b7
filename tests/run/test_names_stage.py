"""Names of people: not searched without a model, and with one only as the output of that model."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tamis.case import Case
from tamis.errors import InputError
from tamis.progress import Silent
from tamis.run import name_models as models_module
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.name_models import name_models
from tamis.run.name_task import model_for
from tamis.run.personal import redacted
from tamis.run.report import write_report
from tamis.run.stages import stages_for

FRENCH = (
    "Bonjour à tous, la note est prête et Zorvane a vu la facture hier soir avant de partir.\n\n"
    "Il faut rappeler Zorvane au 06 12 34 56 78 avant la réunion de la semaine prochaine."
)
GERMAN = "Guten Tag, die Unterlagen sind fertig geworden und werden morgen verschickt."


def made(folder: Path, models: tuple[str, ...]) -> Case:
    (folder / "leak").mkdir()
    (folder / "leak" / "fr.txt").write_text(FRENCH)
    (folder / "leak" / "de.txt").write_text(GERMAN)
    case = Case.create(folder / "case", title="t", name_models=models)
    add(case, [folder / "leak"], kind="leak")
    with case.writer() as writer:
        for table in ("personal_data", "personal_name"):
            for stage in stages_for(table):
                run_stage(writer, stage, RunContext("r1", "duckdb", 1, Silent()))
    return case


def page_of(case: Case, path: Path) -> str:
    write_report(case, path, public=False, progress=Silent())
    return " ".join(re.sub(r"<[^>]+>", "", path.read_text()).split())


def test_without_a_model_nothing_is_searched_and_every_place_says_so(tmp_path: Path) -> None:
    case = made(tmp_path, ())
    with case.view() as view:
        assert view.row_count("personal_name") == view.row_count("name_search") == 0
        item = view.table("document").to_pylist()[0]["item_id"]
        assert redacted(view, item, tmp_path, keeps_public=False)["model"] is None
    page = page_of(case, tmp_path / "r.html")
    section = page[page.index("Different values about people") :]
    assert "Names of people were not searched." in section
    question = page[page.index("different values of personal data in") :]
    assert "Names of people were not searched." in question[:400]


def test_the_section_stands_also_where_nothing_was_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing about anybody")
    case = Case.create(tmp_path / "case", title="t")
    add(case, [tmp_path / "a.txt"], kind="leak")
    assert "Names of people were not searched." in page_of(case, tmp_path / "r.html")


def test_a_model_that_cannot_be_used_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models_module, "find_spec", lambda _: object())
    with pytest.raises(InputError, match=r"config\.cfg.*or empty name_models"):
        name_models([str(tmp_path)])
    (tmp_path / "config.cfg").write_text("")
    with pytest.raises(InputError, match=r"meta\.json"):
        name_models([str(tmp_path)])
    meta = '{"lang": "fr", "name": "x", "version": "1", "labels": {"ner": ["LOC"]}}'
    (tmp_path / "meta.json").write_text(meta)
    with pytest.raises(InputError, match="knows people"):
        name_models([str(tmp_path)])
    (tmp_path / "meta.json").write_text(meta.replace("LOC", "PER"))
    (model,) = name_models([str(tmp_path)])
    assert (model.language, model.name) == ("fr", "fr_x 1")
    (tmp_path / "other").write_text("changed")
    assert name_models([str(tmp_path)])[0].sha256 != model.sha256
    monkeypatch.setattr(models_module, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"tamis\[ner\]"):
        name_models([str(tmp_path)])
    assert name_models([]) == ()


def test_a_text_is_searched_by_the_model_of_its_language_only() -> None:
    models = [{"language": "en"}, {"language": "fr"}]
    assert model_for("fr", models) == {"language": "fr"}
    assert model_for("de", models) is None
    assert model_for("und", models) == {"language": "en"}
    assert model_for("und", []) is None


def trained(folder: Path) -> Path:
    """A small model for French that learns here that Zorvane and others are people."""
    import spacy
    from spacy.training import Example

    dice = random.Random(3)
    model = spacy.blank("fr")
    model.add_pipe("ner").add_label("PER")
    patterns = ("{} a vu la facture", "il faut rappeler {} avant la réunion", "la note de {} ici")
    names = ("Zorvane", "Belmira", "Quintal", "Orsane")
    examples = []
    for _ in range(80):
        name = dice.choice(names)
        text = dice.choice(patterns).format(name)
        start = text.index(name)
        told = {"entities": [(start, start + len(name), "PER")]}
        examples.append(Example.from_dict(model.make_doc(text), told))
    for text in ("Bonjour à tous, la note est prête", "avant la réunion de la semaine prochaine"):
        examples += [Example.from_dict(model.make_doc(text), {"entities": []})] * 10
    spacy.util.fix_random_seed(3)
    optimizer = model.initialize(lambda: examples)
    for _ in range(15):
        dice.shuffle(examples)
        model.update(examples, sgd=optimizer)
    model.to_disk(folder)
    return folder


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_names_that_a_model_sees_are_marked_as_its_output_and_hidden(tmp_path: Path) -> None:
    pytest.importorskip("spacy", reason="needs the extra [ner]: make setup-ner")
    folder = trained(tmp_path / "model")
    case = made(tmp_path, (str(folder),))
    (model,) = name_models([str(folder)])
    with case.view() as view:
        (row,) = view.table("personal_name").to_pylist()
        searched = {one["language_detected"]: one for one in view.table("name_search").to_pylist()}
        assert "name" not in {one["kind"] for one in view.table("personal_data").to_pylist()}
        done = redacted(view, row["item_id"], tmp_path, keeps_public=False)
    assert FRENCH[row["char_start"] : row["char_end"]] == "Zorvane"
    assert (row["masked"], row["occurrence_count"]) == ("Z…", 2)
    assert 0.5 <= row["score"] <= 1
    assert (row["model_name"], row["model_sha256"]) == (model.name, model.sha256)
    assert searched["fr"]["model_sha256"] == model.sha256
    assert searched["de"]["model_name"] is None
    assert done["model"] == model.name
    assert "Zorvane" not in done["text"]
    assert done["text"].count("[name 1]") == 2
    page = page_of(case, tmp_path / "r.html")
    assert f"whose output is no check: {model.name}" in page
    assert "Zorvane" not in page
