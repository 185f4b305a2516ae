"""Refunds that a provider accepted and whose money came back: an entry of their own in the ledger (R3)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
DELETE FROM payment_entries WHERE kind = 'refund_failed';
DROP VIEW payment_sums;
DROP VIEW payment_entries_standing;
DROP INDEX payment_entries_failed_refunds;
"""


def upgrade() -> None:
    """Add the kind, and the view of what counts."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Put the ledger back as it was; such refunds count as given back again."""
    op.get_bind().exec_driver_sql(_DOWN)
    op.get_bind().exec_driver_sql((SCRIPTS.parent / "0005" / "2_ledger.sql").read_text(encoding="utf-8"))
