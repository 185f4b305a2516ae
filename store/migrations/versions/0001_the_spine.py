"""The spine: orders, audit, stock, money, fulfilment, people and messages.

The tables are written as SQL, one file per room of the business, because constraints,
partial indexes and triggers are the point here; models/tables mirrors them for Python,
and a test keeps both the same.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create everything."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """There is no way back from the first migration: drop the database instead."""
    raise NotImplementedError("the first migration cannot be undone; drop the database instead")
