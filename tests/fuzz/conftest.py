"""One shop for all doors: what one request leaves behind is ground for the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.postgres import Shelf
from tests.fuzz.fortress import Fortress, fortress


@pytest.fixture(scope="module")
def shop(database_shelf: Shelf, temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fortress]:
    """The real app, workers and Temporal on a database of this module's own."""
    address = database_shelf.take()
    with fortress(address, temporal_address, tmp_path_factory.mktemp("fuzz")) as opened:
        yield opened
    database_shelf.put_back(address)
