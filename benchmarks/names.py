"""Recall and precision of a model for names on sentences as mails have them; figures are printed.

`python benchmarks/names.py MODEL_FOLDER...` with tamis[ner]; French and English.
"""

from __future__ import annotations

import random
import sys
import time

from tamis.analyses.leak.names import Named, find_all
from tamis.run.name_models import name_models

COUNT = 1_000
FIRST = {
    "fr": "Sophie Karim Jean-Pierre Aïcha Élodie Mathieu Fatou Anne-Marie Youssef Camille",
    "en": "Sarah Kwame John Priya Emily Malik Brenda Oliver Mei Patrick",
}
LAST = {
    "fr": "Garnier Benali Lefèvre Diallo Morel Nguyen Rousseau d'Arcy Haddad Le-Goff",
    "en": "Whitfield Okafor O'Brien Sharma Johnson Rahman Harper Chen McAllister Smith",
}
SENTENCES = {
    "fr": (
        "Bonjour {},\nmerci de me rappeler avant la réunion de mardi.",
        "J'ai vu {} hier soir et nous sommes d'accord sur la note.",
        "Le dossier est chez {} depuis lundi, il manque une signature.",
        "Bien à toi,\n{}",
        "d'après {}, la facture n'a jamais été payée",
        "Cc : {} ; le compte rendu suit.",
    ),
    "en": (
        "Hi {},\nplease call me back before the meeting on Tuesday.",
        "I met {} last night and we agree about the memo.",
        "The file has been with {} since Monday and one signature is missing.",
        "Best wishes,\n{}",
        "according to {} the invoice was never paid",
        "Cc: {}; the minutes will follow.",
    ),
}
NAMELESS = {
    "fr": (
        "Bonjour à tous,\nla réunion de Lyon est reportée au 12 mai.",
        "Le budget de la campagne est validé par le Conseil.",
        "Cordialement,\nLe bureau",
        "Twitter et Facebook ont supprimé la page du Monde.",
    ),
    "en": (
        "Hello everyone,\nthe Paris meeting is moved to 12 May.",
        "The campaign budget was approved by the Board.",
        "Kind regards,\nThe Office",
        "Twitter and Facebook removed the page of the Guardian.",
    ),
}


def measure(language: str, folder: str) -> tuple[float, float, float]:
    """Recall of whole names, share of names found that are ones, characters a second."""
    dice = random.Random(f"names {language}")
    texts, places, others = [], [], []
    for _ in range(COUNT):
        first, last = dice.choice(FIRST[language].split()), dice.choice(LAST[language].split())
        name = dice.choice((f"{first} {last}", f"{first} {last}", first, f"M. {last}"))
        text = dice.choice(SENTENCES[language]).format(name)
        texts.append(text)
        places.append((text.index(name), text.index(name) + len(name)))
        others.append(dice.choice(NAMELESS[language]))
    began = time.perf_counter()
    found = find_all([*texts, *others], folder)
    spent = time.perf_counter() - began
    hits = sum(
        any(_is_it(one, place) for one in named)
        for named, place in zip(found, places, strict=False)
    )
    total = sum(map(len, found))
    return hits / COUNT, hits / max(total, 1), sum(map(len, [*texts, *others])) / spent


def _is_it(one: Named, place: tuple[int, int]) -> bool:
    """Whether a find covers the name, a title before it left in or out."""
    return one.found.end == place[1] and abs(one.found.start - place[0]) <= 3


def main(folders: list[str]) -> int:
    """Print what was measured for each model."""
    for model in name_models(folders):
        recall, precision, speed = measure(model.language, model.folder)
        print(
            f"{model.name} {model.sha256[:16]}: recall {recall:.3f}  precision {precision:.3f}  "
            f"{speed / 1e3:.0f} thousand characters a second"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
