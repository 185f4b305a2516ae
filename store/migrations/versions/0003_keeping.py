"""Signed anchors over the record of acts, the application's grants, and what erasure looks for."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCRIPTS = Path(__file__).parent.parent / "sql" / revision

_UNDO = """
DROP INDEX inbox_refused, contacts_unerased;
DROP FUNCTION grant_to_application();
ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only;
ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_no_truncate;
DROP TABLE audit_anchor_heads, audit_anchors;
"""


def upgrade() -> None:
    """Create the anchors, give the grants, add the indexes."""
    for script in sorted(SCRIPTS.glob("*.sql")):
        op.get_bind().exec_driver_sql(script.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop the anchors. The role and its grants stay: other databases of the server may use it."""
    op.get_bind().exec_driver_sql(_UNDO)
