"""Terms are public and versioned, orders name theirs, and the deadlines keep the law (R29)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.house import TERMS_VERSION
from domain import terms
from domain.deadlines import DeadlineId, DeadlinePolicy
from models.order import Policy
from runtime.settings import Settings

SECOND = timedelta(seconds=1)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API without its house: terms need neither database nor Temporal."""
    app = create_app(Settings(data_dir=tmp_path, public_url="http://shop.test"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        yield client


async def test_anybody_can_read_the_terms_in_force(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/terms")
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["terms"]["version"] == shown["in_force"] == terms.IN_FORCE
    assert shown["terms"]["returns"]["zh"]
    assert shown["terms"]["privacy"]["en"]
    assert {"deadline": "T9", "at_least_seconds": 7 * 86_400}.items() <= shown["statutory"][0].items()


async def test_the_terms_of_an_order_can_be_read_by_their_version(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/v1/terms/{Policy().terms_version}")
    assert answer.status_code == 200
    assert answer.json() == (await api.get("/v1/terms")).json()["terms"]


async def test_terms_that_never_were_are_not_there(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/terms/99")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_new_orders_are_placed_under_the_terms_in_force() -> None:
    assert terms.IN_FORCE == TERMS_VERSION
    assert terms.IN_FORCE in terms.VERSIONS
    assert all(version == text.version for version, text in terms.VERSIONS.items())


def test_every_document_says_the_same_number_of_things_in_both_languages() -> None:
    for version in terms.VERSIONS.values():
        for document in (version.returns, version.privacy):
            assert len(document.en) == len(document.zh) > 0


def test_the_deadlines_as_they_come_keep_the_law() -> None:
    assert terms.breaches(DeadlinePolicy()) == []


@pytest.mark.parametrize(
    ("deadline", "unlawful"),
    [
        (DeadlineId.T9, timedelta(days=7) - SECOND),
        (DeadlineId.T8, timedelta(days=7) + SECOND),
        (DeadlineId.T21, timedelta(days=3 * 365) - SECOND),
    ],
)
def test_a_deadline_that_breaks_the_law_is_named_with_its_source(deadline: DeadlineId, unlawful: timedelta) -> None:
    (broken,) = terms.breaches(replace(DeadlinePolicy(), durations={deadline: unlawful}))
    assert broken.deadline is deadline
    assert "Art." in broken.source
