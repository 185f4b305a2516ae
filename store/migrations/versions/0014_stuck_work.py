"""What does not go on by itself, and the record searched by time."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
DROP INDEX audit_entries_at, inbox_failing, notices_failing;
DROP TABLE retrying;
"""


def upgrade() -> None:
    """Create the table and the indexes."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them."""
    op.get_bind().exec_driver_sql(_DOWN)
