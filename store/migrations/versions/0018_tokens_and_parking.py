"""Machine tokens in the review of rights, and an end for messages that nobody can forward (T16, T21)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create and change the tables."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop what was added."""
    op.get_bind().exec_driver_sql("DROP TABLE rights_review_tokens")
