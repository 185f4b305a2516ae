"""Movements of money as a table: amounts are minor units and are shown by their currency, never as a fraction."""

from __future__ import annotations

from collections.abc import Sequence

from api.schemas.money import EntryView, MovementView
from console.bench import Bench
from console.desks import address
from console.kit import box, link, moment, money, text


def draw_movements(bench: Bench, entries: Sequence[EntryView]) -> None:
    """Each with its time, kind, amount and the provider's references; the order where several are shown."""
    t = bench.t
    with box("grid", "table"):
        with box("", "thead"), box("", "tr"):
            text(t("ledger.what"), "th", scope="col")
            text(t("ledger.provider"), "th", scope="col")
            text(t("finance.amount"), "th", "right", scope="col")
        with box("", "tbody"):
            for entry in entries:
                with box("", "tr"):
                    _draw(bench, entry)


def _draw(bench: Bench, entry: EntryView) -> None:
    with box("", "td"):
        if isinstance(entry, MovementView):
            link(entry.order_no, address.money_of(entry.order_no), "mono wrap")
        text(bench.t.code("ledger.kind", entry.kind), "p", "strong")
        text(moment(entry.at, bench.zone), "p", "soft small num")
    with box("", "td"):
        text(entry.provider or "—", "p")
        for reference in (entry.reference, entry.refund_reference):
            if reference:
                text(reference, "p", "soft small mono")
    text(money(entry.amount, entry.currency), "td", "right num")
