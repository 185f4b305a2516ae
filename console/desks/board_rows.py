"""The board's numbers in words: one function for each of its panels, giving heads, rows and a sentence above (R33)."""

from __future__ import annotations

from collections.abc import Sequence

from api.schemas.board import BoardView, CarrierCompared, ClockKept, TimeInStatus
from console.desks.grid import Cell, Meter, count, lasting, percent
from console.words import Words

_GOOD = 0.9
"""Of ten promises nine kept; fewer are remarked upon."""
Table = tuple[list[str], list[list[Cell]], str]


def figures(t: Words, board: BoardView) -> dict[str, tuple[str, str]]:
    """By name, what is to be seen at a glance, and a few words more."""
    sale, worst = board.after_sale, _bottleneck(board)
    shipped = next((one.share for one in board.way if one.step == "shipped"), None)
    stays = t("board.stays", time=lasting(t, worst.mean_seconds)) if worst else ""
    cases = [f"{t.code('case.kind', kind)} {number}" for kind, number in sale.cases.items()]
    broken = [f"{one.deadline} {one.passed}" for one in board.clocks if one.passed and not _planned(one)]
    return {
        "orders": (count(sum(one.orders for one in board.placed)), ""),
        "shipped": (percent(shipped), t("board.of_placed")),
        "bottleneck": (_both(worst) if worst else t("board.no_bottleneck"), stays),
        "after_sale": (percent(sale.rate), ", ".join([*cases, t("board.signed", number=sale.signed)])),
        "breaches": (count(board.breaches), ", ".join(broken)),
    }


def way(t: Words, board: BoardView) -> Table:
    """Conversion through the stages, of all and of the step before, and what ended early."""
    heads = [t("board.step"), t("board.of_placed"), t("board.of_before"), t("board.orders")]
    before = [None, *(one.orders for one in board.way)]
    rows: list[list[Cell]] = [
        [f"{one.zh} {one.en}", _share(one.share), percent(one.orders / last if last else None), count(one.orders)]
        for one, last in zip(board.way, before, strict=False)
    ]
    ended = ", ".join(f"{one.status.zh} {one.status.en} {one.orders}" for one in board.ended_early)
    placed = bool(board.way and board.way[0].orders)
    return heads, rows if placed else [], t("board.ended_early", what=ended) if ended else ""


def times(t: Words, board: BoardView) -> Table:
    """Time in each status, the longest first; the bottleneck is named, and its stay is the longest bar.

    Where orders stay longer than there, they wait for others: beside a week at the buyer's nothing would be seen.
    """
    heads, worst = [t("board.status"), t("board.mean"), t("board.left")], _bottleneck(board)
    longest = worst.mean_seconds if worst else max((one.mean_seconds for one in board.time_in_status), default=0)
    rows: list[list[Cell]] = []
    for one in board.time_in_status:
        part = one.mean_seconds / longest if 0 < one.mean_seconds <= longest else None
        stay = Meter(lasting(t, one.mean_seconds), part, t("board.bottleneck") if one.bottleneck else "")
        rows.append([_both(one), stay, count(one.orders)])
    return heads, rows, t("board.bottleneck_is", status=_both(worst)) if worst else ""


def carriers(t: Words, compared: Sequence[CarrierCompared]) -> Table:
    """Each carrier: on time by the speed that the orders promised, its days, its exceptions."""
    heads = [t("parcel.carrier"), *(t(f"carriers.{name}") for name in ("on_time", "handed_over", "days", "problems"))]
    rows: list[list[Cell]] = [
        [t.code("carrier", one.carrier), _kept(t, one.on_time_share, one.on_time, one.signed), count(one.handed_over),
         "–" if one.mean_seconds is None else lasting(t, one.mean_seconds), count(one.problems)]
        for one in compared
    ]  # fmt: skip
    return heads, rows, ""


def clocks(t: Words, board: BoardView) -> Table:
    """Each promise: how often it was kept, broken, waived."""
    heads = [t("board.clock"), *(t(f"board.{name}") for name in ("kept", "passed", "waived"))]
    rows: list[list[Cell]] = [
        [f"{one.deadline} {t.code('clock', one.deadline)}",
         t("board.planned", number=count(one.passed)) if _planned(one)
         else _kept(t, one.kept_share, one.met, one.met + one.passed),
         "–" if _planned(one) else count(one.passed), count(one.waived)]
        for one in board.clocks
    ]  # fmt: skip
    return heads, rows, ""


def _planned(one: ClockKept) -> bool:
    """Whether it passes as planned, or only reminds: it is no promise that is kept or broken."""
    return one.kept_share is None and bool(one.met or one.passed)


def _kept(t: Words, share: float | None, kept: int, of: int) -> Cell:
    if share is None:
        return Meter(percent(None), None)
    words = t("board.of", share=percent(share), kept=count(kept), all=count(of))
    return Meter(words, share, t("board.low") if share < _GOOD else "")


def _share(share: float | None) -> Cell:
    return Meter(percent(share), share)


def _bottleneck(board: BoardView) -> TimeInStatus | None:
    return next((one for one in board.time_in_status if one.bottleneck), None)


def _both(one: TimeInStatus) -> str:
    return f"{one.status.zh} {one.status.en.replace('_', ' ')}"
