"""Money at the providers: closing payments and giving money back (R3). Regular activities."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.refusals import final_refusals
from domain import sayings
from gateways.errors import Refused
from gateways.payments import PaymentProvider
from models.payments import ClosePayment, PaymentClosed, RefundDone, RefundPayment
from store import alerts, audit, notices, payments, refunds, steps
from store.pool import Pool


class Payments:
    """``providers`` maps a provider's name ("stripe", "shopify") to the gateway that speaks to it."""

    def __init__(self, pool: Pool, providers: Mapping[str, PaymentProvider]) -> None:
        self._pool = pool
        self._providers = providers

    @activity.defn
    async def close_payment(self, request: ClosePayment) -> PaymentClosed:
        """See to it that nobody pays any more, or learn that somebody was faster (T1)."""
        with final_refusals():
            closed = await self._provider(request.provider).close(request.reference, key=close_key(request))
        captured = closed.captured_minor if closed.state == "captured" else 0
        return PaymentClosed(captured=captured, currency=closed.currency)

    @activity.defn
    async def refund_payment(self, request: RefundPayment) -> RefundDone:
        """Give money back, each capture by its own provider (R3).

        First the ledger, then the provider with the same key, then the ledger again: a
        retry after a crash in between asks for the same refund and books it once (accident 6).
        A provider that refuses its part does not keep the others from giving back theirs.
        """
        with final_refusals():
            for part in await self._order(request):
                await self._give_back(request, part)
            return await self._close_books(request)

    async def _order(self, request: RefundPayment) -> list[payments.OpenRefund]:
        async with self._pool.connection() as conn:
            await refunds.paying(conn, request)
            # The record hears of it when it is done; finance sees meanwhile that it is asked for.
            await audit.tell_again(conn, request.order_no)
            return await payments.order_refund(conn, request.order_no, request.key, request.amount, request.at)

    async def _give_back(self, request: RefundPayment, part: payments.OpenRefund) -> None:
        try:
            refunded = await self._provider(part.provider).refund(
                part.reference, part.amount, currency=part.currency, key=part.key
            )
        except Refused as refusal:
            await self._refused(request, part, refusal)
            return
        async with self._pool.connection() as conn:
            await payments.refund_done(conn, part.key, refunded.refund_reference, request.at)

    async def _refused(self, request: RefundPayment, part: payments.OpenRefund, refusal: Refused) -> None:
        """Money we owe and cannot give back is for finance to see, at once."""
        async with self._pool.connection() as conn:
            await payments.refund_refused(conn, part.key, refusal.code)
            await audit.tell_again(conn, request.order_no)
            await alerts.raise_alert(
                conn,
                sayings.refund_refused(part.provider, part.amount, part.currency, refusal.code),
                at=request.at,
                department="finance",
                order_no=request.order_no,
                key=f"{part.key}:refused",
            )

    async def _close_books(self, request: RefundPayment) -> RefundDone:
        """The audit entry and the channel's notice, in one transaction with the final sums (R20, R23)."""
        async with self._pool.connection() as conn:
            chain = await audit.lock(conn, steps.subject_of(request.order_no))
            sums = await payments.sums(conn, request.order_no)
            known = await payments.known_of(conn, request.order_no, request.key)
            done = RefundDone(**sums.model_dump(), missing=known.missing, refusal=known.refusal)
            if not known.missing:
                await refunds.paid(conn, request.refund_id, request.at)
            if known.given and await steps.outcome(conn, request.key) is None:
                await audit.append(conn, _entry(request, done, known.given), chain)
                await notices.write(conn, request.order_no, request.at)
            return done

    def _provider(self, name: str) -> PaymentProvider:
        try:
            return self._providers[name]
        except KeyError as error:
            raise Refused(name, "unknown_provider") from error


def close_key(request: ClosePayment) -> str:
    """The idempotency key of closing: one for an order and a payment."""
    return f"{request.order_no}:close:{request.reference}"


def _entry(request: RefundPayment, done: RefundDone, given: int) -> audit.Entry:
    return audit.Entry(
        subject=steps.subject_of(request.order_no),
        order_no=request.order_no,
        step_key=request.key,
        at=request.at,
        by=request.by,
        act="payment_given_back",
        why=request.why,
        details={"refund": request.refund_id, "ordered": request.amount, "given": given},
        outcome=done.model_dump(mode="json"),
    )
