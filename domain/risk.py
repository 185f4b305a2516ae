"""The review's rules as configuration, and what counts against a buyer (R6, R27).

A rule set is the built-in rules and how the shop changed them. Every change is checked
against the table below, and all that is wrong with it is named at once. A version once in
force is kept: an order's review names the version that judged it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from domain.intake import Fault
from domain.order_status import OrderStatus
from domain.review import Facts, Finding, RiskLimits, Severity, review

Value: TypeAlias = bool | int | str
Changes: TypeAlias = Mapping[str, Mapping[str, Value]]
"""Rule → what is changed of it: ``enabled``, ``severity``, or a parameter."""


class Unit(StrEnum):
    """What a parameter counts."""

    MINOR = "minor units"
    PERCENT = "percent"
    COUNT = "count"
    DAYS = "days"


RANGES: Mapping[Unit, tuple[int, int]] = MappingProxyType(
    {Unit.MINOR: (0, 10**13), Unit.PERCENT: (1, 100), Unit.COUNT: (1, 10_000), Unit.DAYS: (1, 365)}
)


@dataclass(frozen=True)
class Parameter:
    """A whole number in a unit, within the unit's range."""

    unit: Unit
    default: int


@dataclass(frozen=True)
class RuleSpec:
    """A rule as it is built in. ``always`` rules guard a promise of ours, so they cannot be switched off."""

    says: str
    severity: Severity
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    always: bool = False
    severities: tuple[Severity, ...] = (Severity.REVIEW, Severity.BLOCK)


class RiskEvent(StrEnum):
    """What counts against a buyer (R27)."""

    CANCELLATION = "cancellation"
    REFUND = "refund"
    FAKE_ADDRESS = "fake_address"


class BuyerIndex(StrEnum):
    """What a buyer is known again by, without being read (R27)."""

    ACCOUNT = "account"
    ADDRESS = "address"
    PHONE = "phone"


COUNTED_BY: Mapping[RiskEvent, tuple[BuyerIndex, ...]] = MappingProxyType(
    {
        # Many buyers share one address, so their cancellations do not add up to somebody's habit.
        RiskEvent.CANCELLATION: (BuyerIndex.ACCOUNT, BuyerIndex.PHONE),
        RiskEvent.REFUND: (BuyerIndex.ACCOUNT, BuyerIndex.PHONE),
        RiskEvent.FAKE_ADDRESS: (BuyerIndex.ACCOUNT, BuyerIndex.ADDRESS, BuyerIndex.PHONE),
    }
)
"""The blind indexes on which an event counts; over the threshold on one of them, all of them are marked."""

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW


def _counter(says: str, threshold: int, window: int, expires: int) -> RuleSpec:
    parameters = {
        "threshold": Parameter(Unit.COUNT, threshold),
        "window_days": Parameter(Unit.DAYS, window),
        "expires_days": Parameter(Unit.DAYS, expires),
    }
    return RuleSpec(says, _REVIEW, parameters)


_LIMITS = RiskLimits()

RULES: Mapping[str, RuleSpec] = MappingProxyType(
    {
        "oversold": RuleSpec("there is not enough stock", _BLOCK, always=True, severities=(_BLOCK,)),
        "unknown_sku": RuleSpec("no warehouse lists the SKU", _REVIEW, always=True),
        "safety_stock": RuleSpec("the order takes stock below its safety threshold", _REVIEW),
        "incomplete": RuleSpec("name, phone or address is missing (R19)", _REVIEW, always=True),
        "address": RuleSpec("the address does not fit postal data", _REVIEW),
        "phone": RuleSpec("the phone does not fit its numbering plan", _REVIEW),
        "payment_currency": RuleSpec("paid in another currency", _REVIEW, always=True),
        "payment_amount": RuleSpec("paid more or less than the total", _REVIEW, always=True),
        "blacklist": RuleSpec("account, phone or address was put on the blacklist by a person", _BLOCK),
        "large_first_order": RuleSpec(
            "a first order of at least this amount, in the order's currency",
            _REVIEW,
            {"amount": Parameter(Unit.MINOR, _LIMITS.large_first_order)},
        ),
        "often_cancelled": RuleSpec(
            "so large a share of at least so many earlier orders was cancelled",
            _REVIEW,
            {
                "share": Parameter(Unit.PERCENT, _LIMITS.cancelled_share),
                "of": Parameter(Unit.COUNT, _LIMITS.cancelled_of),
            },
        ),
        "marked_cancellation": _counter("so many orders cancelled within the window", 5, 30, 90),
        "marked_refund": _counter("so many refunds of delivered orders within the window", 3, 90, 180),
        "marked_fake_address": _counter("so many orders rejected as fake_address within the window", 2, 180, 365),
    }
)
"""Every rule by the name its findings carry."""


