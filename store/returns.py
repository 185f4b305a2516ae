"""Returns as rows: what is applied for, what came back and how it was found, and where it went (R16).

Written inside the transaction of the case's step (store.cases). An order's returns follow each
other by the lock on its row, so that no piece comes back twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg.types.json import Jsonb

from domain import returns as rules
from domain.deadlines import DeadlineId
from domain.returns import RULES, Bought, Liable, Sale
from models.cases import CaseStep, OpenCase
from models.returns import GradedPieces, ReturnChange, ReturnState, Verdict
from store.pool import Connection, Row

_S = ReturnState

GIVEN_UP = (_S.VOID, _S.EXCHANGED, _S.DECLINED, _S.WITHDRAWN, _S.LAPSED)
"""States in which the pieces are the buyer's: an exchanged piece may be wrong as well."""


async def open_return(conn: Connection, step: CaseStep) -> Verdict:
    """Judge the application by the rules and keep it; one that cannot be is kept as void."""
    opening = step.opening
    assert opening is not None
    assert opening.order_no is not None
    assert opening.goods is not None
    # Two applications for the same pieces: the second one sees the first.
    await conn.execute("SELECT FROM orders WHERE order_no = %s FOR NO KEY UPDATE", (opening.order_no,))
    verdict = judge(await sale(conn, opening.order_no), opening, step.at)
    state = _S.VOID if verdict.problem else _S.APPLIED
    await conn.execute(_OPEN, _opened(step, verdict, state))
    await conn.execute(_LINES, {"case_no": step.case_no, "lines": Jsonb([p.model_dump() for p in opening.goods.lines])})
    return verdict


def judge(bought: Sale, opening: OpenCase, at: datetime) -> Verdict:
    """What the rules say of the application at that moment."""
    goods = opening.goods
    assert goods is not None
    wanted = [pieces.piece for pieces in goods.lines]
    if problems := rules.faults(bought, wanted):
        return Verdict(problem="; ".join(f"{fault.field}: {fault.problem}" for fault in problems))
    liable = RULES[goods.reason].liable
    window = opening.policy.deadlines().duration(DeadlineId.T9)
    return Verdict(
        findings=rules.findings(bought, wanted, goods.reason, at, window),
        liable=liable,
        worth_by={one: rules.worth(bought, wanted, one) for one in Liable},
    )


def _opened(step: CaseStep, verdict: Verdict, state: ReturnState) -> dict[str, object]:
    assert step.opening is not None
    goods = step.opening.goods
    assert goods is not None
    return {
        "case_no": step.case_no,
        "order_no": step.order_no,
        "reason": goods.reason,
        "wish": goods.wish,
        "state": state,
        "findings": Jsonb([finding.value for finding in verdict.findings]),
        "liable": verdict.liable,
        "worth": verdict.worth,
        "at": step.at,
    }


async def change(conn: Connection, step: CaseStep, wanted: ReturnChange) -> None:
    """Write what a step changes; the graded goods are put where they belong, once."""
    await conn.execute(
        _CHANGE, wanted.model_dump(exclude={"graded", "stock"}) | {"case_no": step.case_no, "at": step.at}
    )
    if wanted.graded:
        await _grade(conn, step.case_no, wanted.graded)
    if wanted.stock:
        await conn.execute(_PUT_AWAY, {"case_no": step.case_no, "order_no": step.order_no, "at": step.at})


async def _grade(conn: Connection, case_no: str, graded: Sequence[GradedPieces]) -> None:
    rows = Jsonb([one.model_dump(mode="json") for one in graded])
    await conn.execute(_GRADE, {"case_no": case_no, "graded": rows})


# --- looking -----------------------------------------------------------------------------------


async def sale(conn: Connection, order_no: str, *, but: str = "") -> Sale:
    """What the rules need to know of an order; ``but`` leaves one return out of what went back."""
    cursor = await conn.execute(_SALE, {"order_no": order_no, "given_up": list(GIVEN_UP), "but": but})
    rows = await cursor.fetchall()
    if not rows:
        return Sale(())
    first = rows[0]
    lines = [Bought(row["line_no"], row["quantity"], row["net"], row["returned"], row["returnable"]) for row in rows]
    return Sale(lines, first["shipping"], first["tax"], first["discount"], first["signed_at"])


async def of_case(conn: Connection, case_no: str) -> Row | None:
    """The return of a case with its ``lines`` and ``grades``; None where the case is no return."""
    cursor = await conn.execute(f"{_RETURN} WHERE r.case_no = %s".encode(), (case_no,))
    return await cursor.fetchone()


async def of_order(conn: Connection, order_no: str) -> Sequence[Row]:
    """The returns of an order, the oldest first."""
    cursor = await conn.execute(
        f"{_RETURN} WHERE r.order_no = %s ORDER BY r.opened_at, r.case_no".encode(), (order_no,)
    )
    return await cursor.fetchall()


async def quarantine(conn: Connection) -> Sequence[Row]:
    """What stands in quarantine: warehouse, sku, grade, on_hand."""
    cursor = await conn.execute("SELECT * FROM quarantine WHERE on_hand > 0 ORDER BY warehouse, sku, grade")
    return await cursor.fetchall()


_OPEN = """
INSERT INTO returns (case_no, order_no, reason, wish, state, findings, liable, worth, postage, opened_at)
VALUES (%(case_no)s, %(order_no)s, %(reason)s, %(wish)s, %(state)s, %(findings)s, %(liable)s, %(worth)s, 0, %(at)s)
"""

