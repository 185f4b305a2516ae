"""Money: refunds with four eyes, the ledger of an order, transfers booked by finance (R3, R16)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime

from api import commanding, money
from api.auth import Staff, allowed, signed_in
from api.commanding import Ask
from api.house import InHouse
from api.once import Answer
from api.pages import Cursor, Limit, cursor_of, key_of
from api.paths import OrderNo
from api.problems import COMMAND_REFUSALS, REFUSALS, Responses, among
from api.routes.commands import At, Desk
from api.schemas.money import (
    EntryKind,
    LedgerView,
    MovementPage,
    MovementView,
    NewTransfer,
    RefundPage,
    RefundVerdict,
    RefundWish,
    TransferKept,
)
from api.schemas.orders import OrderAccepted
from api.scope import within
from domain.permissions import Permission
from models import workflow_names as names
from models.commands import ApproveRefund, Command, DeclineRefund, RefundLine, RefundOrder
from models.refunds import RefundState
from store import money_views
from store.money_views import Entries

router = APIRouter(prefix="/v1", tags=["money"])

RefundId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,150}$", examples=["site-20240611-0042-R1f0c9a2b3d"])]
_NOT_KNOWN_YET: Responses = {202: COMMAND_REFUSALS[202] | {"model": OrderAccepted}}
_ANSWERS: dict[str, Any] = {"response_model": LedgerView, "responses": COMMAND_REFUSALS | _NOT_KNOWN_YET}
_KEPT: dict[str, Any] = {"status_code": 202, "response_model": TransferKept}


async def _command(
    at: Desk, body: RefundWish | RefundVerdict, by: Staff, update: str, kind: type[Command], **rest: Any
) -> Response:
    async def act() -> Answer:
        note_id = await commanding.write_note(at.house, at.order_no, body.note, at.key, by)
        command = kind(by=by.actor, reason=body.reason, note_id=note_id, key=at.key, **rest)
        return await money.command(at.house, Ask(at.order_no, update, command))

    return await at.once(body, by, act)


@router.post("/orders/{order_no}/refunds", summary="Give money back: whole, by line, by amount", **_ANSWERS)
async def ask_refund(
    at: At, wish: RefundWish, by: Annotated[Staff, Depends(allowed(Permission.REFUND_ORDER))]
) -> Response:
    """Above the shop's limit for one person it waits for a second; the provider is asked at once otherwise.

    Never more than was paid, never more pieces than were bought. A provider that is away or
    refuses makes a case for finance; nothing is lost.
    """
    lines = tuple(RefundLine(sku=line.sku, quantity=line.quantity) for line in wish.lines)
    wanted = {"lines": lines, "shipping": wish.shipping, "amount": wish.amount, "cause": wish.cause}
    return await _command(at, wish, by, names.REFUND, RefundOrder, **wanted)


@router.post("/orders/{order_no}/refunds/{refund_id}/approve", summary="Approve a waiting refund", **_ANSWERS)
async def approve_refund(
    at: At,
    refund_id: RefundId,
    verdict: RefundVerdict,
    by: Annotated[Staff, Depends(allowed(Permission.REFUND_APPROVE))],
) -> Response:
    """By another person than the one who asked (four eyes)."""
    return await _command(at, verdict, by, names.APPROVE_REFUND, ApproveRefund, refund_id=refund_id)


@router.post("/orders/{order_no}/refunds/{refund_id}/decline", summary="Decline a waiting refund", **_ANSWERS)
async def decline_refund(
    at: At,
    refund_id: RefundId,
    verdict: RefundVerdict,
    by: Annotated[Staff, Depends(allowed(Permission.REFUND_ORDER))],
) -> Response:
    """By finance or operations; or by whoever asked, who takes it back."""
    return await _command(at, verdict, by, names.DECLINE_REFUND, DeclineRefund, refund_id=refund_id)


async def wanted_entries(
    by: Annotated[Staff, Depends(signed_in)],
    kind: EntryKind | None = None,
    provider: Annotated[str | None, Query(max_length=40, pattern=r"^[^\x00]*$")] = None,
    since: AwareDatetime | None = None,
    until: Annotated[AwareDatetime | None, Query(description="exclusive")] = None,
) -> Entries:
    """The filter of the ledger, within the channels and warehouses of whoever asks."""
    return Entries(kind, provider, since, until, within(by))


@router.get("/refunds", responses=REFUSALS, summary="Refunds, the longest waiting first")
async def list_refunds(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PAYMENT_READ))],
    state: RefundState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> RefundPage:
    """`state=waiting` is the list of what a second person has to look at."""
    after = cast("tuple[datetime, str] | None", key_of(cursor, datetime, str))
    async with house.pool.connection() as conn:
        rows = await money_views.refunds(conn, state=state, after=after, limit=limit + 1, within=within(by))
    shown = rows[:limit]
    following = cursor_of(shown[-1]["asked_at"], shown[-1]["refund_id"]) if len(rows) > limit else None
    return RefundPage(items=[money.refund_view(row) for row in shown], next_cursor=following)


@router.get("/ledger", responses=REFUSALS, summary="Movements of money of all orders, the newest first")
async def list_movements(
    house: InHouse,
    by: Annotated[Staff, Depends(allowed(Permission.PAYMENT_READ))],
    wanted: Annotated[Entries, Depends(wanted_entries)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MovementPage:
    """A keyset page by kind, provider and time."""
    del by
    key = cast("tuple[int] | None", key_of(cursor, int))
    async with house.pool.connection() as conn:
        rows = await money_views.entries(conn, wanted, after=key[0] if key else None, limit=limit + 1)
    shown = rows[:limit]
    following = cursor_of(shown[-1]["id"]) if len(rows) > limit else None
    fields = MovementView.model_fields
    return MovementPage(
        items=[MovementView(**{name: row[name] for name in fields}) for row in shown], next_cursor=following
    )


@router.get("/orders/{order_no}/payments", responses=among(401, 403, 404, 422), summary="The ledger of an order")
async def read_payments(
    order_no: OrderNo, house: InHouse, by: Annotated[Staff, Depends(allowed(Permission.PAYMENT_READ))]
) -> LedgerView:
    """Every movement with the provider's references, and the sums made of them."""
    del by
    return await money.ledger(house, order_no)


@router.post(
    "/orders/{order_no}/payments",
    responses=among(401, 403, 404, 409, 422),
    summary="Book a bank transfer",
    **_KEPT,
)
async def book_transfer(
    at: At, new: NewTransfer, by: Annotated[Staff, Depends(allowed(Permission.PAYMENT_BOOK))]
) -> Response:
    """Finance saw it on the shop's account. The order takes it as any payment, also one too many or too late."""
    return await at.once(new, by, lambda: money.book_transfer(at.house, at.order_no, new, by))
