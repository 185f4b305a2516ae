"""Accounts, sessions and machine tokens: who signs in, and with what (R22)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create the tables of sign-in."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them: nobody is signed in afterwards; the record of acts stays."""
    op.get_bind().exec_driver_sql("DROP TABLE machine_tokens, sign_in_failures, sign_in_codes, sessions, accounts")
