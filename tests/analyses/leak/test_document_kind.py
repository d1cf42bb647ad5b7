from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tamis.analyses.leak import document_kind
from tamis.analyses.leak.document_kind import LABELS, OTHER, Label, label
from tamis.analyses.leak.document_kind_marks import MARKS, marks
from tamis.analyses.leak.document_kind_words_en import ENGLISH
from tamis.analyses.leak.document_kind_words_fr import FRENCH

DATA = Path(__file__).resolve().parents[2] / "data"
PAGE = DATA.parents[1] / "docs" / "reference" / "document-kinds-measured.md"
LABELLED, MAILS = DATA / "document_kinds.jsonl", DATA / "document_kinds_mail.jsonl"


def rows(half: str, path: Path = LABELLED) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["half"] == half]


def test_the_labelled_set_is_whole_and_its_parts_share_no_text() -> None:
    halves = {half: rows(half) for half in ("tune", "test", "later", "last")}
    texts = [row["text"] for part in halves.values() for row in part]
    assert len(texts) >= 200
    assert len(set(texts)) == len(texts)
    for part in halves.values():
        assert {row["label"] for row in part} == set(LABELS)
        assert {row["language"] for row in part} == {"fr", "en"}


# Floors a little below what document-kinds-measured.md states: a change must not make it worse.
# Only "fresh" was written after the rules were final: it alone says what to expect.
FLOORS = {
    LABELLED: {"tune": 0.98, "test": 0.97, "later": 0.93, "last": 0.93},
    MAILS: {"choose": 0.96, "report": 0.96, "fresh": 0.56},
}


@pytest.mark.parametrize(
    ("path", "half", "least"),
    [(path, half, least) for path, parts in FLOORS.items() for half, least in parts.items()],
)
def test_as_many_are_right_as_the_page_says(path: Path, half: str, least: float) -> None:
    part = rows(half, path)
    right = sum(first(row) == row["label"] for row in part)
    assert right / len(part) >= least


def test_a_label_but_other_is_mostly_right_where_it_is_given() -> None:
    for half, least in (("report", 0.96), ("fresh", 0.69)):
        given = [row for row in rows(half, MAILS) if first(row) != OTHER]
        assert sum(first(row) == row["label"] for row in given) / len(given) >= least


def first(row: dict[str, str]) -> str:
    return label(row["text"], subject=row.get("subject"), name=row.get("name"))[0].label


def test_the_page_of_figures_says_what_is_measured_now() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for path, parts in FLOORS.items():
        for half in parts:
            part = rows(half, path)
            right = sum(first(row) == row["label"] for row in part)
            (line,) = [line for line in lines if line.startswith(f"| {half} |")]
            assert line.split(" | ")[2] == f"{right} of {len(part)}"
    for kind in LABELS:
        (line,) = [line for line in lines if line.startswith(f"| {kind} |")]
        assert line.split(" | ")[1:] == [
            *(_precision_recall(kind, half) for half in SHOWN[:2]),
            _precision_recall(kind, SHOWN[2]) + " |",
        ]


SHOWN = ("fresh", "report", "choose")


def _precision_recall(kind: str, half: str) -> str:
    told = [(row["label"], first(row)) for row in rows(half, MAILS)]
    right = told.count((kind, kind))
    given, meant = (sum(one[at] == kind for one in told) for at in (1, 0))
    return f"{right / given:.2f} / {right / meant:.2f}"


def test_the_mails_are_many_and_no_template_stands_in_two_parts() -> None:
    parts = {half: rows(half, MAILS) for half in FLOORS[MAILS]}
    texts = [row["text"] for part in parts.values() for row in part]
    assert len(texts) >= 500
    assert len(set(texts)) == len(texts)
    groups = [{row["group"] for row in part} for part in parts.values()]
    assert not set.intersection(groups[0], groups[1])
    assert not groups[2] & (groups[0] | groups[1])
    for part in parts.values():
        counts = Counter((row["label"], row["language"]) for row in part)
        assert {kind for kind, _ in counts} == set(LABELS)
        assert min(counts.values()) >= 5


def test_a_worked_case() -> None:
    (first,) = label("Facture n° 12 : total TTC 1 500 €, net à payer.")
    # facture n (3) + total ttc (3) + net a payer (3) + the number of a bill (1.5)
    assert (first.label, first.score) == ("invoice", 10.5)
    number = "(a number of a bill or an order)"
    assert first.words == ("Facture n", "net à payer", "total TTC", number)


def test_words_count_once_and_twice_in_subject_and_name() -> None:
    assert label("facture facture facture")[0].score == 3.0
    assert label("", subject="Facture")[0].score == 6.0
    assert label("", name="facture_mars.pdf")[0].score == 6.0
    assert label("FACTURE", subject="facture")[0].words == ("facture",)


def test_nothing_and_little_are_other_without_words() -> None:
    for text in ("", "D'accord.", "\0" * 100, "x" * 100_000, "Уважаемые коллеги"):
        (one,) = label(text)
        assert (one.label, one.score, one.words) == (OTHER, 0.0, ())


