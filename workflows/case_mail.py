"""Reading a case's mail: a command is answered, the order's news is taken in."""

from __future__ import annotations

from temporalio import workflow

from domain.errors import OrderRuleError
from models.base import SYSTEM
from models.cases import CaseDone, ClocksStand, OrderNews
from models.commands import Command, Unheard, Unsigned
from workflows import case_calls, case_decisions, case_order
from workflows.case_life import CaseLetter, CaseLife
from workflows.refusals import UNHEARD, UNSIGNED

REMEMBERED = 200
"""How many handled keys travel with a case: far more than the letters one case gets."""


async def read(case: CaseLife, letter: CaseLetter) -> None:
    """Deal with one letter."""
    if isinstance(letter.content, OrderNews):
        await case_order.read_news(case, letter.content)
    elif isinstance(letter.content, ClocksStand):
        await case_order.stop_or_go_on(case, letter.content)
    elif isinstance(letter.content, Unsigned):
        await case_calls.take_case_step(case.step("refused_unsigned", by=SYSTEM, why=UNSIGNED))
    elif isinstance(letter.content, Unheard):
        await case_calls.take_case_step(case.step("refused_unheard", by=SYSTEM, why=UNHEARD))
    else:
        await answer(case, letter, letter.content)


async def answer(case: CaseLife, letter: CaseLetter, command: Command) -> None:
    """Carry a command out, or say which rule forbids it; the same key is carried out once."""
    if command.key not in case.file.handled:
        try:
            case_decisions.check(case.file, command, workflow.now())
        except OrderRuleError as error:
            await refuse(case, letter, command, error)
            return
        await case_decisions.carry_out(case, command)
        remember(case, command)
    if letter.answer is not None:
        letter.answer.set_result(CaseDone(case_no=case.file.opening.case_no, state=str(case.file.state)))


async def refuse(case: CaseLife, letter: CaseLetter, command: Command, error: OrderRuleError) -> None:
    """Someone who waits is told; a signal has nobody waiting, so its refusal goes on record (R23)."""
    if letter.answer is not None:
        letter.answer.set_exception(error)
        return
    act = f"refused_{type(command).__name__.lower()}"
    await case_calls.take_case_step(case.step(act, by=command.by, why=str(error)))


def remember(case: CaseLife, command: Command) -> None:
    """Keep the key, the oldest going first."""
    if not command.key:
        return
    case.file.handled[command.key] = str(case.file.state)
    while len(case.file.handled) > REMEMBERED:
        case.file.handled.pop(next(iter(case.file.handled)))
