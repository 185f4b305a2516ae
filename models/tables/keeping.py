"""The signed roots over the record of acts (R23): append-only, like the record itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.tables.columns import Timestamptz


class AuditAnchorRow(SQLModel, table=True):
    """One signed root. ``heads`` is the hash over its ``chains`` new heads; ``previous`` the root before it."""

    __tablename__ = "audit_anchors"

    anchor_no: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Timestamptz)
    wall_at: datetime = Field(sa_type=Timestamptz)
    chains: int
    heads: bytes
    previous: bytes
    root: bytes
    public_key: bytes
    signature: bytes


class AuditAnchorHeadRow(SQLModel, table=True):
    """The hash with which a chain ended at this length, when the anchor was made."""

    __tablename__ = "audit_anchor_heads"

    subject: str = Field(primary_key=True)
    length: int = Field(primary_key=True)
    head: bytes
    anchor_no: int = Field(foreign_key="audit_anchors.anchor_no")
