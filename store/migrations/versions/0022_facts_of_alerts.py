"""What is told, and why the system opened a case, can be said in more than one language."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
ALTER TABLE alerts DROP COLUMN facts;
ALTER TABLE cases DROP COLUMN reason_code, DROP COLUMN reason_facts;
"""


def upgrade() -> None:
    """Keep facts and codes beside the words."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget them; the words stay."""
    op.get_bind().exec_driver_sql(_DOWN)
