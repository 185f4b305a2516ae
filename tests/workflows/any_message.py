"""Any message an order or a case may be sent: by anybody, sensible or not (what Hypothesis draws from)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from domain.case_shapes import CaseKind, Settlement
from domain.deadlines import DeadlineId
from domain.holds import HoldClocks
from domain.order_status import OrderStatus
from domain.returns import Grade, ReturnReason, Wish
from models import commands as ask
from models import workflow_names as names
from models.base import Actor
from models.cases import (
    ClaimCase,
    CloseCase,
    InvolveDepartments,
    MeetStage,
    NoteEvidence,
    RaiseCase,
    ReleaseCase,
    SettleCase,
)
from models.commands import Command
from models.returns import Application, DecideReturn, GradedPieces, InspectGoods, Pieces, ReceiveGoods
from tests.workflows.case_desk import LOGISTICS, OTHER_SERVICE
from tests.workflows.shop import OPERATIONS, OTHER_REVIEWER, PICKER, REVIEWER, SERVICE
from tests.workflows.test_refunds import FINANCE

TOTAL = 19_900
NOBODY = Actor(id="sales-1", role="sales")
SECOND_OPERATIONS = Actor(id="operations-2", role="operations")

# Who may do much comes more than once: a life of refusals only is a short story.
ANYBODY = st.sampled_from(
    (
        *(OPERATIONS, OPERATIONS, SECOND_OPERATIONS, REVIEWER, OTHER_REVIEWER, SERVICE, SERVICE, OTHER_SERVICE),
        *(FINANCE, LOGISTICS, PICKER, NOBODY),
    )
)

Fields = Mapping[str, SearchStrategy[Any]]

KEYS = {"key": st.sampled_from(["", "", "k1", "k2"]), "reason": st.sampled_from(["agreed", "agreed", ""])}
LINE_NO, PIECES = st.integers(1, 3), st.integers(1, 3)
AMOUNT = st.none() | st.sampled_from([1, 1_000, TOTAL, TOTAL + 1])
CHANGES = st.builds(ask.LineChange, line_no=LINE_NO, pieces=st.none() | PIECES)
SOME_PIECES = st.builds(Pieces, line_no=LINE_NO, quantity=PIECES)
GRADED = st.builds(GradedPieces, line_no=LINE_NO, quantity=PIECES, grade=st.sampled_from(Grade))

NEWEST = "the newest"
"""Stands for a number that only the order knows: of its parcel, its contact, its newest refund."""

ORDER_COMMANDS: Mapping[str, tuple[type[Command], Fields]] = {
    names.CLAIM: (ask.Claim, {}),
    names.RELEASE: (ask.Release, {}),
    names.APPROVE: (ask.Approve, {}),
    names.REJECT: (ask.Reject, {}),
    names.CANCEL: (ask.Cancel, {}),
    names.RETRY_STOCK: (ask.RetryStock, {}),
    names.RETRY_OUTSIDE: (ask.RetryOutside, {}),
    names.HOLD: (ask.Hold, {"clocks": st.sampled_from(HoldClocks)}),
    names.UNHOLD: (ask.Unhold, {}),
    names.SHIP_REST: (ask.ShipRest, {}),
    names.AMEND_ORDER: (ask.AmendOrder, {"changes": st.tuples(CHANGES)}),
    names.CORRECT_ADDRESS: (ask.CorrectAddress, {"contact_id": st.just(NEWEST)}),
    names.CHOOSE_CARRIER: (
        ask.ChooseCarrier,
        {"parcel_no": st.just(NEWEST), "carrier": st.sampled_from(["STO", "JD", "?"])},
    ),
    names.CHANGE_DEADLINE: (
        ask.ChangeDeadline,
        {"deadline": st.sampled_from(DeadlineId), "extend_by": st.none() | st.just(timedelta(hours=3))},
    ),
    names.REFUND: (ask.RefundOrder, {"amount": AMOUNT}),
    names.APPROVE_REFUND: (ask.ApproveRefund, {"refund_id": st.just(NEWEST)}),
    names.DECLINE_REFUND: (ask.DeclineRefund, {"refund_id": st.just(NEWEST)}),
    names.RETRY_REFUND: (ask.RetryRefund, {"refund_id": st.just(NEWEST)}),
    names.ADJUST_STATUS: (ask.AdjustStatus, {"to": st.sampled_from(OrderStatus), "force": st.booleans()}),
    names.CONSENT_FORCE: (
        ask.ConsentForce,
        {"request": st.sampled_from(["F1", "F1", "F2"]), "consent": st.sampled_from([True, True, False])},
    ),
    names.SET_PEAK: (ask.SetPeak, {"factor": st.integers(1, 12), "peak_no": st.integers(1, 3)}),
}

CASE_COMMANDS: Mapping[str, tuple[type[Command], Fields]] = {
    names.CLAIM_CASE: (ClaimCase, {}),
    names.RELEASE_CASE: (ReleaseCase, {}),
    names.NOTE_EVIDENCE: (NoteEvidence, {"what": st.just("call"), "reference": st.just("tape 7")}),
    names.MEET_STAGE: (MeetStage, {"stage": st.sampled_from(["answer", "first_response", "plan", "report"])}),
    names.RAISE_CASE: (RaiseCase, {}),
    names.SETTLE_CASE: (
        SettleCase,
        {
            "settlement": st.sampled_from(Settlement),
            "amount": AMOUNT,
            "lines": st.just(()) | st.tuples(SOME_PIECES),
            "changes": st.just(()) | st.tuples(CHANGES),
            "until": st.none() | st.just(datetime(2100, 1, 1, tzinfo=UTC)),
        },
    ),
    names.CLOSE_CASE: (CloseCase, {"cause_id": st.just("nt_1"), "prevention_id": st.sampled_from([None, "nt_2"])}),
    names.INVOLVE_DEPARTMENTS: (InvolveDepartments, {"participants": st.just(("warehouse",))}),
    names.DECIDE_RETURN: (DecideReturn, {"accept": st.booleans()}),
    names.RECEIVE_GOODS: (ReceiveGoods, {"warehouse": st.just("SH")}),
    names.INSPECT_GOODS: (InspectGoods, {"passed": st.booleans(), "lines": st.tuples(GRADED)}),
}

ONLY_SIGNALS = frozenset({names.AMEND_ORDER, names.SHIP_REST})
"""What a case asks of its order: there is no such update."""

ONLY_UPDATES = frozenset(
    {names.RELEASE, names.HOLD, names.UNHOLD, names.RETRY_OUTSIDE, names.CHANGE_DEADLINE, names.CHOOSE_CARRIER}
    | {names.SET_PEAK, names.CORRECT_ADDRESS}
)

OPENED_BY_HAND = st.sampled_from(
    [CaseKind.COMPLAINT, CaseKind.MISTAKE, CaseKind.SIGNATURE_DISPUTE, CaseKind.RETURN, CaseKind.RETURN]
)
APPLIED = st.builds(
    Application,
    lines=st.tuples(SOME_PIECES),
    reason=st.sampled_from(ReturnReason),
    wish=st.sampled_from(Wish),
)


@st.composite
def any_of(draw: st.DrawFn, table: Mapping[str, tuple[type[Command], Fields]]) -> tuple[str, Command]:
    """One of these commands, with whatever fields, from whoever asks."""
    name = draw(st.sampled_from(sorted(table)))
    shape, fields = table[name]
    return name, draw(st.builds(shape, by=ANYBODY, **KEYS, **fields))
