"""What was heard of each channel's order, and what outside warehouses counted (accidents 1, 7 and 8)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "stock_shortfalls",
    "stock_movements",
    "stock_messages",
    "stock_counts",
    "channel_pulls",
    "channel_versions",
)
SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create the tables."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; counters and ledger stay."""
    for table in TABLES:
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
