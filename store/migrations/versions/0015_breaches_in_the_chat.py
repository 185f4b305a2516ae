"""Breached deadlines reach the group chat, each once (R25)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Remember of each alert whether the chat has it."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget it; the alerts stay."""
    op.get_bind().exec_driver_sql("DROP INDEX alerts_for_the_chat; ALTER TABLE alerts DROP COLUMN chat")
