"""Peak mode: the clocks on human review stretch, or shrink back (R7)."""

from __future__ import annotations

from domain.deadlines import STRETCHED_BY_PEAK
from domain.errors import NotWaitingForThis
from domain.order_status import ENDED
from models.commands import SetPeak
from models.state import OrderState
from workflows import calls
from workflows.clocks import shift
from workflows.life import Life


def may_set(state: OrderState, command: SetPeak) -> None:
    """Only a newer setting counts: of two that are under way at once the later one stays."""
    if state.status in ENDED or command.peak_no <= state.peak_no:
        raise NotWaitingForThis("the order has ended" if state.status in ENDED else "a newer peak setting is in force")


async def set_factor(order: Life, command: SetPeak) -> None:
    """Stretch what runs, from the instant the review was entered."""
    stretch(order.state, command.factor, command.peak_no)
    await calls.take_step(order.step("peak_set", command=command, details={"factor": command.factor}))


def stretch(state: OrderState, factor: int, peak_no: int) -> None:
    """From now on T2 and T3 last ``factor`` times their duration; an extension given by hand is kept."""
    before = state.order.policy
    policy = before.model_copy(update={"peak_factor": factor})
    for deadline in sorted(STRETCHED_BY_PEAK):
        shift(state, deadline, policy.deadlines().duration(deadline) - before.deadlines().duration(deadline))
    state.order = state.order.model_copy(update={"policy": policy})
    state.peak_no = peak_no
