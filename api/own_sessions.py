"""Sessions listed for their owner and for administrators, and ended one by one or all (R22, ASVS 7.4.5, 7.5.2)."""

from __future__ import annotations

from fastapi import Request

from api.house import House
from api.problems import Forbidden, NotThere
from api.schemas.own_account import OpenSession, OpenSessions, SessionsEnded
from api.sign_in import act_of, address_of, only_of_a_session, prove
from api.staff import Staff
from domain.sign_in import FRESH
from store import accounts, audit, sessions
from store.accounts import Act, UnknownAccount
from store.pool import Connection


async def own(house: House, request: Request, staff: Staff) -> OpenSessions:
    """One's own sessions that stand; raises Conflicting for what is no session."""
    this = only_of_a_session(staff)
    async with house.pool.connection() as conn:
        rows = await sessions.of_account(conn, staff.id, house.settings.session_life(), house.now())
    here = address_of(house, request)
    return OpenSessions(items=[OpenSession.of(row, this=this.id, here=here) for row in rows])


async def of_account(house: House, staff_id: str) -> OpenSessions:
    """The sessions of an account, for who manages accounts; raises NotThere."""
    try:
        async with house.pool.connection() as conn:
            await accounts.find(conn, staff_id)
            rows = await sessions.of_account(conn, staff_id, house.settings.session_life(), house.now())
    except UnknownAccount as error:
        raise NotThere(str(error)) from None
    return OpenSessions(items=[OpenSession.of(row) for row in rows])


async def end_one(house: House, request: Request, staff: Staff, session_id: str, password: str | None) -> SessionsEnded:
    """End one of one's own sessions; raises Forbidden, TooMany, NotThere, Conflicting."""
    await _show_again(house, request, staff, password)
    async with house.pool.connection() as conn:
        await end_of(conn, staff.id, session_id, act_of(house, request, staff))
    return SessionsEnded(ended=1)


async def end_others(house: House, request: Request, staff: Staff, password: str | None) -> SessionsEnded:
    """End all one's own sessions but this one; raises Forbidden, TooMany, Conflicting."""
    this = only_of_a_session(staff)
    await _show_again(house, request, staff, password)
    async with house.pool.connection() as conn:
        chain = await audit.lock(conn, accounts.CHAIN)
        ended = await sessions.end_others(conn, staff.id, this.id)
        told = {"staff_id": staff.id, "sessions": ended}
        await audit.append(conn, accounts.entry(act_of(house, request, staff), "sessions_ended", told), chain)
    return SessionsEnded(ended=ended)


async def end_of(conn: Connection, staff_id: str, session_id: str, act: Act) -> None:
    """End this session of the account, on record; raises NotThere."""
    chain = await audit.lock(conn, accounts.CHAIN)
    if not await sessions.end_one(conn, staff_id, session_id):
        raise NotThere("there is no such session: it has ended")
    await audit.append(conn, accounts.entry(act, "sessions_ended", {"staff_id": staff_id, "sessions": 1}), chain)


async def _show_again(house: House, request: Request, staff: Staff, password: str | None) -> None:
    """Who ends sessions has to show again who they are; whoever has no password here, by having just signed in."""
    session = only_of_a_session(staff)
    if session.how == "password":
        await prove(house, request, staff, password or "", None)
    elif house.now() - session.started_at > FRESH:
        raise Forbidden("sign out and in again at the identity provider first: that has to be within ten minutes")
