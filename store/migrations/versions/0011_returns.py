"""Returns with their lines, grades and quarantine; replacement orders linked to what they replace (R16)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Create the returns, and the links between orders."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; the record of acts stays."""
    op.get_bind().exec_driver_sql(
        "DROP TABLE quarantine_ledger, quarantine, return_grades, return_lines, returns, replacements;"
        "ALTER TABLE orders DROP COLUMN replaces, DROP COLUMN for_case;"
        "ALTER TABLE cases DROP COLUMN remedy; ALTER TABLE products DROP COLUMN returnable"
    )
