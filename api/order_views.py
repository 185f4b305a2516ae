"""From rows to what readers see of an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.act_names import text_en, text_zh
from api.return_views import replacement_views
from api.schemas.orders import (
    ActView,
    ClockView,
    FindingView,
    ForceRequestView,
    LineView,
    MoneyView,
    OrderRowView,
    OrderView,
    ParcelLineView,
    ParcelView,
    PaymentTerms,
    StatusView,
    WaitView,
)
from domain.cases import CHINESE as OF_A_CASE
from domain.deadlines import DEADLINES, DeadlineId
from domain.money import PAYMENT_CHINESE, decimal_text, payment_status
from domain.order_status import CHINESE, ENDED, OrderStatus
from domain.waits import WAITS
from store.pool import Row
from store.views import Gathered

_REFUSED = "refused_outside"
_OUTSIDE = frozenset({_REFUSED, "outside_asked_again"})
_FORCE_REQUESTED = "force_requested"
_FORCING = frozenset({_FORCE_REQUESTED, "force_declined", "status_forced"})
_STATUSES = frozenset(status.value for status in OrderStatus)
_OF_OTHERS = {"open": "待領取", "picked": "已配貨", "short": "缺貨"} | {str(one): zh for one, zh in OF_A_CASE.items()}


def order_view(gathered: Gathered, acts: Sequence[Row] = ()) -> OrderView:
    """The whole order, without its contact: whoever may see that adds it. ``acts`` is its timeline."""
    row = gathered.order
    return OrderView(
        stuck=None if row["status"] in ENDED else stuck_on(acts),
        force_request=force_request(row["status"], acts),
        replacements=replacement_views(gathered.replacements),
        status=status_view(row["status"]),
        money=_money(row),
        payment=PaymentTerms(
            method=row["payment_method"], provider=row["payment_provider"], reference=row["payment_reference"]
        ),
        lines=[_line(line, gathered) for line in gathered.lines],
        parcels=[_parcel(parcel, gathered.parcel_lines) for parcel in gathered.parcels],
        waits=_waits(row, [_clock(clock) for clock in gathered.deadlines]),
        findings=[FindingView(**_plain(finding, "rule", "severity", "evidence")) for finding in gathered.findings],
        **_plain(row, "order_no", "channel", "channel_order_id", "risk", "held", "claimed_by", "promotion",
                 "promised_speed", "carrier_wish", "terms_version", "placed_at", "recorded_at", "updated_at",
                 "archived_at", "replaces", "for_case"),
    )  # fmt: skip


def stuck_on(acts: Sequence[Row]) -> str | None:
    """What an outside party refused, until someone had it asked again; told by the record alone (R23)."""
    told = [act for act in acts if act["act"] in _OUTSIDE]
    return str(told[-1]["why"]) if told and told[-1]["act"] == _REFUSED else None


def force_request(status: str, acts: Sequence[Row]) -> ForceRequestView | None:
    """The forced adjustment that waits for consent; it lapses when the order moves (R22)."""
    told = [act for act in acts if act["act"] in _FORCING]
    if not told or told[-1]["act"] != _FORCE_REQUESTED or told[-1]["after"] != status:
        return None
    asked = told[-1]
    return ForceRequestView(
        id=asked["details"]["request"],
        to=status_view(asked["details"]["to"]),
        asked_by=asked["actor"],
        reason=asked["why"],
        asked_at=asked["at"],
    )


def row_view(row: Row) -> OrderRowView:
    """One row of the list."""
    return OrderRowView(
        status=status_view(row["status"]),
        payment_status=_payment_status(row),
        waits_for=row["waiting_for"],
        waits_for_zh=_wait_zh(row),
        **_plain(row, "order_no", "channel", "currency", "total", "due_at", "risk", "held", "claimed_by",
                 "placed_at", "recorded_at"),
    )  # fmt: skip


def act_view(row: Row) -> ActView:
    """One entry of the timeline."""
    return ActView(
        who=row["actor"],
        text_en=text_en(row["act"]),
        text_zh=text_zh(row["act"]),
        before=status_view(row["before"]) if row["before"] else None,
        after=status_view(row["after"]) if row["after"] else None,
        **_plain(row, "id", "at", "role", "act", "why", "note_id", "details"),
    )


def status_view(code: str) -> StatusView:
    """A status in both languages, an order's or, on its timeline, a pick task's or a case's."""
    if code not in _STATUSES:
        return StatusView(code=code, zh=_OF_OTHERS.get(code, code), en=code.replace("_", " "))
    return StatusView(code=code, zh=CHINESE[OrderStatus(code)], en=code.replace("_", " "))


def _money(row: Row) -> MoneyView:
    return MoneyView(
        total_text=decimal_text(row["total"], row["currency"]),
        status=_payment_status(row),
        **_plain(row, "currency", "total", "shipping", "tax", "discount", "captured", "refunded"),
    )


def _payment_status(row: Row) -> StatusView:
    status = payment_status(row["total"], row["captured"], row["refunded"])
    return StatusView(code=status.value, zh=PAYMENT_CHINESE[status], en=status.value.replace("_", " "))


def _line(row: Row, gathered: Gathered) -> LineView:
    """With what of it is in parcels; cancelled ones hold nothing any more."""
    live = {one["parcel_no"]: one["handed_over_at"] for one in gathered.parcels if one["state"] != "cancelled"}
    inside = [one for one in gathered.parcel_lines if one["line_no"] == row["line_no"] and one["parcel_no"] in live]
    packed = sum(one["quantity"] for one in inside)
    return LineView(
        in_parcels=packed,
        shipped=sum(one["quantity"] for one in inside if live[one["parcel_no"]]),
        later=row["quantity"] - packed if live else 0,
        **_plain(row, "line_no", "sku", "title", "quantity", "unit_price", "discount"),
    )


def _parcel(parcel: Row, lines: Any) -> ParcelView:
    inside = [
        ParcelLineView(**_plain(line, "line_no", "sku", "quantity"))
        for line in lines
        if line["parcel_no"] == parcel["parcel_no"]
    ]
    return ParcelView(
        lines=inside,
        **_plain(parcel, "parcel_no", "warehouse", "state", "carrier", "tracking_no", "weight_g", "insured", "choice",
                 "handed_over_at", "signed_at", "last_event_at", "collect_minor"),
    )  # fmt: skip


def _waits(row: Row, clocks: list[ClockView]) -> WaitView:
    until = min((clock.due_at for clock in clocks if clock.state == "running"), default=None)
    return WaitView(what=row["waiting_for"], zh=_wait_zh(row), until=until, deadlines=clocks)


def _wait_zh(row: Row) -> str:
    wait = WAITS[OrderStatus(row["status"])]
    return wait.chinese if wait.what == row["waiting_for"] else row["waiting_for"]


def _clock(row: Row) -> ClockView:
    promise = DEADLINES[DeadlineId(row["deadline"])].promise
    return ClockView(promise=promise, **_plain(row, "deadline", "started_at", "due_at", "state", "left_seconds"))


def _plain(row: Row, *names: str) -> dict[str, Any]:
    """The fields that readers see as they are stored."""
    return {name: row[name] for name in names}
