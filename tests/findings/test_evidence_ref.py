"""The canonical JSON of a reference: the same bytes as the plain library writes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tamis.findings.evidence import Ref

TEXT = st.text(alphabet=st.characters(codec=None, min_codepoint=0, max_codepoint=0xFFFF))
VALUE = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXT, st.lists(TEXT))


@given(TEXT, st.none() | st.integers(0, 2**40), st.dictionaries(TEXT, VALUE, max_size=4))
def test_evidence_ids_depend_on_no_library(item_id: str, start: int | None, rows: object) -> None:
    ref = Ref(item_id=item_id, byte_start=start, rows=rows)  # type: ignore[arg-type]
    told = {"item_id": item_id, "byte_start": start, "rows": rows or None}
    kept = {name: value for name, value in told.items() if value is not None}
    plain = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert ref.to_json() == plain
