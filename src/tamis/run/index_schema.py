"""What the search index holds of each item, and how words are cut and folded for it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tantivy

# Raised when what is indexed, or how, changes: the index is then made anew.
FORMAT = 1
_TOKENIZER = "folded"
_LONGEST_WORD = 100
# Fields of words, with the weight of a hit in each when a query names no field.
WORD_FIELDS = {"subject": 2.0, "text": 1.0, "from": 1.5, "to": 1.0, "path": 1.5}
# Fields of fixed values, compared as a whole.
VALUE_FIELDS = ("kind", "language", "verdict", "side")
DATE_FIELD = "date"
FIELDS = (*WORD_FIELDS, *VALUE_FIELDS, DATE_FIELD)


def analyser() -> tantivy.TextAnalyzer:
    """What cuts text into words: runs of letters and digits, lower case, without accents.

    Source    Unicode letters and digits by tantivy's simple tokenizer; œ, æ, ß and accents are
              folded to plain letters by its table for Latin script.
    Limits    Texts without blanks (Chinese, Japanese, Thai) are cut at punctuation only: search
              them by prefix. No stemming: `élection*` finds the plural, `élection` does not.
    """
    import tantivy as engine  # noqa: PLC0415  loaded by those who search or index only

    return (
        engine.TextAnalyzerBuilder(engine.Tokenizer.simple())
        .filter(engine.Filter.remove_long(_LONGEST_WORD))
        .filter(engine.Filter.lowercase())
        .filter(engine.Filter.ascii_fold())
        .build()
    )


def compose(text: str) -> str:
    """`text` with letters and their accents joined, and without halves of characters."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())


def schema() -> tantivy.Schema:
    """The fields of the index."""
    import tantivy as engine  # noqa: PLC0415  see analyser

    builder = engine.SchemaBuilder()
    builder.add_text_field("item_id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in WORD_FIELDS:
        builder.add_text_field(name, stored=True, tokenizer_name=_TOKENIZER)
    for name in VALUE_FIELDS:
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    # Seconds since 1970: the engine's own dates end in 1677 and 2262, hostile ones do not.
    builder.add_integer_field(DATE_FIELD, stored=True, indexed=True, fast=True)
    return builder.build()


def open_index(folder: str, *, is_new: bool = False) -> Any:
    """The index in a folder, its tokenizer registered."""
    import tantivy as engine  # noqa: PLC0415  see analyser

    found = engine.Index(schema(), folder) if is_new else engine.Index.open(folder)
    found.register_tokenizer(_TOKENIZER, analyser())
    return found
