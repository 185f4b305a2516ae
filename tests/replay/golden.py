"""The golden histories: which there must be, how one is kept, how all are loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

HISTORIES = Path(__file__).with_name("histories")

EXPECTED = frozenset(
    {
        "approved_by_a_person",
        "approved_by_the_rules",
        "approved_by_signal",
        "approved_after_reminder_and_escalation",
        "cancelled_unpaid_at_t1",
        "cancelled_while_picking",
        "cancelled_for_want_of_stock",
        "carrier_refused_and_tried_again",
        "case_complaint",
        "cash_on_delivery",
        "channel_behind_and_recovered",
        "channel_late_at_t13",
        "channel_late_in_two_runs_1",
        "channel_late_in_two_runs_2",
        "continued_as_new_1",
        "continued_as_new_2",
        "deadline_extended",
        "held_and_unheld",
        "intercepted_before_payment",
        "intercepted_with_refund",
        "money_after_the_end",
        "nothing_to_pay",
        "paid_as_t1_fires",
        "promotion_paid_after_t2p",
        "rejected_with_refund",
        "replacement_delivered",
        "return_exchanged",
        "return_lapsed",
        "return_refunded",
        "short_pick_and_stock_found",
        "came_in_during_an_emergency",
        "emergency_of_a_warehouse",
        "forced_by_two_persons",
        "held_with_stopped_clocks",
        "peak_mode",
        "stretched_by_peak_mode",
        "refund_with_four_eyes",
        "refunded_elsewhere",
        "refund_came_back",
        "refund_came_back_before_done",
        "case_payment_problem",
        "shipped_in_two_parcels",
        "shortage_refunded",
        "case_shortage_refunded",
        "rest_shipped_later",
        "case_rest_shipped_at_t19",
        "silent_parcel_that_arrived",
        "case_silent_parcel",
        "case_major_complaint",
        "case_in_two_runs_1",
        "case_in_two_runs_2",
        "inbox_delivered_again",
        "nightly_sweep",
        "ear_for_silence",
        "channels_pulled",
        "audit_anchored",
        "persons_erased",
        "board_folded",
        "daily_digest",
        "breaches_posted",
        "rights_not_reviewed_by_t16",
        "rights_in_two_runs_1",
        "rights_in_two_runs_2",
        "broadcast_sent",
    }
)
"""One for each way an order can go (R3 to R20), some of its cases and returns, and each workflow of the house."""

# The first two, and the name of a worker's own queue, say on which machine it was recorded;
# replay does not look at any of these.
_LEFT_OUT = frozenset({"identity", "stackTrace", "taskId", "requestId", "historySizeBytes", "meteringMetadata"})


class WrongSet(Exception):
    """The folder lacks an expected history, or holds one that nobody expects.

    Without this a folder that loads nothing would pass as a replay of everything.
    """


def load_all(folder: Path = HISTORIES) -> Mapping[str, WorkflowHistory]:
    """All histories by name. Raises WrongSet unless exactly the expected ones are there."""
    found = {file.stem: file for file in sorted(folder.glob("*.json"))}
    missing, strange = sorted(EXPECTED - set(found)), sorted(set(found) - EXPECTED)
    if missing or strange:
        raise WrongSet(f"missing: {missing}, not expected: {strange}; see python -m tests.replay.record --help")
    return {name: _load(file) for name, file in found.items()}


def keep(name: str, history: WorkflowHistory, folder: Path = HISTORIES) -> None:
    """Write one history, readable and without what tells of the machine that recorded it."""
    if name not in EXPECTED:
        raise WrongSet(f"{name} is not among the expected histories")
    content = {"workflowId": history.workflow_id, "history": _lean(history.to_json_dict())}
    folder.mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _load(file: Path) -> WorkflowHistory:
    content = json.loads(file.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content["workflowId"], content["history"])


def _lean(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _lean(inner) for key, inner in value.items() if key not in _LEFT_OUT and not _names_a_worker(inner)
        }
    if isinstance(value, list):
        return [_lean(item) for item in value]
    return value


def _names_a_worker(value: Any) -> bool:
    return isinstance(value, dict) and value.get("kind") == "TASK_QUEUE_KIND_STICKY"
