"""The demo's verdict can say no: to an order that went otherwise, to stock that drifted, to money that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from dev.demo import NO_STACK, run
from dev.demo.board import Board
from dev.demo.books import Books
from dev.demo.desk import Desk
from dev.demo.outside import Outside
from dev.demo.play import Played, cast, play_all
from dev.demo.report import Report
from dev.demo.scenario import ARCHIVED_PAID, CANCELLED_REFUNDED, Scenario, Scene, Stage, WentWrong
from dev.stack.addresses import StackAddresses
from dev.time_machine import TimeMachine
from domain.order_status import OrderStatus
from runtime.settings import Settings, load_settings
from store.pool import Connection, Pool
from store.stock import put_stock
from tests.e2e.conftest import free_ports
from tests.fixtures.temporal import connect

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


async def _placed(scene: Scene) -> None:
    """The order is in the list already."""


async def _goes_wrong(scene: Scene) -> None:
    raise WentWrong("the parcel was packed nohow")


SCENARIO = Scenario("sample", "site", "an order", _placed, (), ARCHIVED_PAID)
ORDER_NO = "site-1-sample"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path)


@pytest.fixture
async def stage(settings: Settings, pool: Pool, temporal_address: str) -> AsyncIterator[Stage]:
    """A shop whose list has one order, archived and paid, and an outside that has never seen any money."""
    temporal = await connect(temporal_address)
    api = httpx.AsyncClient(transport=httpx.MockTransport(_shop), base_url="http://shop.test")
    outside = httpx.AsyncClient(transport=httpx.MockTransport(_outside), base_url="http://outside.test")
    desk = Desk(api, settings)
    stage = Stage(
        stamp="1",
        desk=desk,
        outside=Outside(outside, api, settings),
        board=Board(desk),
        books=Books(pool),
        machine=TimeMachine(temporal, settings),
        temporal=temporal,
    )
    watching = asyncio.create_task(stage.board.watch())
    yield stage
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def _shop(request: httpx.Request) -> httpx.Response:
    if request.url.path.endswith("/timeline"):
        return httpx.Response(200, json={"items": []})
    row = {
        "order_no": ORDER_NO,
        "channel": "site",
        "status": {"code": "archived"},
        "payment_status": {"code": "paid"},
        "waits_for": "",
        "waits_for_zh": "",
    }
    return httpx.Response(200, json={"items": [row]})


def _outside(request: httpx.Request) -> httpx.Response:
    payment = {"amount_received": 5_000, "refunds": [{"amount": 2_000}], "metadata": {"order_no": "site-told-apart"}}
    return httpx.Response(200, json=[payment])


async def _played(stage: Stage, scenario: Scenario) -> Played:
    [played] = company = cast((scenario,), stage)
    await play_all(company)
    return played


def _report(played: Played) -> Report:
    return Report(company=[played], stock_faults=(), money_faults=(), channel_faults=(), seconds=1.0)


async def test_an_order_that_ends_as_it_should_is_well(stage: Stage) -> None:
    played = await _played(stage, SCENARIO)

    assert played.problem == ""
    assert _report(played).ok


async def test_an_order_that_ends_otherwise_fails_the_run_and_says_how_it_ended(stage: Stage) -> None:
    played = await _played(stage, replace(SCENARIO, ends=CANCELLED_REFUNDED))

    report = _report(played)
    assert "ended archived" in played.problem
    assert not report.ok
    assert report.as_json({})["orders"][0]["ok"] is False


async def test_a_wrong_turn_on_the_way_fails_the_run_even_if_the_end_is_right(stage: Stage) -> None:
    played = await _played(stage, replace(SCENARIO, acts=(_goes_wrong,)))

    assert "packed nohow" in played.problem
    assert not _report(played).ok


async def test_one_fault_of_the_books_fails_the_run(stage: Stage) -> None:
    report = _report(await _played(stage, SCENARIO))

    assert not replace(report, stock_faults=["one too many"]).ok
    assert not replace(report, money_faults=["one too few"]).ok
    assert not replace(report, channel_faults=["nothing shown"]).ok


async def test_a_counter_that_drifted_from_its_reservations_is_found(stage: Stage, conn: Connection) -> None:
    await conn.execute("INSERT INTO warehouses VALUES ('W', 'W', '', '')")
    await conn.execute("INSERT INTO products VALUES ('S', 'S', 'S', 0, 0, false, '', 0)")
    await put_stock(conn, "W", "S", at=NOW, key="k", on_hand=5)
    before = await stage.books.stock_faults()

    await conn.execute("UPDATE stock_items SET reserved = 1")

    [fault] = await stage.books.stock_faults()
    assert before == []
    assert "1 reserved, 0 held" in fault


@pytest.mark.parametrize(
    ("status", "captured", "refunded", "fault"),
    [
        (OrderStatus.ARCHIVED, 3_000, 0, None),
        (OrderStatus.ARCHIVED, 3_000, 3_000, "0 kept, 3000 due"),
        (OrderStatus.CANCELLED, 3_000, 3_000, None),
        (OrderStatus.CANCELLED, 0, 0, None),
        (OrderStatus.CANCELLED, 3_000, 2_000, "1000 kept, 0 due"),
        (OrderStatus.INTERCEPTED, 3_000, 0, "3000 kept, 0 due"),
    ],
)
async def test_money_neither_rightly_kept_nor_given_back_is_found(
    stage: Stage, conn: Connection, status: OrderStatus, captured: int, refunded: int, fault: str | None
) -> None:
    await _order(conn, "site-1", status, captured, refunded)

    found = await stage.books.money_faults(["site-1"], stage.outside)

    if fault is None:
        assert found == []
    else:
        assert len(found) == 1
        assert fault in found[0]


async def test_a_ledger_that_disagrees_with_the_provider_is_found(stage: Stage, conn: Connection) -> None:
    await _order(conn, "site-told-apart", OrderStatus.CANCELLED, 5_000, 5_000)

    [found] = await stage.books.money_faults(["site-told-apart"], stage.outside)

    assert "0 kept by our ledger, 3000 by the provider's" in found


async def test_without_a_stack_the_demo_says_so_and_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = load_settings(data_dir=tmp_path, **free_ports())

    code = await run(nowhere, stack_addresses=StackAddresses.of(nowhere), json_out=False, live=False)

    assert code == NO_STACK
    assert "orderflow up" in capsys.readouterr().out


async def _order(conn: Connection, order_no: str, status: OrderStatus, captured: int, refunded: int) -> None:
    """An order of 30.00 with its ledger's sums, as rows."""
    channel, _, identity = order_no.partition("-")
    row = {
        "order_no": order_no, "channel": channel, "channel_order_id": identity, "contact_id": "ct_1",
        "status": status, "payment_method": "online", "currency": "CNY", "shipping": 0, "tax": 0, "discount": 0,
        "total": 3_000, "promotion": False, "promised_speed": "standard", "placed_at": NOW, "policy": "{}",
        "terms_version": "1", "recorded_at": NOW, "updated_at": NOW, "step_seq": 1, "risk": "none", "waiting_for": "",
    }  # fmt: skip
    columns, places = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    await conn.execute(f"INSERT INTO orders ({columns}) VALUES ({places})".encode(), row)
    await conn.execute(
        "INSERT INTO payments (order_no, currency, captured, refunding, refunded) VALUES (%s, 'CNY', %s, 0, %s)",
        (order_no, captured, refunded),
    )
