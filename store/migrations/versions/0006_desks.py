"""The desks: reveals, lists, views, tracking links (R7, R12, R21)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision
INDEXES = (
    "audit_entries_reveals", "orders_placed", "orders_due", "orders_held", "orders_risk", "orders_channel_order_id",
    "reservations_warehouse",
)  # fmt: skip


def upgrade() -> None:
    """Create what the desks need."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop it; the record of acts stays."""
    op.get_bind().exec_driver_sql("DROP TABLE tracking_links, saved_views")
    op.get_bind().exec_driver_sql(f"DROP INDEX {', '.join(INDEXES)}")
