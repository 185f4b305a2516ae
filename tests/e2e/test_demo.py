"""The main job, seen from outside: one command, about twenty orders, and every one ends as it should."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dev.demo.programme import PROGRAMME
from domain.money import PaymentStatus
from domain.order_status import ENDED, OrderStatus
from tests.e2e.conftest import Demo, Shop

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

_ENDS_WITHIN_S = 200


def test_every_sample_order_ends_as_it_should_also_when_the_worker_is_killed_in_the_middle(shop: Shop) -> None:
    with shop.demo() as demo:
        killed = _kill_worker_when_orders_are_under_way(demo)
        code, verdict = demo.verdict(_ENDS_WITHIN_S)

    assert not _wrong(verdict), _told(demo, verdict)
    assert verdict["ok"] is verdict["stock_consistent"] is verdict["money_consistent"] is True
    assert code == 0
    assert [order["scenario"] for order in verdict["orders"]] == [scenario.name for scenario in PROGRAMME]
    assert len({order["order_no"] for order in verdict["orders"]}) == len(PROGRAMME)
    assert {"desks", "api", "temporal_ui", "simulators"} <= set(verdict["addresses"])
    assert str(killed) not in _last_line_of_worker(demo), "the worker was not replaced"


def test_every_way_an_order_can_end_is_in_the_programme() -> None:
    ends = {(scenario.ends.status, scenario.ends.payment) for scenario in PROGRAMME}

    assert {status for status, _ in ends} == ENDED
    assert (OrderStatus.CANCELLED, PaymentStatus.UNPAID) in ends
    assert (OrderStatus.CANCELLED, PaymentStatus.REFUNDED) in ends
    assert len({scenario.name for scenario in PROGRAMME}) == len(PROGRAMME)


def _wrong(verdict: dict[str, Any]) -> list[Any]:
    """Everything that is not as it should be, so that a failure says what."""
    orders = [(order["scenario"], order["why"], order["status"]) for order in verdict["orders"] if not order["ok"]]
    return [*orders, *verdict["faults"]]


def _told(demo: Demo, verdict: dict[str, Any]) -> str:
    """What went wrong, short enough to be read where only the end of the output is kept."""
    logs = sorted(Path(demo.settings["data_dir"]).glob("logs/*.log"))
    ends = [f"--- {log.name}\n" + "\n".join(log.read_text()[-1500:].splitlines()[-6:]) for log in logs]
    return "\n".join([*map(str, _wrong(verdict)[:5]), _last_line_of_worker(demo), *ends])


def _kill_worker_when_orders_are_under_way(demo: Demo) -> int:
    """kill -9, once a good part of the programme is on record and most of it cannot be over."""
    while _orders_on_record(demo) < len(PROGRAMME) * 3 // 4:
        assert demo.process.poll() is None, "the demo was over before its worker could be killed"
        time.sleep(0.1)
    pid = demo.pid_of("worker")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def _orders_on_record(demo: Demo) -> int:
    """0 also while there is no database, or nothing in it, yet."""
    try:
        with psycopg.connect(demo.database_url, connect_timeout=2) as conn:
            row = conn.execute("SELECT count(*) FROM orders").fetchone()
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return 0
    return int(row[0]) if row else 0


def _last_line_of_worker(demo: Demo) -> str:
    lines = [line for line in demo.said.read_text().splitlines() if line.startswith("worker") and "pid" in line]
    return lines[-1] if lines else ""
