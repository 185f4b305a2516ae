"""A second factor, recovery codes, passwords to be changed, and sessions that their owner can tell apart (R22)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
ALTER TABLE sessions DROP COLUMN session_id, DROP COLUMN how, DROP COLUMN address;
ALTER TABLE accounts DROP COLUMN password_by_another;
DROP TABLE recovery_codes, second_factors;
"""


def upgrade() -> None:
    """Create the tables and columns; every session ends by it."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take them away: afterwards a password alone opens every account again."""
    op.get_bind().exec_driver_sql(_DOWN)
