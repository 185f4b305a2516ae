"""Refunds that people ask for, four eyes, and money given back by another road (R16)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision
_VIEW_BEFORE = Path(__file__).parent.parent / "sql" / "0002" / "1_sweep.sql"


def upgrade() -> None:
    """Create the refunds; the ledger learns of compensation."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; fails while the ledger holds a compensation, which no older version could count."""
    bind = op.get_bind()
    bind.exec_driver_sql("DROP TABLE refunds")
    bind.exec_driver_sql("ALTER TABLE order_lines DROP COLUMN refunded_quantity")
    bind.exec_driver_sql("ALTER TABLE payment_entries DROP CONSTRAINT payment_entries_kind_check")
    bind.exec_driver_sql(
        "ALTER TABLE payment_entries ADD CONSTRAINT payment_entries_kind_check CHECK ("
        "kind IN ('authorised', 'captured', 'failed', 'refund_ordered', 'refunded', 'collected'))"
    )
    before = _VIEW_BEFORE.read_text(encoding="utf-8")
    view = before[before.index("CREATE VIEW payment_sums") :].replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)
    bind.exec_driver_sql(view)
