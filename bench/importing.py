"""Importing a history of orders by the command itself, beside raw inserts of as many orders and lines (R1)."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
import time
from pathlib import Path

from bench.copies import an_order, copy
from bench.driver import NotFinished
from bench.figures import Figure, rates
from bench.ground import Ground
from domain.csv_orders import COLUMNS
from store import catalogue

ROUNDS, LINES = 2, 3


async def of_a_history(ground: Ground, orders: int) -> list[Figure]:
    """Invoices a second of both; ours are read, checked, sealed, and stand in ledger and record."""
    count = max(100, orders * 10)
    async with ground.pool.connection() as conn:
        await catalogue.put_product(conn, "TEA", title="Tea", weight_g=500, volume_cm3=1_000)
        await an_order(conn, "raw-0", "TEA")
    ours, raw = [], []
    for turn in range(ROUNDS):
        file = ground.directory / f"history-{turn}.csv"
        _write(file, first=600_000 + turn * count, invoices=count)
        ours.append(count / await _imported(ground, file, count))
        raw.append(count / await _inserted(ground, turn, count))
    return [rates("invoices of three lines", ours, raw)]


def _write(file: Path, *, first: int, invoices: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for invoice in range(first, first + invoices):
            for line in range(LINES):
                rows.writerow(
                    (invoice, f"SKU-{line}", "TEA", 2, "2010-12-01 08:26:00", "2.55", 17850, "United Kingdom")
                )


async def _imported(ground: Ground, file: Path, count: int) -> float:
    began = time.perf_counter()
    command = (sys.executable, "-m", "cli", "import", str(file), "--json", "--report", f"{file}.refused")
    done = await asyncio.create_subprocess_exec(*command, env=dict(ground.environment), stdout=asyncio.subprocess.PIPE)
    said, _ = await done.communicate()
    took = time.perf_counter() - began
    if json.loads(said)["new"] != count:
        raise NotFinished({"import": said.decode()})
    return took


async def _inserted(ground: Ground, turn: int, count: int) -> float:
    began = time.perf_counter()
    async with ground.pool.connection() as conn:
        numbered = f"jsonb_build_object('order_no', 'raw-{turn}-' || n, 'channel_order_id', '{turn}-' || n)"
        await copy(conn, "orders", "order_no", "raw-0", count, numbered)
        await conn.execute(
            "INSERT INTO order_lines SELECT (jsonb_populate_record(l, jsonb_build_object("
            "'order_no', o.order_no, 'line_no', line, 'sku', 'SKU-' || line))).*"
            " FROM order_lines l, orders o, generate_series(1, %s) AS three (line)"
            " WHERE l.order_no = 'raw-0' AND o.order_no LIKE %s",
            (LINES, f"raw-{turn}-%"),
        )
    return time.perf_counter() - began
