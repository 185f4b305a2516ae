"""What each parcel collects at the door, and which goods a shortage lacks (R9, R14, R26)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
DROP INDEX cases_short_of, cases_cross_department;
ALTER TABLE cases DROP COLUMN skus;
ALTER TABLE parcels DROP COLUMN collect_minor;
"""


def upgrade() -> None:
    """Add the columns and fill them in."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them."""
    op.get_bind().exec_driver_sql(_DOWN)