class WrongRules(ValueError):
    """A rule set that cannot be put in force; ``faults`` names everything wrong with it at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.field}: {fault.problem}" for fault in faults))


@dataclass(frozen=True)
class Setting:
    """One rule as it is in force; ``values`` are its parameters."""

    enabled: bool
    severity: Severity
    values: Mapping[str, int]


@dataclass(frozen=True)
class RuleSet:
    """The rules in force. Version 0 is built in; ``changes`` is how a later one differs from it.

    What is stored is read with tolerance: a rule or parameter that a later program no longer
    knows is passed over, so that no old order's history stops being readable.
    """

    version: int = 0
    changes: Changes = field(default_factory=dict)

    def setting(self, rule: str) -> Setting:
        """One rule of the table, as this set has it."""
        spec, changed = RULES[rule], self.changes.get(rule, {})
        values = {name: changed.get(name, parameter.default) for name, parameter in spec.parameters.items()}
        return Setting(
            enabled=spec.always or changed.get("enabled") is not False,
            severity=Severity(str(changed.get("severity", spec.severity))),
            values={name: value for name, value in values.items() if isinstance(value, int)},
        )

    def limits(self) -> RiskLimits:
        """The parameters that the rules of ``domain.review`` take."""
        often = self.setting("often_cancelled").values
        return RiskLimits(
            large_first_order=self.setting("large_first_order").values["amount"],
            cancelled_share=often["share"],
            cancelled_of=often["of"],
        )

    def review(self, facts: Facts) -> list[Finding]:
        """Every finding of every enabled rule, each as severe as this set says (R6)."""
        return [self._weighed(found) for found in review(facts, self.limits()) if self._applies(found)]

    def counter(self, event: RiskEvent) -> Setting:
        """When so many of these events mark a buyer, and for how long (R27)."""
        return self.setting(f"marked_{event}")

    def _applies(self, finding: Finding) -> bool:
        return finding.rule not in RULES or self.setting(finding.rule).enabled

    def _weighed(self, finding: Finding) -> Finding:
        if finding.rule not in RULES:
            return finding
        return Finding(finding.rule, self.setting(finding.rule).severity, finding.evidence)


BUILT_IN = RuleSet()


def changed(base: RuleSet, wanted: Changes, *, version: int = 0) -> RuleSet:
    """``base`` with what is wanted changed in it; raises WrongRules naming all that cannot be.

    What is set to its built-in value is no change any more.
    """
    faults = [fault for rule, keys in wanted.items() for fault in _faults(rule, keys)]
    if faults:
        raise WrongRules(faults)
    merged = {rule: {**base.changes.get(rule, {}), **wanted.get(rule, {})} for rule in (*base.changes, *wanted)}
    kept = {rule: _differing(rule, keys) for rule, keys in sorted(merged.items())}
    return RuleSet(version, {rule: keys for rule, keys in kept.items() if keys})


def read_change(text: str) -> tuple[str, str, Value]:
    """``large_first_order.amount=300000`` as (rule, what, value); raises WrongRules."""
    path, equals, value = text.partition("=")
    rule, dot, what = path.strip().partition(".")
    if not (equals and dot and rule and what):
        raise WrongRules([Fault(text.split("=")[0], "write RULE.WHAT=VALUE, as in blacklist.severity=review")])
    return rule, what, _read(value.strip())


def _read(value: str) -> Value:
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if value.removeprefix("-").isdecimal() and value.isascii() else value


def _differing(rule: str, keys: Mapping[str, Value]) -> dict[str, Value]:
    spec = RULES.get(rule)
    if spec is None:
        return {}
    built_in: dict[str, Value] = {"enabled": True, "severity": spec.severity.value}
    built_in |= {name: parameter.default for name, parameter in spec.parameters.items()}
    return {name: value for name, value in sorted(keys.items()) if built_in.get(name, value) != value}


def _faults(rule: str, keys: Mapping[str, Value]) -> list[Fault]:
    if rule not in RULES:
        return [Fault(rule, f"there is no such rule; the rules are {', '.join(RULES)}")]
    found = {name: _fault(RULES[rule], name, value) for name, value in keys.items()}
    return [Fault(f"{rule}.{name}", problem) for name, problem in found.items() if problem]


def _fault(spec: RuleSpec, name: str, value: Value) -> str | None:
    """What is wrong with one value; None when nothing is."""
    if name == "enabled":
        return _switch_fault(spec, value)
    if name == "severity":
        allowed = [severity.value for severity in spec.severities]
        return None if value in allowed else f"must be {' or '.join(allowed)}"
    if name not in spec.parameters:
        return f"there is no such parameter; there are {', '.join(('enabled', 'severity', *spec.parameters))}"
    return _number_fault(spec.parameters[name].unit, value)


def _switch_fault(spec: RuleSpec, value: Value) -> str | None:
    if not isinstance(value, bool):
        return "must be true or false"
    return "guards a promise to the buyer and cannot be switched off" if spec.always and not value else None


def _number_fault(unit: Unit, value: Value) -> str | None:
    low, high = RANGES[unit]
    # A bool is an int to Python, and no number to a person.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        return f"must be a whole number of {unit} from {low} to {high}"
    return None


SHOPS_OWN_REASONS = frozenset({"shortage", "out_of_stock", "power_cut", "price_error", "shop_error", "duplicate"})
"""Reason codes of a cancellation that is our doing and no habit of the buyer's."""


def event_of(act: str, before: OrderStatus | None, after: OrderStatus | None, why: str) -> RiskEvent | None:
    """What a step of an order counts as against its buyer; nearly always None (R27).

    An order that nobody paid in time counts as cancelled: it kept goods from others. One
    that we could not fill does not.
    """
    if act.endswith("payment_refunded"):
        return RiskEvent.REFUND
    if before is after:
        return None
    if after is OrderStatus.REJECTED and why == RiskEvent.FAKE_ADDRESS:
        return RiskEvent.FAKE_ADDRESS
    if after is OrderStatus.CANCELLED and before is not OrderStatus.SHORTAGE and why not in SHOPS_OWN_REASONS:
        return RiskEvent.CANCELLATION
    return None
