"""Pieces of an order that several desks show: lines, money, parcels, timeline."""

from __future__ import annotations

from collections.abc import Mapping

from api.schemas.orders import ActView, OrderView, ParcelView
from api.schemas.story import BuyerHistory
from console.bench import Bench
from console.kit import box, chip, facts, link, moment, money, status, text


def draw_lines(bench: Bench, order: OrderView) -> None:
    """What was ordered."""
    t = bench.t
    text(t("order.lines"), "h2")
    with box("grid", "table"):
        with box("", "thead"), box("", "tr"):
            for name in ("order.sku", "order.quantity", "order.price"):
                text(t(name), "th", "" if name == "order.sku" else "right", scope="col")
        with box("", "tbody"):
            for line in order.lines:
                with box("", "tr"):
                    with box("", "td"):
                        text(line.title, "p")
                        text(line.sku, "p", "soft small mono")
                    text(str(line.quantity), "td", "right num")
                    text(money(line.unit_price, order.money.currency), "td", "right num")


def draw_money(bench: Bench, order: OrderView) -> None:
    """What it comes to, what came in, what went back."""
    t, sums = bench.t, order.money
    status(sums.status, "green" if sums.captured >= sums.total else "amber")
    amounts = {name: money(getattr(sums, name), sums.currency) for name in ("total", "captured", "refunded")}
    extras = {name: money(getattr(sums, name), sums.currency) for name in ("shipping", "tax", "discount")
              if getattr(sums, name)}  # fmt: skip
    paid_by = " · ".join(part for part in (t.code("method", order.payment.method), order.payment.provider) if part)
    facts({t(f"money.{name}"): words for name, words in (extras | amounts).items()} | {t("money.method"): paid_by})


def draw_parcel(bench: Bench, parcel: ParcelView) -> None:
    """One parcel, its carrier, how far it came."""
    t = bench.t
    with box("bar"):
        text(parcel.parcel_no, classes="strong mono wrap")
        chip(t.code("parcel", parcel.state), "green" if parcel.state == "signed" else "blue")
    facts(
        {
            t("parcel.carrier"): " ".join(
                part for part in (t.code("carrier", parcel.carrier or ""), parcel.tracking_no) if part
            ),
            t("parcel.warehouse"): parcel.warehouse,
            t("parcel.contents"): ", ".join(f"{line.quantity} × {line.sku}" for line in parcel.lines),
            t("parcel.weight"): f"{parcel.weight_g} g",
            t("parcel.insured"): t("yes") if parcel.insured else "",
            t("parcel.handed_over_at"): moment(parcel.handed_over_at, bench.zone),
            t("parcel.signed_at"): moment(parcel.signed_at, bench.zone),
        }
    )
    for event in parcel.trace:
        words = " · ".join(part for part in (t.pick(event.en, event.zh), event.text) if part)
        text(f"{moment(event.at, bench.zone)} · {words}", "p", "small soft wrap")


def draw_history(bench: Bench, history: BuyerHistory | None) -> None:
    """The buyer's other orders in counts, and what they are known for (R7, R27)."""
    if history is None:
        return
    t = bench.t
    text(t("review.history"), "h3")
    counts = {name: getattr(history, name) for name in ("orders", "running", "cancelled", "refused", "refunded")}
    facts({t(f"history.{name}"): str(count) for name, count in counts.items()})
    for known, names in (("blacklisted", history.blacklisted), ("marked", history.marked)):
        if names:
            chip(t(f"history.{known}", what=", ".join(names)), "red" if known == "blacklisted" else "amber")


def draw_timeline(bench: Bench, acts: list[ActView]) -> None:
    """Every act in business words, the newest first: who, when, why (R23)."""
    t = bench.t
    with box("story", "ul"):
        for act in reversed(acts):
            with box("", "li"):
                text(moment(act.at, bench.zone), "time", "soft small num", datetime=act.at.isoformat())
                with box("stack tight"):
                    with box("bar"):
                        text(t.pick(act.text_en, act.text_zh), classes="strong")
                        if act.after and (act.before is None or act.before.code != act.after.code):
                            status(act.after)
                    by = t.code("role", act.role)
                    who = by if act.who == act.role else f"{bench.who(act.who)} · {by}"
                    said = (who, act.why, told_of(bench, act.details))
                    text(" · ".join(part for part in said if part), classes="soft small wrap")


def told_of(bench: Bench, details: Mapping[str, object]) -> str:
    """Which departments were told of an act, in words; empty when none was."""
    told = details.get("told")
    names = [bench.t.code("role", str(one)) for one in told] if isinstance(told, list) else []
    return bench.t("told", whom=", ".join(names)) if names else ""


def draw_temporal(bench: Bench, page: str | None, words: str = "") -> None:
    """The way to its history in the Temporal UI, for those whom the API tells of it."""
    if page is not None:
        link(words or bench.t("temporal.page"), page, "small wrap", target="_blank", rel="noopener")