@pytest.mark.parametrize("words", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_each_rule_is_written_as_it_is_looked_up(words: dict[str, dict[int, str]]) -> None:
    assert set(words) == set(LABELS)
    silent = words[OTHER][0]
    taken = {" ".join(phrase.split()) for phrase in silent.split(",")}
    for kind, by_weight in words.items():
        seen: Counter[str] = Counter()
        for weight, phrases in by_weight.items():
            for phrase in phrases.split(","):
                plain = " ".join(phrase.split())
                assert plain == plain.lower()
                assert plain.isascii(), plain
                seen[plain] += 1
                if weight and plain not in taken:
                    assert kind in kinds_met(plain.replace("*", "e")), f"{kind}: {plain}"
        assert not [phrase for phrase, count in seen.items() if count > 1]


def kinds_met(said: str) -> set[str]:
    rules = document_kind._rules(("fr", "en"))
    return {kind for _, _, kind, _ in document_kind._hits(document_kind._Part.of(said), rules)}


def test_a_figure_of_speech_is_taken_and_speaks_for_nothing() -> None:
    assert kinds_met("foot the bill") == set()
    assert "invoice" in kinds_met("pay the bill")
    # "social contract" is taken whole, the second contract is one.
    assert label("The social contract. We sign the contract.")[0].words == ("sign the contract",)


def test_the_lists_of_the_other_language_are_silent() -> None:
    # In French "car" is because and "chat" a cat; in English a vehicle and a talk.
    assert (
        label("Il est resté chez nous car la route est longue et il ne va pas bien")[0].words == ()
    )
    french = label("Le chat est dans la maison avec le bébé et la voisine")
    assert (french[0].label, french[0].words[0]) == ("personal", "bébé")
    assert all(one.label != "personal" for one in label("We will have a chat with the vendor"))
    # A table and a name of a file have no language: both lists speak.
    assert label("", name="facture.pdf")[0].label == label("", name="invoice.pdf")[0].label


def test_a_longer_text_must_earn_more() -> None:
    said = "Le budget. "
    assert label(said)[0].label == "finance"
    assert label(said + "Rien de plus ici. " * 100)[0].label == OTHER
    # 160 words are two doublings of 40: 2 + 2 * 0.75, which 3 does not reach and 5 does.
    assert label("Facture " + "ici " * 159)[0].label == OTHER
    assert label("Facture, TTC " + "ici " * 158)[0].label == "invoice"


def test_weak_words_alone_add_up_to_little() -> None:
    (one,) = label("bank rate transfer quarter balance fund figure cost")
    assert (one.label, one.score) == ("finance", 2.0)
    assert len(one.words) == 8


def test_addresses_and_the_head_of_a_quoted_mail_are_not_the_text() -> None:
    said = "https://x.invalid/invoice/payroll\nOn Mon, 3 May 2016 at 10:00 am, Invoice wrote:\n> ok"
    assert label(said)[0] == Label(OTHER, 0.0, ())
    # What is found still stands where it is in the text.
    assert label("https://x.invalid/é Ma FACTURE")[0].words == ("FACTURE",)


def test_papers_of_two_kinds_carry_both_labels_the_better_first() -> None:
    both = label("Mot de passe du portail et identifiant. Facture impayée, relance de paiement.")
    assert {one.label for one in both} == {"invoice", "credentials"}
    assert both[0].score >= both[1].score


def test_a_logistic_word_does_not_outweigh_what_it_is_said_about() -> None:
    first, second = label("La livraison et l'hôtel : deuxième relance, prestation en attente.")
    assert (first.label, second.label) == ("invoice", "logistics")


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("IBAN : FR76 1234 5678 9012 3456 7890 123", "an IBAN", "finance"),
        ("Siret 412 345 678 00019", "a SIRET number", "invoice"),
        ("Invoice no. A-2291", "a number of a bill or an order", "invoice"),
        ("Article 1. x\nArticle 2. y", "numbered articles", "contract"),
        ("Doe v. Meridian", "one party against another", "legal"),
        ("root / tr0ub4dor", "a name beside a secret", "credentials"),
        ("Post;10;20\nMail;30;40", "a table of amounts", "finance"),
        ("SPRINGFIELD - Today", "the line of place and date of a release", "press"),
        ("9:00 gate\n10:30 hall", "a line that starts with a time", "logistics"),
        ("ok\nbises, Jo", "a tender closing line", "personal"),
    ],
)
def test_a_mark_of_structure_is_met_and_named(text: str, words: str, kind: str) -> None:
    met = {mark.words: mark for mark in marks(text, text.lower())}
    assert kind in met[words].weights


def test_a_mark_is_found_whether_or_not_the_quick_look_comes_first() -> None:
    texts = [row["text"] for half in ("choose", "report") for row in rows(half, MAILS)]
    for text in texts:
        slow = [
            mark.words for mark in MARKS if len(list(mark.pattern.finditer(text))) >= mark.least
        ]
        assert [mark.words for mark in marks(text, text.lower())] == slow


def test_a_plural_is_folded_and_a_short_word_is_left_alone() -> None:
    assert label("des factures")[0].words == ("factures",)
    # "pas" is no "pass".
    assert label("Nous n'avons pas reçu pas vu")[0].label == OTHER
