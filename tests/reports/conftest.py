"""One page of each edition over the invented case, shared by the tests here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import invented_case
import invented_leak
import pytest
from report_pages import Pages, write

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    case = invented_case.make(tmp_path_factory.mktemp("reports") / "case")
    with case.view() as view:
        yield Pages(view, write(view), write(view, key=b"one key"))


@pytest.fixture(scope="session")
def leak_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The same case with what was found in its mail and documents."""
    path = tmp_path_factory.mktemp("reports") / "leak"
    case = invented_case.make(path, more=invented_leak.rows())
    with case.view() as view:
        yield Pages(view, write(view), write(view, key=b"one key"))
