"""What operations ask of an order by hand: adjust its status, consent, peak mode (R7, R22)."""

from __future__ import annotations

from temporalio import workflow

from models import workflow_names as names
from models.commands import AdjustStatus, ConsentForce, Done, SetPeak, Unsigned
from workflows.order_mail import OrderMail


class OperationsHand(OrderMail):
    """Updates with an answer; adjusting and consenting are signals of the same names, too."""

    @workflow.update(name=names.ADJUST_STATUS)
    async def adjust_status(self, command: AdjustStatus) -> Done:
        """Give the order another status by hand, or ask for a second person's consent (R22)."""
        return await self.obey(command)

    @workflow.update(name=names.CONSENT_FORCE)
    async def consent_force(self, command: ConsentForce) -> Done:
        """The second person's word on a forced adjustment (R22)."""
        return await self.obey(command)

    @workflow.update(name=names.SET_PEAK)
    async def set_peak(self, command: SetPeak) -> Done:
        """Stretch or shrink T2 and T3 (R7)."""
        return await self.obey(command)

    @adjust_status.validator
    def _check_adjust_status(self, command: AdjustStatus) -> None:
        self.refuse_at_once(command)

    @consent_force.validator
    def _check_consent_force(self, command: ConsentForce) -> None:
        self.refuse_at_once(command)

    @set_peak.validator
    def _check_set_peak(self, command: SetPeak) -> None:
        self.refuse_at_once(command)

    @workflow.signal(name=names.ADJUST_STATUS)
    def adjust_status_signal(self, command: AdjustStatus | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)

    @workflow.signal(name=names.CONSENT_FORCE)
    def consent_force_signal(self, command: ConsentForce | Unsigned | None = None) -> None:
        """As the update of the same name; a refusal goes on record."""
        self.tell(command)
