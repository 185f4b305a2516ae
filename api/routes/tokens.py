"""Tokens of integrators' machines: issued, listed, revoked by an administrator; every act on record (R22, R23)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request

from api.auth import Staff, allowed
from api.house import House, InHouse
from api.once import Asking, Key
from api.pages import Cursor, Limit, cursor_of, key_of
from api.problems import REFUSALS, Conflicting, Faulty, NotThere, among
from api.schemas.sign_in import IssuedToken, MachineTokenPage, MachineTokenView, NewMachineToken, Revoked
from api.sign_in import act_of
from domain.intake import Fault
from domain.permissions import Permission
from store import idempotency, machine_tokens
from store.machine_tokens import NewToken, UnknownToken
from store.pool import Connection

router = APIRouter(prefix="/v1/tokens", tags=["accounts"])

Administrator = Annotated[Staff, Depends(allowed(Permission.TOKEN_MANAGE))]
TokenId = Annotated[str, Path(pattern=r"^machine-[0-9a-f]{8}$", examples=["machine-3f9a1c2e"])]


@router.get("", responses=REFUSALS, summary="List the machines' tokens")
async def list_tokens(house: InHouse, by: Administrator, limit: Limit = 50, cursor: Cursor = None) -> MachineTokenPage:
    """A keyset page, expired and revoked ones too; the tokens themselves are kept nowhere."""
    del by
    after = cast("tuple[str] | None", key_of(cursor, str)) or ("",)
    async with house.pool.connection() as conn:
        rows = await machine_tokens.page(conn, after=after[0], limit=limit + 1)
    shown = [MachineTokenView(**row) for row in rows[:limit]]
    return MachineTokenPage(items=shown, next_cursor=cursor_of(shown[-1].token_id) if len(rows) > limit else None)


@router.post("", status_code=201, responses=REFUSALS | among(409), summary="Issue a token for a machine")
async def issue(request: Request, body: NewMachineToken, key: Key, house: InHouse, by: Administrator) -> IssuedToken:
    """Issue a token, and show it this once. The same key answers 409: what was shown cannot be shown again."""
    if beyond := body.beyond_the_role():
        raise Faulty([Fault("permissions", f"no integrator has {', '.join(beyond)}")])
    new = NewToken(body.label, body.channels, body.permissions, house.now() + timedelta(days=body.valid_days))
    async with house.pool.connection() as conn:
        await _claim(house, conn, Asking.by(f"{by.id}:tokens", key, request, body))
        token, row = await machine_tokens.issue(conn, new, act_of(house, request, by, body.why))
    return IssuedToken(token=token, **row)


@router.delete("/{token_id}", responses=REFUSALS | among(404), summary="Revoke a token")
async def revoke(request: Request, token_id: TokenId, house: InHouse, by: Administrator) -> Revoked:
    """From the next request on it opens nothing."""
    try:
        async with house.pool.connection() as conn:
            await machine_tokens.revoke(conn, token_id, act_of(house, request, by))
    except UnknownToken as error:
        raise NotThere(str(error)) from None
    return Revoked(revoked=token_id)


async def _claim(house: House, conn: Connection, asking: Asking) -> None:
    """Take the key in the transaction that issues the token; the answer is not kept, for it holds the token."""
    content = idempotency.fingerprint(house.vault, asking.content)
    if not await idempotency.claim(conn, asking.principal, asking.key, content, house.now()):
        raise Conflicting("under this key a token was issued and shown: revoke it, or use a new key")
