"""Machine tokens in the review of rights, and an end for messages that nobody can forward (T16, T21)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


_DOWN = """
DROP TABLE rights_review_tokens;
UPDATE inbox SET state = 'received', next_attempt_at = parked_at, parked_at = NULL WHERE state = 'parked';
ALTER TABLE inbox DROP CONSTRAINT inbox_state_check, DROP COLUMN parked_at;
ALTER TABLE inbox ADD CONSTRAINT inbox_state_check CHECK (state IN ('received', 'forwarded', 'refused'));
"""


def upgrade() -> None:
    """Create and change the tables."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop what was added."""
    op.get_bind().exec_driver_sql(_DOWN)
