"""One order in a list."""

from __future__ import annotations

from api.schemas.orders import OrderRowView
from console.bench import Bench
from console.kit import box, chip, countdown, moment, money, status, text


def draw_row(bench: Bench, row: OrderRowView) -> None:
    """Where it stands, what it comes to, what it waits for; the whole row leads to it."""
    t = bench.t
    with box("row-item", "a", href=f"/orders/{row.order_no}"):
        with box("spread"):
            text(row.order_no, classes="strong mono wrap")
            status(row.status)
        with box("bar small"):
            text(moment(row.placed_at, bench.zone), classes="soft num")
            text(money(row.total, row.currency), classes="num")
            text(t.pick(row.waits_for, row.waits_for_zh), classes="soft")
            if row.due_at:
                countdown(row.due_at, row.recorded_at, t("due"), f"order:{row.order_no}")
            if row.held:
                chip(t("order.held", why=row.held), "red")
