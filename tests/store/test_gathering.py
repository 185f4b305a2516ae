"""Orders that come at once are kept at once, and each only once (R1, R5, accidents 5 and 8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.inbox import Envelope
from models.person import Person
from runtime.crypto import Vault
from store import contacts, inbox
from store.gathering import Gathering
from store.inbox import Incoming, Received
from store.pool import Connection, Pool
from tests.fixtures.orders import NOON, an_order, value


@pytest.fixture
def vault() -> Vault:
    return Vault({"1": b"k" * 32}, "1", b"i" * 32)


@pytest.fixture
def gathering(pool: Pool, vault: Vault) -> Gathering:
    return Gathering(pool, vault)


def first_of(number: str, delivery: str | None = None) -> Incoming:
    """An order's first message, as a channel's door hands it on."""
    own = f"{number}{delivery or ''}"
    start = an_order(f"shopify-{number}", ("TEA", 1)).model_copy(update={"contact_id": f"ct_{own}"})
    return Incoming(
        "shopify", "orders/create", f"shopify:{own}", Envelope(order_no=start.order_no, start=start), NOON,
        delivery or f"d-{number}", content=b"c" * 32, person=Person(name=f"買家{number}"), body=b'{"id": 1}',
    )  # fmt: skip


def kept(answers: list[Received | None]) -> list[Received]:
    return [answer for answer in answers if answer is not None]


async def test_whoever_comes_while_others_are_written_is_written_with_the_next(
    gathering: Gathering, pool: Pool, vault: Vault, conn: Connection
) -> None:
    answers = await asyncio.gather(*(gathering.keep(first_of(str(number))) for number in range(120)))
    assert len({answer.message_id for answer in kept(answers)}) == 120
    # Nobody writes before all have come: batches of fifty.
    assert await value(conn, "SELECT count(DISTINCT xmin::text) FROM inbox") < 10
    for number in (0, 60, 119):
        answer = answers[number]
        assert answer is not None
        assert await inbox.raw_body(conn, vault, answer.message_id) == b'{"id": 1}'
        assert (await contacts.reveal(conn, vault, f"ct_{number}")).name == f"買家{number}"


async def test_what_was_heard_before_is_left_and_takes_nobody_with_it(gathering: Gathering, conn: Connection) -> None:
    assert await gathering.keep(first_of("1")) is not None
    answers = await asyncio.gather(
        gathering.keep(first_of("0")),
        gathering.keep(first_of("00")),
        # The same delivery, another message of the same order, and one nobody knows: written together.
        gathering.keep(first_of("1")),
        gathering.keep(first_of("1", "again")),
        gathering.keep(first_of("2")),
    )
    assert [answer is not None for answer in answers] == [True, True, False, False, True]
    assert await value(conn, "SELECT count(*) FROM inbox") == 4
    assert await value(conn, "SELECT count(*) FROM contacts") == 4
    assert await value(conn, "SELECT count(*) FROM idempotency_keys") == 8


async def test_two_that_claim_one_order_in_one_batch_are_both_left_to_go_by_themselves(
    gathering: Gathering, conn: Connection
) -> None:
    answers = await asyncio.gather(*(gathering.keep(first_of(name)) for name in ("0", "00", "7", "7")))
    assert answers == [None] * 4
    assert await value(conn, "SELECT count(*) FROM inbox WHERE order_no = 'shopify-7'") == 0
    assert await value(conn, "SELECT count(*) FROM contacts WHERE contact_id = 'ct_7'") == 0


async def test_whoever_comes_in_the_moment_in_which_all_writers_end_is_written_too(
    gathering: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()

    async def by_itself(batch: Sequence[Incoming]) -> Sequence[None]:
        await ended.wait()
        return [None] * len(batch)

    async def late() -> None:
        await ended.wait()
        assert await gathering.keep(first_of("late")) is None

    monkeypatch.setattr(gathering, "_kept", by_itself)
    before = [asyncio.create_task(gathering.keep(first_of(str(number)))) for number in range(100)]
    for _ in range(3):
        await asyncio.sleep(0)
    after = asyncio.create_task(late())
    await asyncio.sleep(0)
    ended.set()
    await asyncio.wait_for(asyncio.gather(*before, after), 30)


class Writing:
    """What is written, batch by batch; the first one waits until it may end."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.may_end = asyncio.Event()

    async def kept(self, batch: Sequence[Incoming]) -> Sequence[None]:
        self.batches.append(len(batch))
        if len(self.batches) == 1:
            await self.may_end.wait()
        return [None] * len(batch)


@pytest.fixture
def writing(gathering: Gathering, monkeypatch: pytest.MonkeyPatch) -> Writing:
    writing = Writing()
    monkeypatch.setattr(gathering, "_kept", writing.kept)
    return writing


async def begun(gathering: Gathering, *numbers: int) -> list[asyncio.Task[Received | None]]:
    tasks = [asyncio.create_task(gathering.keep(first_of(str(number)))) for number in numbers]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_while_a_writer_gets_on_all_who_come_make_one_batch(
    gathering: Gathering, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.gathering._HELD_UP_S", 60.0)
    first, later = await begun(gathering, 0), await begun(gathering, *range(1, 31))
    assert writing.batches == [1]
    writing.may_end.set()
    await asyncio.wait_for(asyncio.gather(*first, *later), 30)
    assert writing.batches == [1, 30]


async def test_a_writer_that_is_held_up_keeps_nobody_else_waiting(
    gathering: Gathering, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.gathering._HELD_UP_S", 0.01)
    first = await begun(gathering, 0)
    await asyncio.wait_for(gathering.keep(first_of("1")), 30)
    assert not first[0].done()
    # The one that was held up stands apart: whoever comes now is written at once.
    await asyncio.wait_for(gathering.keep(first_of("2")), 30)
    writing.may_end.set()
    await asyncio.wait_for(first[0], 30)
    await asyncio.wait_for(gathering.keep(first_of("3")), 30)


async def test_a_batch_that_meets_a_fault_leaves_each_to_go_by_itself(
    gathering: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def faulty(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("store.gathering.keep_first", faulty)
    assert await asyncio.wait_for(gathering.keep(first_of("1")), 30) is None


async def test_a_message_that_brings_no_order_goes_by_itself(gathering: Gathering, conn: Connection) -> None:
    assert await gathering.keep(replace(first_of("1"), person=None)) is None
    assert await value(conn, "SELECT count(*) FROM inbox") == 0
