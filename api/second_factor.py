"""One's own second factor: set up with a first code, replaced, recovery codes renewed (R22, ASVS 6.5, 7.5.1)."""

from __future__ import annotations

from fastapi import Request

from api.house import House
from api.problems import Conflicting, TooMany
from api.schemas.own_account import BegunFactor, RecoveryCodes, SecondFactorView
from api.sign_in import act_of, only_of_a_session, prove
from api.staff import Staff
from domain.second_factor import is_wanted
from runtime import second_factor
from store import second_factors, sessions
from store import sign_in as entering
from store.idempotency import fingerprint
from store.second_factors import SecondFactorError


async def standing(house: House, staff: Staff) -> SecondFactorView:
    """Whether they have one, and need one."""
    session = only_of_a_session(staff)
    async with house.pool.connection() as conn:
        stands = await second_factors.standing(conn, staff.id)
    by_password = session.how == "password"
    needed = by_password and is_wanted(staff.role, house.settings.second_factor_wanted())
    return SecondFactorView(by_password=by_password, needed=needed, **stands)


async def begin(house: House, request: Request, staff: Staff, password: str, code: str) -> BegunFactor:
    """A fresh secret for whoever shows again who they are; raises Forbidden, TooMany, Conflicting."""
    if only_of_a_session(staff).how != "password":
        raise Conflicting("whoever signs in at the identity provider has a second factor there")
    username = await prove(house, request, staff, password, code)
    async with house.pool.connection() as conn:
        secret = await second_factors.begin(conn, house.vault, staff.id, house.now())
    address = second_factor.address_of(secret, username, house.settings.shop_name)
    return BegunFactor(secret=secret, address=address, picture=second_factor.picture_of(address))


async def confirm(house: House, request: Request, staff: Staff, code: str) -> RecoveryCodes:
    """It stands from now on, and every other session of the account has ended; raises TooMany, Conflicting."""
    session = only_of_a_session(staff)
    tried = fingerprint(house.vault, f"second-factor\0{staff.id}")
    async with house.pool.connection() as conn:
        wait = await entering.count_try(conn, tried, house.now())
    if wait:
        raise TooMany("too many codes were tried", wait)
    try:
        async with house.pool.connection() as conn:
            codes = await second_factors.confirm(conn, house.vault, staff.id, code, act_of(house, request, staff))
            await sessions.end_others(conn, staff.id, session.id)
            await entering.forget_failures(conn, tried)
    except SecondFactorError as error:
        raise Conflicting(str(error)) from None
    return RecoveryCodes(recovery_codes=codes)


async def renew_recovery_codes(house: House, request: Request, staff: Staff, password: str, code: str) -> RecoveryCodes:
    """Fresh ones for whoever shows again who they are; raises Forbidden, TooMany, Conflicting."""
    if (await standing(house, staff)).set_at is None:
        raise Conflicting("there is no second factor that could be lost")
    await prove(house, request, staff, password, code)
    async with house.pool.connection() as conn:
        codes = await second_factors.renew_recovery_codes(conn, staff.id, act_of(house, request, staff))
    return RecoveryCodes(recovery_codes=codes)
