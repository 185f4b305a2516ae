"""A payment for an order whose workflow has ended: booked, and given back where the order ended early (R3)."""

from __future__ import annotations

from temporalio import workflow

from domain import sayings
from models import workflow_names as names
from models.base import SYSTEM
from models.payments import BookPayment, LateMoney, RefundPayment
from models.steps import Alert, Step
from workflows import calls, refunding


@workflow.defn(name=names.LATE_MONEY_WORKFLOW)
class LateMoneyWorkflow:
    """Id ``late-money-<order_no>-<event id>``: one for each notice, so that a repeat is harmless."""

    @workflow.run
    async def run(self, late: LateMoney) -> int:
        """Book the notice; refund what an ended order does not owe. Returns minor units refunded."""
        booking = self.step(late, f"late_payment_{late.news.event}")
        ledger = await calls.book_payment(BookPayment(step=booking, news=late.news))
        if ledger.came_back is not None:
            # The same road would end the same: finance give it back by another.
            await calls.take_step(self.step(late, "refund_came_back", seq=2, alert=_refund_is_back(late)))
            return 0
        owed = ledger.captured - ledger.refunded - ledger.due
        if owed <= 0:
            return 0
        request = RefundPayment(
            order_no=late.order_no,
            refund_id=f"{late.order_no}-late-{late.news.event_id}",
            key=f"{late.order_no}:late:{late.news.event_id}",
            amount=owed,
            at=workflow.now(),
            by=SYSTEM,
            why="paid after the order had ended",
        )
        heard = await refunding.pay(request)
        # Nobody waits for this workflow, so a provider that is away is asked until it is back. One that
        # refuses has been put before finance, and the nightly sweep lists the money that is still here.
        while heard.missing and not heard.refused:
            await workflow.sleep(refunding.PAUSES[-1], summary="the provider is away: the late payment still goes back")
            heard = await refunding.pay(request)
        return owed - heard.missing

    def step(self, late: LateMoney, act: str, *, seq: int = 1, alert: Alert | None = None) -> Step:
        """A step beside the order: it leaves the order's row alone."""
        return Step(
            order_no=late.order_no,
            seq=seq,
            series=f"late:{late.news.event_id}:",
            at=workflow.now(),
            act=act,
            by=late.news.by or SYSTEM,
            before=None,
            after=None,
            details={"amount": late.news.amount, "currency": late.news.currency},
            alert=alert,
        )


def _refund_is_back(late: LateMoney) -> Alert:
    news = late.news
    return Alert.to("finance", sayings.refund_came_back(late.order_no, news.amount, news.currency, news.why))
