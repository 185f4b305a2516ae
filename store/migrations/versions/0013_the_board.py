"""The board's sums by hour and channel, and parcels by how long they are silent (R33)."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_DOWN = """
DROP INDEX parcels_by_silence;
DROP TRIGGER board_count_parcel ON parcels;
DROP TRIGGER board_count_case ON cases;
DROP TRIGGER board_count_clock ON deadlines;
DROP TRIGGER board_count_order ON orders;
DROP TRIGGER board_place_order ON orders;
DROP FUNCTION board_count_parcel(), board_count_case(), board_count_clock(), board_count_order(),
    board_place_order(), board_channel(text), board_promise(text), board_stage(text);
ALTER TABLE orders DROP COLUMN status_since, DROP COLUMN stage;
DROP TABLE board_cells, board_deltas;
"""


def upgrade() -> None:
    """Create tables and triggers, and count what is on record."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; what they counted can be counted again."""
    op.get_bind().exec_driver_sql(_DOWN)
