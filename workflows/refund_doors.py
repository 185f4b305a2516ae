"""The order's doors for refunds: updates with an answer, and signals of the same names (R16)."""

from __future__ import annotations

from temporalio import workflow

from models import workflow_names as names
from models.commands import ApproveRefund, DeclineRefund, Done, RefundedElsewhere, RefundOrder, RetryRefund, Unsigned
from workflows.order_mail import OrderMail


class RefundDoors(OrderMail):
    """Asking, approving, and mending what went wrong."""

    @workflow.update(name=names.REFUND)
    async def refund(self, command: RefundOrder) -> Done:
        """Give money back: whole, by line, by amount."""
        return await self.obey(command)

    @workflow.update(name=names.APPROVE_REFUND)
    async def approve_refund(self, command: ApproveRefund) -> Done:
        """The second person says yes (four eyes)."""
        return await self.obey(command)

    @workflow.update(name=names.DECLINE_REFUND)
    async def decline_refund(self, command: DeclineRefund) -> Done:
        """No, or taken back."""
        return await self.obey(command)

    @workflow.update(name=names.RETRY_REFUND)
    async def retry_refund(self, command: RetryRefund) -> Done:
        """Ask the provider again."""
        return await self.obey(command)

    @workflow.update(name=names.REFUNDED_ELSEWHERE)
    async def refunded_elsewhere(self, command: RefundedElsewhere) -> Done:
        """It was given back by another road."""
        return await self.obey(command)

    @refund.validator
    def _may_ask(self, command: RefundOrder) -> None:
        self.refuse_at_once(command)

    @approve_refund.validator
    def _may_approve(self, command: ApproveRefund) -> None:
        self.refuse_at_once(command)

    @decline_refund.validator
    def _may_decline(self, command: DeclineRefund) -> None:
        self.refuse_at_once(command)

    @retry_refund.validator
    def _may_retry(self, command: RetryRefund) -> None:
        self.refuse_at_once(command)

    @refunded_elsewhere.validator
    def _may_compensate(self, command: RefundedElsewhere) -> None:
        self.refuse_at_once(command)

    @workflow.signal(name=names.REFUND)
    def refund_signal(self, command: RefundOrder | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.APPROVE_REFUND)
    def approve_refund_signal(self, command: ApproveRefund | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.DECLINE_REFUND)
    def decline_refund_signal(self, command: DeclineRefund | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.RETRY_REFUND)
    def retry_refund_signal(self, command: RetryRefund | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.REFUNDED_ELSEWHERE)
    def refunded_elsewhere_signal(self, command: RefundedElsewhere | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)
