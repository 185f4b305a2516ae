"""Risk counters and rules, the differences the sweep found, and the habits of those who send us messages."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create the tables."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop the tables, and what was added to the blacklist."""
    bind = op.get_bind()
    for table in ("sweep_differences", "rule_sets", "review_facts", "risk_events", "inbox_hours"):
        bind.exec_driver_sql(f"DROP TABLE {table}")
    bind.exec_driver_sql("DROP VIEW payment_sums")
    bind.exec_driver_sql("ALTER TABLE blacklist DROP COLUMN entry_no, DROP COLUMN source")
