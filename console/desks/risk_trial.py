"""What a dry run of the rules brought: how many orders would have gone elsewhere, and which (R6)."""

from __future__ import annotations

from urllib.parse import quote

from api.schemas.risk import TrialOther, TrialView
from console.bench import Bench
from console.kit import box, link, text


def draw_trial(bench: Bench, trial: TrialView) -> None:
    """The numbers first, then each order."""
    t = bench.t
    told = t("trial.otherwise", otherwise=f"{trial.otherwise:,}", orders=f"{trial.orders:,}")
    text(told if trial.otherwise else t("trial.none"), "p", "strong")
    if trial.without_facts:
        text(t("trial.without_facts", number=f"{trial.without_facts:,}"), "p", "small soft")
    if trial.moves:
        _draw_moves(bench, trial)
    if trial.others:
        if len(trial.others) < trial.otherwise:
            text(t("trial.newest", number=len(trial.others)), "p", "small soft")
        with box("line-list preview", "ul", tabindex="0", aria_label=t("trial.orders")):
            for other in trial.others:
                _draw_other(bench, other)


def _draw_moves(bench: Bench, trial: TrialView) -> None:
    t = bench.t
    with box("grid", "table"):
        with box("", "thead"), box("", "tr"):
            for name in ("was", "would", "orders"):
                text(t(f"trial.{name}"), "th", "right" if name == "orders" else "", scope="col")
        with box("", "tbody"):
            for move in trial.moves:
                with box("", "tr"):
                    text(t.code("list.status", move.was), "td")
                    text(t.code("list.status", move.would), "td")
                    text(f"{move.orders:,}", "td", "right num")


def _draw_other(bench: Bench, other: TrialOther) -> None:
    t = bench.t
    rules = ", ".join(t.code("rule", rule) for rule in other.because)
    with box("", "li"):
        with box("bar"):
            link(other.order_no, f"/orders/{quote(other.order_no, safe='')}", "mono wrap")
            text(f"{t.code('list.status', other.was)} → {t.code('list.status', other.would)}", classes="small")
        because = t("trial.because", rules=rules) if rules else t("trial.no_finding")
        today = f"{t('trial.today')}: {t.code('list.status', other.status)}"
        text(f"{because} · {today}", "p", "small soft wrap")
