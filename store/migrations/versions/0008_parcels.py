"""Goods that leave in several parcels: reservations know what has left (R9, R12)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision


def upgrade() -> None:
    """Count what has left beside what is held."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """One number again; of goods that left in part, what is still held is kept."""
    op.get_bind().exec_driver_sql(
        "ALTER TABLE reservations DROP CONSTRAINT reservations_quantity_check;"
        "UPDATE reservations SET quantity = shipped WHERE state = 'shipped';"
        "ALTER TABLE reservations ADD CONSTRAINT reservations_quantity_check CHECK (quantity > 0);"
        "ALTER TABLE reservations DROP COLUMN shipped"
    )
