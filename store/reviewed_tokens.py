"""Machine tokens in the review of rights: listed with their scope and last use, confirmed or revoked (R22, T16)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import SamePerson
from store import accounts, audit, machine_tokens, rights_reviews
from store.accounts import Act
from store.machine_tokens import UnknownToken
from store.pool import Connection, Row
from store.rights_reviews import CHAIN, DecidedAlready, NoSuchReview


@dataclass(frozen=True)
class TokenVerdict:
    """What is decided of one token: ``decision`` is confirmed or revoked."""

    review_id: str
    token_id: str
    decision: str
    act: Act


async def of_review(conn: Connection, review_id: str) -> list[Row]:
    """The tokens of a review, those that nobody has reviewed first."""
    cursor = await conn.execute(
        "SELECT * FROM rights_review_tokens WHERE review_id = %s ORDER BY decided_by IS NOT NULL, token_id",
        (review_id,),
    )
    return await cursor.fetchall()


async def decide(conn: Connection, verdict: TokenVerdict) -> Row:
    """Confirm or revoke one token, in one transaction with the revoking itself.

    Raises NoSuchReview, DecidedAlready, SamePerson.
    """
    act = verdict.act
    # As everywhere, the accounts' chain first.
    await audit.lock(conn, accounts.CHAIN)
    chain = await audit.lock(conn, CHAIN)
    item = await _item(conn, verdict)
    if item["decided_by"] is not None:
        raise DecidedAlready(item["decided_by"])
    if verdict.decision == "confirmed" and item["issued_by"] == act.by.id:
        raise SamePerson("nobody confirms a token of their own issuing: ask somebody else who may, or revoke it")
    await conn.execute(_DECIDE, (verdict.decision, act.by.id, act.at, act.why, verdict.review_id, verdict.token_id))
    await audit.append(conn, _decided(verdict), chain)
    if verdict.decision == "revoked":
        await _revoke(conn, verdict)
    await rights_reviews.close_if_done(conn, verdict.review_id, act.at)
    return await _item(conn, verdict)


async def _revoke(conn: Connection, verdict: TokenVerdict) -> None:
    try:
        await machine_tokens.revoke(conn, verdict.token_id, verdict.act)
    except UnknownToken:
        # Somebody was quicker: it opens nothing, and that is what was decided.
        return


async def _item(conn: Connection, verdict: TokenVerdict) -> Row:
    cursor = await conn.execute(
        "SELECT * FROM rights_review_tokens WHERE review_id = %s AND token_id = %s FOR NO KEY UPDATE",
        (verdict.review_id, verdict.token_id),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NoSuchReview
    return row


def _decided(verdict: TokenVerdict) -> audit.Entry:
    return audit.Entry(
        subject=CHAIN,
        step_key=f"rights-review:{verdict.review_id}:{verdict.token_id}",
        at=verdict.act.at,
        by=verdict.act.by,
        act="rights_reviewed",
        why=verdict.act.why,
        details={"review": verdict.review_id, "token": verdict.token_id, "decision": verdict.decision},
        outcome={},
        request_id=verdict.act.request_id,
    )


_DECIDE = """
UPDATE rights_review_tokens SET decision = %s, decided_by = %s, decided_at = %s, why = %s
WHERE review_id = %s AND token_id = %s
"""
