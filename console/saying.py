"""What departments are told, and why a case was opened, in the words of the catalogue: its sentence, with the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from api.schemas.alerts import AlertView
from api.schemas.cases import CaseRowView
from api.schemas.orders import ActView
from console.bench import Bench
from console.kit import moment, money
from console.words import CATALOGUE

Facts = Mapping[str, str | int | dict[str, int]]

_CODES = {
    "asked": "asked",
    "code": "refusal",
    "case_kind": "case.kind",
    "given_up": "given_up",
    "outcome": "outcome",
    "provider": "payer",
    "return_reason": "return.reason",
    "settlement": "settlement",
    "trouble": "trouble",
    "wish": "wish",
    "words": "words",
}
"""Facts that are codes, and under which name the catalogue has their words."""


def of_alert(bench: Bench, one: AlertView) -> str:
    """The sentence of its kind; the API's own where there are no facts, as before there were any."""
    return _filled(bench, f"alert.{one.kind}.text", one.facts) or one.text


def of_case(bench: Bench, case: CaseRowView) -> str:
    """Why the case was opened: the sentence of the system's reason, or the words of a person."""
    return _reason(bench, case.reason_code, case.reason, case.reason_facts)


def opened(bench: Bench, case: CaseRowView, acts: list[ActView]) -> list[ActView]:
    """The case's record, its opening with the reason as the desk says it."""
    why = {"why": of_case(bench, case)}
    return [act.model_copy(update=why) if act.act == "case_opened" else act for act in acts]


def _reason(bench: Bench, code: object, words: object, facts: Facts) -> str:
    own = {name: fact for name, fact in facts.items() if name != "reason"}
    return _filled(bench, f"case.reason.{code}", own) or str(words)


def _filled(bench: Bench, key: str, facts: Facts) -> str:
    """The sentence with its facts, or nothing when the catalogue or the facts do not have what it needs."""
    with suppress(KeyError):
        return bench.t(key, **{name: _drawn(bench, name, facts) for name in facts})
    return ""


def _drawn(bench: Bench, name: str, facts: Facts) -> object:
    """One fact as a person reads it."""
    if name in _CODES:
        key = f"{_CODES[name]}.{facts[name]}"
        return bench.t(key) if key in CATALOGUE else facts[name]
    return _DRAWN[name](bench, facts) if name in _DRAWN else facts[name]


def _why(bench: Bench, said: str) -> str:
    """What an outside party said, in our words where we have some."""
    key = f"refusal.{said}"
    return bench.t(key) if key in CATALOGUE else said or bench.t("saying.no_reason")


def _found(bench: Bench, facts: Facts) -> str:
    """How many differences of which kind."""
    found = facts["found"]
    assert isinstance(found, dict)
    return bench.t.pick("; ", "；").join(
        f"{number} × {bench.t.code('difference', kind)}" for kind, number in found.items()
    )


_DRAWN: Mapping[str, Callable[[Bench, Facts], str]] = {
    "amount": lambda _bench, facts: money(int(str(facts["amount"])), str(facts["currency"])),
    "since": lambda bench, facts: moment(datetime.fromisoformat(str(facts["since"])), bench.zone),
    "until": lambda bench, facts: moment(datetime.fromisoformat(str(facts["until"])), bench.zone),
    "why": lambda bench, facts: _why(bench, str(facts["why"])),
    "reason": lambda bench, facts: _reason(bench, facts.get("reason_code", ""), facts["reason"], facts),
    "found": _found,
}
