"""The sums of an order's ledger say how often they were made: whoever reads two answers knows the newer (R3)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Count from here on."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Count no longer."""
    op.get_bind().exec_driver_sql("ALTER TABLE payments DROP COLUMN version")