# A line that the order does not have is not kept: the return is void then.
_LINES = """
INSERT INTO return_lines (case_no, line_no, sku, quantity)
SELECT r.case_no, o.line_no, o.sku, max(l.quantity)
FROM returns r JOIN order_lines o USING (order_no)
JOIN jsonb_to_recordset(%(lines)s) AS l (line_no integer, quantity integer) ON l.line_no = o.line_no
WHERE r.case_no = %(case_no)s GROUP BY r.case_no, o.line_no, o.sku
"""

_CHANGE = """
UPDATE returns SET
    state = %(state)s,
    rma_no = coalesce(%(rma_no)s, rma_no),
    due_at = coalesce(%(due)s, due_at),
    liable = coalesce(%(liable)s, liable),
    worth = coalesce(%(worth)s, worth),
    postage = coalesce(%(postage)s, postage),
    warehouse = coalesce(%(warehouse)s, warehouse),
    received_at = CASE WHEN %(state)s = 'received' THEN %(at)s ELSE received_at END,
    inspected_at = CASE WHEN %(state)s IN ('passed', 'failed') THEN %(at)s ELSE inspected_at END
WHERE case_no = %(case_no)s
"""

_GRADE = """
INSERT INTO return_grades (case_no, line_no, grade, quantity)
SELECT %(case_no)s, g.line_no, g.grade, sum(g.quantity)
FROM jsonb_to_recordset(%(graded)s) AS g (line_no integer, grade text, quantity integer)
GROUP BY g.line_no, g.grade
ON CONFLICT (case_no, line_no, grade) DO UPDATE SET quantity = excluded.quantity
"""

# One statement: what can be sold again goes to the shelf of the warehouse that has it, as the lot
# of returned goods; the rest into quarantine. The ledgers' keys keep it single.
_PUT_AWAY = """
WITH back AS (
    SELECT r.warehouse, l.sku, g.grade, sum(g.quantity)::integer AS pieces
    FROM returns r JOIN return_lines l USING (case_no) JOIN return_grades g USING (case_no, line_no)
    WHERE r.case_no = %(case_no)s
        AND NOT EXISTS (SELECT FROM stock_ledger WHERE key LIKE 'return:' || %(case_no)s || ':%%')
        AND NOT EXISTS (SELECT FROM quarantine_ledger WHERE case_no = %(case_no)s)
    GROUP BY r.warehouse, l.sku, g.grade
), shelf AS (
    INSERT INTO stock_items (warehouse, sku, on_hand, reserved)
    SELECT warehouse, sku, pieces, 0 FROM back WHERE grade = 'resell' ORDER BY sku, warehouse
    ON CONFLICT (warehouse, sku) DO UPDATE SET on_hand = stock_items.on_hand + excluded.on_hand
    RETURNING warehouse, sku
), lots AS (
    INSERT INTO stock_lots (warehouse, sku, lot, bin, on_hand)
    SELECT warehouse, sku, 'returned', 'RETURNS', pieces FROM back JOIN shelf USING (warehouse, sku)
    WHERE grade = 'resell'
    ON CONFLICT (warehouse, sku, lot) DO UPDATE SET on_hand = stock_lots.on_hand + excluded.on_hand
), noted AS (
    INSERT INTO stock_ledger (warehouse, sku, on_hand_delta, reserved_delta, order_no, key, at, why)
    SELECT warehouse, sku, pieces, 0, %(order_no)s, 'return:' || %(case_no)s || ':' || sku, %(at)s, 'returned'
    FROM back WHERE grade = 'resell'
), apart AS (
    INSERT INTO quarantine (warehouse, sku, grade, on_hand)
    SELECT warehouse, sku, grade, pieces FROM back WHERE grade <> 'resell'
    ON CONFLICT (warehouse, sku, grade) DO UPDATE SET on_hand = quarantine.on_hand + excluded.on_hand
)
INSERT INTO quarantine_ledger (warehouse, sku, grade, delta, case_no, key, at)
SELECT warehouse, sku, grade, pieces, %(case_no)s, %(case_no)s || ':' || sku || ':' || grade, %(at)s
FROM back WHERE grade <> 'resell'
"""

# Pieces whose money went back by line are not the buyer's to return, whether they were sent or not.
# An exchanged order counts as signed when its newest replacement is: the window opens anew for it.
_SALE = """
SELECT l.line_no, l.quantity, l.quantity * l.unit_price - l.discount AS net, o.shipping, o.tax, o.discount,
    (coalesce(back.pieces, 0) + l.refunded_quantity)::integer AS returned, coalesce(p.returnable, true) AS returnable,
    CASE WHEN o.status IN ('signed', 'archived') THEN (
        SELECT max(signed_at) FROM parcels JOIN orders s USING (order_no)
        WHERE (order_no = o.order_no OR s.replaces = o.order_no) AND state = 'signed'
    ) END AS signed_at
FROM orders o JOIN order_lines l USING (order_no) LEFT JOIN products p USING (sku)
LEFT JOIN LATERAL (
    SELECT sum(r.quantity) AS pieces FROM return_lines r JOIN returns t USING (case_no)
    WHERE t.order_no = o.order_no AND r.line_no = l.line_no AND t.state <> ALL(%(given_up)s)
        AND t.case_no <> %(but)s
) back ON true
WHERE o.order_no = %(order_no)s ORDER BY l.line_no
"""

_RETURN = """
SELECT r.*, lines.lines, coalesce(grades.grades, '[]') AS grades FROM returns r
LEFT JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('line_no', line_no, 'sku', sku, 'quantity', quantity)
        ORDER BY line_no), '[]') AS lines FROM return_lines WHERE case_no = r.case_no
) lines ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('line_no', line_no, 'grade', grade, 'quantity', quantity)
        ORDER BY line_no, grade) AS grades FROM return_grades WHERE case_no = r.case_no
) grades ON true
"""
