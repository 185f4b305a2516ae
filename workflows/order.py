"""OrderWorkflow: one order from its first message to the archive."""

from __future__ import annotations

from temporalio import workflow

from domain.errors import NotWhatItSays, WorkflowIdMismatch
from models import workflow_names as names
from models.cases import CaseClosed, CaseOpened
from models.commands import (
    AmendOrder,
    Approve,
    Cancel,
    ChangeDeadline,
    ChooseCarrier,
    Claim,
    CorrectAddress,
    Done,
    Hold,
    Reject,
    Release,
    RetryOutside,
    RetryStock,
    ShipRest,
    Unhold,
    Unsigned,
)
from models.news import CarrierNews, ChannelCancelled, ParcelPacked, ParcelSplit, PaymentNews, ShortPick, WrongGoods
from models.order import PlaceOrder
from models.state import OrderState
from workflows import after_sale, delivery, display, ending, fulfilment, intake, mail, payment, review
from workflows.life import Life
from workflows.operations_hand import OperationsHand
from workflows.refund_doors import RefundDoors
from workflows.refusals import reading_input


# An input that is no order fails the workflow with its reason; anything else that goes
# wrong only fails the task, which is tried again when the code is mended.
@workflow.defn(name=names.ORDER_WORKFLOW, failure_exception_types=[NotWhatItSays, WorkflowIdMismatch])
class OrderWorkflow(RefundDoors, OperationsHand):
    """The order itself; nobody else changes it.

    Decisions are updates with validators, and signals of the same names for whoever comes
    past our API. News are signals. All of it is mail to one loop (see workflows.life).
    """

    @workflow.init
    def __init__(self, order: PlaceOrder, resumed: OrderState | None = None) -> None:
        """Be ready for mail before ``run`` starts: messages can arrive earlier.

        The SDK forgets the types when fewer arguments come than are declared: then the
        state reads the plain JSON, and refuses what is no order.
        """
        with reading_input():
            self.order = Life(resumed or OrderState(order=order), mail.read)

    @workflow.run
    async def run(self, _order: PlaceOrder, _resumed: OrderState | None = None) -> str:
        """The promise to the buyer. Returns the status in which the order ended."""
        await intake.record(self.order)
        await payment.collect(self.order)
        await review.decide(self.order)
        await fulfilment.pick_pack_ship(self.order)
        await delivery.follow_to_signature(self.order)
        await after_sale.stand_by(self.order)
        await self.end()
        return str(self.order.status)

    async def end(self) -> None:
        """Settle, answer everybody who still waits, and show how it ended.

        Mail that comes while the last answers go out is dealt with too: a payment that
        lands with the cancellation is refunded here (R3); a later one by LateMoneyWorkflow.
        """
        self.order.arm(None)
        await ending.settle(self.order)
        display.show(self.order.state)
        await workflow.wait_condition(lambda: bool(self.order.mail) or workflow.all_handlers_finished())
        if self.order.mail:
            await self.end()

    # --- decisions: asked as updates, with an answer --------------------------------

    @workflow.update(name=names.CLAIM)
    async def claim(self, command: Claim) -> Done:
        """Take the review in hand (R7)."""
        return await self.obey(command)

    @workflow.update(name=names.RELEASE)
    async def release(self, command: Release) -> Done:
        """Give the review back to the queue (R7)."""
        return await self.obey(command)

    @workflow.update(name=names.APPROVE)
    async def approve(self, command: Approve) -> Done:
        """Let the order go to the warehouse (R7)."""
        return await self.obey(command)

    @workflow.update(name=names.REJECT)
    async def reject(self, command: Reject) -> Done:
        """End the order; paid money goes back (R7)."""
        return await self.obey(command)

    @workflow.update(name=names.CANCEL)
    async def cancel(self, command: Cancel) -> Done:
        """Cancel before hand-over (R3)."""
        return await self.obey(command)

    @workflow.update(name=names.RETRY_STOCK)
    async def retry_stock(self, command: RetryStock) -> Done:
        """Try the stock again for an order that is short (R9, R28)."""
        return await self.obey(command)

    @workflow.update(name=names.RETRY_OUTSIDE)
    async def retry_outside(self, command: RetryOutside) -> Done:
        """Ask an outside party again for what it refused."""
        return await self.obey(command)

    @workflow.update(name=names.CORRECT_ADDRESS)
    async def correct_address(self, command: CorrectAddress) -> Done:
        """The contact in the vault was corrected (R2)."""
        return await self.obey(command)

    @workflow.update(name=names.HOLD)
    async def hold(self, command: Hold) -> Done:
        """Stop the order where it stands (R25)."""
        return await self.obey(command)

    @workflow.update(name=names.UNHOLD)
    async def unhold(self, command: Unhold) -> Done:
        """Let a held order go on (R25)."""
        return await self.obey(command)

    @workflow.update(name=names.CHANGE_DEADLINE)
    async def change_deadline(self, command: ChangeDeadline) -> Done:
        """Extend or waive a running deadline, with a reason."""
        return await self.obey(command)

    @workflow.update(name=names.CHOOSE_CARRIER)
    async def choose_carrier(self, command: ChooseCarrier) -> Done:
        """Another carrier for a parcel, with the reason (R11)."""
        return await self.obey(command)

    @claim.validator
    def _(self, command: Claim) -> None:
        self.refuse_at_once(command)

    @release.validator
    def _(self, command: Release) -> None:
        self.refuse_at_once(command)

    @approve.validator
    def _(self, command: Approve) -> None:
        self.refuse_at_once(command)

    @reject.validator
    def _(self, command: Reject) -> None:
        self.refuse_at_once(command)

    @cancel.validator
    def _(self, command: Cancel) -> None:
        self.refuse_at_once(command)

    @retry_stock.validator
    def _(self, command: RetryStock) -> None:
        self.refuse_at_once(command)

    @retry_outside.validator
    def _(self, command: RetryOutside) -> None:
        self.refuse_at_once(command)

    @correct_address.validator
    def _(self, command: CorrectAddress) -> None:
        self.refuse_at_once(command)

    @hold.validator
    def _(self, command: Hold) -> None:
        self.refuse_at_once(command)

    @unhold.validator
    def _(self, command: Unhold) -> None:
        self.refuse_at_once(command)

    @change_deadline.validator
    def _(self, command: ChangeDeadline) -> None:
        self.refuse_at_once(command)

    @choose_carrier.validator
    def _(self, command: ChooseCarrier) -> None:
        self.refuse_at_once(command)

    # --- the same decisions as signals, for the Temporal UI, the CLI, integrators -----

    @workflow.signal(name=names.CLAIM)
    def claim_signal(self, command: Claim | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.APPROVE)
    def approve_signal(self, command: Approve | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.REJECT)
    def reject_signal(self, command: Reject | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.CANCEL)
    def cancel_signal(self, command: Cancel | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.RETRY_STOCK)
    def retry_stock_signal(self, command: RetryStock | Unsigned | None = None) -> None:
        """As the update of the same name: a case asks for what was settled in it (R9)."""
        self.tell(command)

    @workflow.signal(name=names.AMEND_ORDER)
    def amend_order_signal(self, command: AmendOrder | Unsigned | None = None) -> None:
        """A case asks for what was settled in it: lines leave the order, or are replaced (R9)."""
        self.tell(command)

    @workflow.signal(name=names.SHIP_REST)
    def ship_rest_signal(self, command: ShipRest | Unsigned | None = None) -> None:
        """A case asks for what was settled in it: what is there ships now (R9)."""
        self.tell(command)

    # --- news of its cases ----------------------------------------------------------

    @workflow.signal(name=names.CASE_OPENED)
    def case_opened(self, news: CaseOpened | Unsigned | None = None) -> None:
        """A person opened a case of this order."""
        self.tell(news)

    @workflow.signal(name=names.CASE_CLOSED)
    def case_closed(self, news: CaseClosed | Unsigned | None = None) -> None:
        """A case of this order is closed."""
        self.tell(news)

    # --- news from outside --------------------------------------------------------

    @workflow.signal(name=names.PAYMENT)
    def payment_news(self, news: PaymentNews | Unsigned | None = None) -> None:
        """The provider says what happened to the money."""
        self.tell(news)

    @workflow.signal(name=names.CARRIER)
    def carrier_news(self, news: CarrierNews | Unsigned | None = None) -> None:
        """A carrier's tracking event."""
        self.tell(news)

    @workflow.signal(name=names.PACKED)
    def parcel_packed(self, news: ParcelPacked | Unsigned | None = None) -> None:
        """The warehouse picked and rechecked a parcel."""
        self.tell(news)

    @workflow.signal(name=names.PARCEL_SPLIT)
    def parcel_split(self, news: ParcelSplit | Unsigned | None = None) -> None:
        """The packer put goods of a parcel into a further one."""
        self.tell(news)

    @workflow.signal(name=names.WRONG_GOODS)
    def wrong_goods(self, news: WrongGoods | Unsigned | None = None) -> None:
        """The recheck counted other goods than were ordered."""
        self.tell(news)

    @workflow.signal(name=names.SHORT_PICK)
    def short_pick(self, news: ShortPick | Unsigned | None = None) -> None:
        """A picker found less than the task asks for."""
        self.tell(news)

    @workflow.signal(name=names.CHANNEL_CANCELLED)
    def channel_cancelled(self, news: ChannelCancelled | Unsigned | None = None) -> None:
        """The channel cancelled the order."""
        self.tell(news)
