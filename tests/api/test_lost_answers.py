"""Temporal did what it was asked, and its answer was lost: nothing that belongs to it is undone (DESIGN, idea 2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from tests.api.caller import Caller
from tests.api.test_cases import SERVICE, opened
from tests.api.test_commands import in_review, place, review

WORDS = "the buyer called twice"
Done = Callable[[], Awaitable[httpx.Response]]


@contextmanager
def answers_are_lost() -> Iterator[None]:
    """Whatever is asked is done, and then the line is cut."""
    with pytest.MonkeyPatch.context() as patch:
        for whose, name in ((WorkflowHandle, "execute_update"), (Client, "start_workflow")):
            patch.setattr(whose, name, _deaf(getattr(whose, name)))
        yield


def _deaf(ask: Any) -> Any:
    async def asked(*args: Any, **options: Any) -> None:
        await ask(*args, **options)
        raise RPCError("connection reset by peer", RPCStatusCode.UNAVAILABLE, b"")

    return asked


async def lost_then_asked_again(shop: Caller, number: str, act: Done) -> httpx.Response:
    """The answer to the second of two equal requests, whose first was carried out and never answered."""
    before = await text_of(shop, number)
    with answers_are_lost():
        assert (await act()).status_code == 503
    assert await text_of(shop, number) == [*before, WORDS]
    answer = await act()
    assert answer.status_code in (200, 201), answer.text
    return answer


async def text_of(shop: Caller, number: str) -> list[str]:
    """The notes of an order as service reads them."""
    page = (await shop.get(f"/v1/orders/{number}/notes", SERVICE)).json()
    return [note["text"] for note in page["items"]]


async def test_the_note_of_a_decision_stays(shop: Caller) -> None:
    number = await in_review(shop)

    def approve() -> Any:
        return review(shop, number, "approve", reason="known_buyer", note=WORDS, key="once")

    with answers_are_lost():
        assert (await approve()).status_code == 503
    await shop.until(number, "picking")
    assert await text_of(shop, number) == [WORDS]
    assert (await approve()).status_code == 200
    assert await text_of(shop, number) == [WORDS]


async def test_a_corrected_address_stays_where_the_order_was_told_of_it(shop: Caller) -> None:
    number = await in_review(shop)
    with answers_are_lost():
        told = await shop.post(f"/v1/orders/{number}/address", place(name="李測試", note=WORDS), key="once")
        assert told.status_code == 503
    seen = (await shop.get(f"/v1/orders/{number}", SERVICE)).json()["contact"]
    assert (seen["name"], await text_of(shop, number)) == ("李*", [WORDS])


async def test_the_note_with_which_a_case_began_stays(shop: Caller) -> None:
    number = await in_review(shop)
    body = {"kind": "complaint", "reason": "late", "note": WORDS}

    def open_it() -> Any:
        return shop.post(f"/v1/orders/{number}/cases", body, SERVICE, key="once")

    assert (await lost_then_asked_again(shop, number, open_it)).json()["note_id"]
    assert await text_of(shop, number) == [WORDS]


async def test_the_words_of_a_stage_stay(shop: Caller) -> None:
    number = await in_review(shop)
    case = await opened(shop, order_no=number)

    def answer_it() -> Any:
        body = {"stage": "answer", "note": WORDS}
        return shop.post(f"/v1/cases/{case['case_no']}/stage", body, SERVICE, key="once")

    assert (await lost_then_asked_again(shop, number, answer_it)).json()["stages"] == []
    assert await text_of(shop, number) == [WORDS]


async def test_the_words_of_a_longer_deadline_stay(shop: Caller) -> None:
    number = await in_review(shop)
    body = {"deadline": "T3", "extend_by_seconds": 3600, "reason": "calls_back", "note": WORDS}
    for subject in (f"order:{number}", f"case:{(await opened(shop, order_no=number))['case_no']}"):
        longer = body | {"deadline": "T3" if subject.startswith("order") else "T10"}

        def extend(subject: str = subject, longer: dict[str, Any] = longer) -> Any:
            return shop.post(f"/v1/deadlines/{subject}", longer, "operations", key=f"once-{subject[:4]}")

        await lost_then_asked_again(shop, number, extend)
    assert await text_of(shop, number) == [WORDS, WORDS]
