"""Money over HTTP: refunds asked of the order, transfers told to it through the inbox, the ledger shown."""

from __future__ import annotations

from api import commanding
from api.auth import Staff
from api.commanding import Ask, OutcomeUnknown
from api.house import House
from api.once import Answer
from api.problems import Conflicting, NotThere
from api.schemas.money import EntryView, LedgerView, NewTransfer, RefundView, TransferKept
from models.inbox import Envelope
from models.news import PaymentEvent, PaymentNews
from store import forwarding, inbox, money_views, receiving, views
from store.money_views import MoneyRows
from store.pool import Row

BANK = "bank_transfer"


async def command(house: House, ask: Ask) -> Answer:
    """Ask the order, and answer with its ledger; a refused command takes its note with it."""
    try:
        async with commanding.noted(house, ask.command.note_id):
            await commanding.tell(house, ask)
    except OutcomeUnknown:
        return commanding.unknown(ask.order_no)
    return Answer.of(await ledger(house, ask.order_no))


async def ledger(house: House, order_no: str) -> LedgerView:
    """The order's money as it stands; raises NotThere."""
    async with house.pool.connection() as conn:
        rows = await money_views.of_order(conn, order_no)
    if rows is None:
        raise NotThere(f"there is no order {order_no}")
    return _ledger_view(rows)


async def book_transfer(house: House, order_no: str, new: NewTransfer, by: Staff) -> Answer:
    """Finance saw the money on the shop's account: the order hears of it as of any other payment (R3).

    It goes through the inbox, so that an order that is unpaid, paid twice or ended deals with it
    in its own way. One transfer pays one order: its reference books it once.
    """
    news = PaymentNews(
        event_id=f"{BANK}:{new.reference}", event=PaymentEvent.CAPTURED, provider=BANK, reference=new.reference,
        amount=new.amount, currency=new.currency, at=new.received_at, by=by.actor,
    )  # fmt: skip
    async with house.pool.connection() as conn:
        if not await views.exists(conn, order_no):
            raise NotThere(f"there is no order {order_no}")
        if (other := await money_views.paid_by(conn, BANK, new.reference)) not in {None, order_no}:
            raise Conflicting(f"that transfer paid the order {other}", slug="transfer-booked")
        incoming = inbox.Incoming(
            source=BANK, topic="transfer", dedupe_key=f"{BANK}:{new.reference}",
            envelope=Envelope(order_no=order_no, payment=news), at=house.now(),
        )  # fmt: skip
        received = await receiving.receive(conn, house.vault, incoming)
    if received.taken is not None:
        house.errands.send(forwarding.forward_taken(house.client, house.pool, house.vault, received.taken))
    kept = TransferKept(order_no=order_no, reference=new.reference, booked_before=not received.new)
    return Answer.of(kept, 202, Location=f"/v1/orders/{order_no}/payments")


def refund_view(row: Row) -> RefundView:
    """One refund as readers see it."""
    return RefundView(**{name: row[name] for name in RefundView.model_fields})


def _ledger_view(rows: MoneyRows) -> LedgerView:
    sums = rows.sums
    kept = sums["captured"] - sums["refunded"] - sums["refunding"]
    return LedgerView(
        overpaid=max(kept - sums["total"], 0),
        entries=[EntryView(**{name: row[name] for name in EntryView.model_fields}) for row in rows.entries],
        refunds=[refund_view(row) for row in rows.refunds],
        **{name: sums[name] for name in ("order_no", "currency", "total", "captured", "refunding", "refunded")},
    )
