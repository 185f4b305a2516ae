"""Emergencies: bulk holds, peak mode, broadcasts, daily digests (R7, R25, T17)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create them; a deadline can stand still."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; the record of acts stays."""
    op.get_bind().exec_driver_sql(
        """
        DROP TABLE digests, broadcasts, peak_modes, bulk_hold_orders, bulk_holds;
        UPDATE deadlines SET state = 'running', left_seconds = NULL WHERE state = 'stopped';
        DROP INDEX deadlines_running;
        ALTER TABLE deadlines DROP CONSTRAINT deadlines_state_check;
        ALTER TABLE deadlines DROP COLUMN left_seconds;
        ALTER TABLE deadlines ADD CONSTRAINT deadlines_state_check
            CHECK (state IN ('running', 'met', 'passed', 'waived'));
        CREATE INDEX deadlines_running ON deadlines (due_at, subject, deadline) WHERE state = 'running';
        """
    )
