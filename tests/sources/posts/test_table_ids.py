from __future__ import annotations

import pytest

from tamis.sources.posts.table_cells import UnusableRowError, native_id


@pytest.mark.parametrize("text", ["654756e2", "4e12ab00", "12345678", "1428791190467109957"])
def test_an_id_that_only_looks_like_a_number_is_kept(text: str) -> None:
    assert native_id(text, "account") == text


@pytest.mark.parametrize("text", ["1.42879E+18", "1,42879E+18", "1.428791190467e+18", "1e+18"])
def test_an_id_that_became_a_decimal_number_is_refused(text: str) -> None:
    with pytest.raises(UnusableRowError, match="decimal number"):
        native_id(text, "account")
