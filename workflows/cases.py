"""CaseWorkflow: one thing that went wrong, from its opening to its close (R9, R13 to R17, R24, R26).

A child of its order while the order lives, and it outlives it; stand-alone when its order is
archived or it concerns none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

from domain.errors import NotWhatItSays, WorkflowIdMismatch
from models import workflow_names as names
from models.cases import (
    CaseDone,
    CaseFile,
    ClaimCase,
    ClocksStand,
    CloseCase,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    OpenCase,
    OrderNews,
    RaiseCase,
    ReleaseCase,
    SettleCase,
    case_workflow_id,
)
from models.commands import ChangeDeadline, Command, Unheard, Unsigned
from models.returns import DecideReturn, InspectGoods, ReceiveGoods
from workflows import case_acts, case_decisions, case_display, case_mail, case_order
from workflows.case_life import CaseLetter, CaseLife, CaseNews
from workflows.refusals import reading_input, refusing


@workflow.defn(name=names.CASE_WORKFLOW, failure_exception_types=[NotWhatItSays, WorkflowIdMismatch])
class CaseWorkflow:
    """The case itself; nobody else changes it.

    Decisions are updates with validators, and signals of the same names; all of it is mail to
    one loop (see workflows.case_life). The kind's row says which clocks run and what may be done.
    """

    @workflow.init
    def __init__(self, opening: OpenCase, resumed: CaseFile | None = None) -> None:
        """Be ready for mail before ``run`` starts: messages can arrive earlier."""
        with reading_input():
            self.case = CaseLife(resumed or CaseFile(opening=opening), case_mail.read)

    @workflow.run
    async def run(self, _opening: OpenCase, _resumed: CaseFile | None = None) -> str:
        """The promise to whoever has the trouble. Returns how the case was settled."""
        await self.open_it()
        while not self.case.closed:
            passed = await self.case.until(lambda: self.case.closed)
            if passed is not None:
                await case_acts.pass_deadline(self.case, passed)
        await case_order.say_goodbye(self.case)
        await self.end()
        return str(self.case.file.settlement)

    async def open_it(self) -> None:
        """Put it on record, and let its order know."""
        if self.case.file.recorded:
            return
        expected = case_workflow_id(self.case.file.opening.case_no)
        if workflow.info().workflow_id != expected:
            raise WorkflowIdMismatch(f"start this case with the workflow id {expected}")
        await case_acts.open_it(self.case)
        await case_order.announce(self.case)

    async def end(self) -> None:
        """Answer everybody who still waits, and show how it ended."""
        self.case.arm(None)
        await self.case.read_mail()
        case_display.show(self.case.file)
        await workflow.wait_condition(lambda: bool(self.case.mail) or workflow.all_handlers_finished())
        if self.case.mail:
            await self.end()

    async def obey(self, command: Command) -> CaseDone:
        """Put the command into the mail and wait for the loop's answer."""
        letter = CaseLetter(command, asyncio.get_running_loop().create_future())
        self.case.mail.append(letter)
        assert letter.answer is not None
        with refusing():
            return await letter.answer

    def refuse_at_once(self, command: Command) -> None:
        """A validator's refusal: the caller is told why, and the history never knows."""
        if command.key and command.key in self.case.file.handled:
            return
        with refusing():
            case_decisions.check(self.case.file, command, workflow.now())

    def tell(self, letter: Command | CaseNews | Unsigned | None) -> None:
        """Put news, or a decision sent as a signal, into the mail; a signal that brings nothing is no less refused."""
        self.case.mail.append(CaseLetter(letter or Unsigned()))

    @workflow.signal(dynamic=True)
    def unheard(self, _name: str, _said: Sequence[RawValue]) -> None:
        """A signal of any other name: refused on record, where the server would drop it without a word (R23)."""
        self.case.mail.append(CaseLetter(Unheard()))

    @workflow.signal(name=names.ORDER_NEWS)
    def order_news(self, news: OrderNews | Unsigned | None = None) -> None:
        """The order says what became of it."""
        self.tell(news)

    @workflow.signal(name=names.ORDER_CLOCKS)
    def order_clocks(self, news: ClocksStand | Unsigned | None = None) -> None:
        """The order is held with its clocks stopped, or goes on (R25)."""
        self.tell(news)

    # --- decisions: asked as updates, with an answer ------------------------------------

    @workflow.update(name=names.CLAIM_CASE)
    async def claim_case(self, command: ClaimCase) -> CaseDone:
        """Take the case in hand."""
        return await self.obey(command)

    @workflow.update(name=names.RELEASE_CASE)
    async def release_case(self, command: ReleaseCase) -> CaseDone:
        """Give the case back to the queue."""
        return await self.obey(command)

    @workflow.update(name=names.NOTE_EVIDENCE)
    async def note_evidence(self, command: NoteEvidence) -> CaseDone:
        """Put a piece of evidence on record (R15)."""
        return await self.obey(command)

    @workflow.update(name=names.MEET_STAGE)
    async def meet_stage(self, command: MeetStage) -> CaseDone:
        """A stage is reached: answer, plan, first response … (R17, R24, R26)."""
        return await self.obey(command)

    @workflow.update(name=names.RAISE_CASE)
    async def raise_case(self, command: RaiseCase) -> CaseDone:
        """Make the complaint a major one: T11 and T12 run from now (R17)."""
        return await self.obey(command)

    @workflow.update(name=names.SETTLE_CASE)
    async def settle_case(self, command: SettleCase) -> CaseDone:
        """Settle it by one of the ways its kind allows."""
        return await self.obey(command)

    @workflow.update(name=names.CLOSE_CASE)
    async def close_case(self, command: CloseCase) -> CaseDone:
        """Close a settled case (R24)."""
        return await self.obey(command)

    @workflow.update(name=names.INVOLVE_DEPARTMENTS)
    async def involve_departments(self, command: InvolveDepartments) -> CaseDone:
        """Open a cross-department case beside it (R26)."""
        return await self.obey(command)

    @workflow.update(name=names.CHANGE_DEADLINE)
    async def change_deadline(self, command: ChangeDeadline) -> CaseDone:
        """Extend or waive a running deadline, with a reason."""
        return await self.obey(command)

    @workflow.update(name=names.DECIDE_RETURN)
    async def decide_return(self, command: DecideReturn) -> CaseDone:
        """Customer service decide by the rules (R16)."""
        return await self.obey(command)

    @workflow.update(name=names.RECEIVE_GOODS)
    async def receive_goods(self, command: ReceiveGoods) -> CaseDone:
        """The goods are back (T20)."""
        return await self.obey(command)

    @workflow.update(name=names.INSPECT_GOODS)
    async def inspect_goods(self, command: InspectGoods) -> CaseDone:
        """The warehouse has graded the goods; T8 runs from a passed inspection."""
        return await self.obey(command)

    # --- what a validator refuses leaves no trace in the history --------------------------

    @claim_case.validator
    def _(self, command: ClaimCase) -> None:
        self.refuse_at_once(command)

    @release_case.validator
    def _(self, command: ReleaseCase) -> None:
        self.refuse_at_once(command)

    @note_evidence.validator
    def _(self, command: NoteEvidence) -> None:
        self.refuse_at_once(command)

    @meet_stage.validator
    def _(self, command: MeetStage) -> None:
        self.refuse_at_once(command)

    @raise_case.validator
    def _(self, command: RaiseCase) -> None:
        self.refuse_at_once(command)

    @settle_case.validator
    def _(self, command: SettleCase) -> None:
        self.refuse_at_once(command)

    @close_case.validator
    def _(self, command: CloseCase) -> None:
        self.refuse_at_once(command)

    @involve_departments.validator
    def _(self, command: InvolveDepartments) -> None:
        self.refuse_at_once(command)

    @change_deadline.validator
    def _(self, command: ChangeDeadline) -> None:
        self.refuse_at_once(command)

    @decide_return.validator
    def _(self, command: DecideReturn) -> None:
        self.refuse_at_once(command)

    @receive_goods.validator
    def _(self, command: ReceiveGoods) -> None:
        self.refuse_at_once(command)

    @inspect_goods.validator
    def _(self, command: InspectGoods) -> None:
        self.refuse_at_once(command)

    # --- the same decisions as signals, for the Temporal UI and the command line ----------

    @workflow.signal(name=names.CLAIM_CASE)
    def claim_case_signal(self, command: ClaimCase | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.RELEASE_CASE)
    def release_case_signal(self, command: ReleaseCase | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.NOTE_EVIDENCE)
    def note_evidence_signal(self, command: NoteEvidence | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.MEET_STAGE)
    def meet_stage_signal(self, command: MeetStage | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.RAISE_CASE)
    def raise_case_signal(self, command: RaiseCase | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.SETTLE_CASE)
    def settle_case_signal(self, command: SettleCase | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.CLOSE_CASE)
    def close_case_signal(self, command: CloseCase | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.INVOLVE_DEPARTMENTS)
    def involve_departments_signal(self, command: InvolveDepartments | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.CHANGE_DEADLINE)
    def change_deadline_signal(self, command: ChangeDeadline | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.DECIDE_RETURN)
    def decide_return_signal(self, command: DecideReturn | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.RECEIVE_GOODS)
    def receive_goods_signal(self, command: ReceiveGoods | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.INSPECT_GOODS)
    def inspect_goods_signal(self, command: InspectGoods | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)
