"""What the review goes by, in the hands of operations: the blacklist and the rules (R6, R27)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Answer, Asking, Key, once
from api.problems import REFUSALS, Faulty, NotThere, among
from api.schemas.risk import (
    Blacklist,
    BlacklistEntryKept,
    BlacklistView,
    NewBlacklistEntry,
    NewRules,
    Removal,
    RuleSetView,
    RuleTrial,
    RuleView,
    TrialMove,
    TrialOther,
    TrialView,
)
from domain.intake import Fault
from domain.permissions import Permission
from domain.risk import BUILT_IN, RULES, RuleSet, WrongRules, changed
from store import blacklist, rules
from store.blacklist import NothingToMatch, NotListed
from store.rules import Trial

router = APIRouter(prefix="/v1", tags=["risk"])

_SHOWN = 200

Reader = Annotated[Staff, Depends(allowed(Permission.RISK_READ))]
Keeper = Annotated[Staff, Depends(allowed(Permission.RISK_SET))]
EntryNo = Annotated[int, Path(ge=1, lt=2**31, examples=[17])]


@router.get("/blacklist", responses=REFUSALS, summary="The blacklist: never a value, which nobody can read back")
async def list_blacklist(
    house: InHouse, by: Reader, expired: Annotated[bool, Query(description="also what has expired")] = False
) -> Blacklist:
    """Entries made by hand and by counting, the newest first (R27)."""
    del by
    async with house.pool.connection() as conn:
        rows = await blacklist.entries(conn, at=house.now(), expired=expired)
    return Blacklist(items=[BlacklistView(**row) for row in rows])


@router.post(
    "/blacklist", response_model=BlacklistEntryKept, responses=REFUSALS, summary="Put a buyer on the blacklist"
)
async def add_to_blacklist(request: Request, new: NewBlacklistEntry, key: Key, house: InHouse, by: Keeper) -> Response:
    """By account, phone or address. Orders reviewed from now on are matched; the value is not stored."""
    return await once(house, Asking.by(by.id, key, request, new), lambda: _added(house, new, by))


@router.post(
    "/blacklist/{entry_no}/remove", response_model=Blacklist, responses=REFUSALS | among(404),
    summary="Take an entry off the blacklist",
)  # fmt: skip
async def take_off_blacklist(
    request: Request, entry_no: EntryNo, body: Removal, key: Key, house: InHouse, by: Keeper
) -> Response:
    """Made by a person or a counter; answers with what is left."""

    async def take_off() -> Answer:
        try:
            async with house.pool.connection() as conn:
                await blacklist.remove(conn, entry_no, by=by.actor, why=body.reason, at=house.now())
        except NotListed as error:
            raise NotThere(str(error)) from None
        return Answer.of(await list_blacklist(house, by))

    return await once(house, Asking.by(by.id, key, request, body), take_off)


@router.get("/rules", responses=REFUSALS, summary="The rules of the automatic review, as they are in force")
async def read_rules(house: InHouse, by: Reader) -> RuleSetView:
    """Whether each is on, how severe it is, its parameters (R6)."""
    del by
    async with house.pool.connection() as conn:
        return _shown(await rules.current(conn))


@router.post("/rules", response_model=RuleSetView, responses=REFUSALS, summary="Change the rules of the review")
async def set_rules(request: Request, new: NewRules, key: Key, house: InHouse, by: Keeper) -> Response:
    """Orders reviewed from now on follow them; a version once in force is kept. All faults are named at once."""

    async def put() -> Answer:
        try:
            async with house.pool.connection() as conn:
                after = await rules.put_in_force(
                    conn, new.changes, by=by.actor, why=new.reason, at=house.now(), from_built_in=new.from_built_in
                )
        except WrongRules as error:
            raise _faulty(error) from None
        return Answer.of(_shown(after))

    return await once(house, Asking.by(by.id, key, request, new), put)


@router.post("/rules/try", response_model=TrialView, responses=REFUSALS, summary="Try changed rules on past orders")
async def try_rules(request: Request, wish: RuleTrial, key: Key, house: InHouse, by: Reader) -> Response:
    """A dry run: the newest reviewed orders are judged again, and nothing is changed."""
    return await once(house, Asking.by(by.id, key, request, wish), lambda: _tried(house, wish))


async def _added(house: House, new: NewBlacklistEntry, by: Staff) -> Answer:
    now = house.now()
    until = now + timedelta(days=new.days) if new.days else None
    value = blacklist.Value(new.kind, new.value, new.country)
    try:
        async with house.pool.connection() as conn:
            number = await blacklist.add(
                conn, house.vault, value, reason=new.reason, by=by.actor, at=now, expires_at=until
            )
    except NothingToMatch as error:
        raise Faulty([Fault("value", str(error))]) from None
    return Answer.of(BlacklistEntryKept(entry_no=number, expires_at=until))


async def _tried(house: House, wish: RuleTrial) -> Answer:
    try:
        async with house.pool.connection() as conn:
            base = BUILT_IN if wish.from_built_in else await rules.current(conn)
            trial = await rules.try_on(conn, changed(base, wish.changes), wish.orders)
    except WrongRules as error:
        raise _faulty(error) from None
    return Answer.of(_trial(trial))


def _faulty(error: WrongRules) -> Faulty:
    return Faulty([Fault(f"changes.{fault.field}", fault.problem) for fault in error.faults])


def _shown(rule_set: RuleSet) -> RuleSetView:
    return RuleSetView(version=rule_set.version, rules=[_rule(name, rule_set) for name in RULES])


def _rule(name: str, rule_set: RuleSet) -> RuleView:
    setting, spec = rule_set.setting(name), RULES[name]
    return RuleView(
        rule=name,
        says=spec.says,
        enabled=setting.enabled,
        always=spec.always,
        severity=setting.severity,
        severities=[severity.value for severity in spec.severities],
        parameters=dict(setting.values),
        units={parameter: spec.parameters[parameter].unit.value for parameter in setting.values},
        changed=sorted(rule_set.changes.get(name, ())),
    )


def _trial(trial: Trial) -> TrialView:
    return TrialView(
        orders=trial.orders,
        otherwise=len(trial.others),
        without_facts=trial.unknown,
        moves=[TrialMove(was=was, would=would, orders=count) for (was, would), count in sorted(trial.moves.items())],
        others=[TrialOther(**{**vars(other), "because": list(other.because)}) for other in trial.others[:_SHOWN]],
    )
