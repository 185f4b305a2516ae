"""The monthly review of rights: what each person may do, when they last did it, and who said that it stays (T16)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create the tables of the review."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; the record of acts stays."""
    op.get_bind().exec_driver_sql("DROP TABLE rights_review_items, rights_reviews, right_uses")
