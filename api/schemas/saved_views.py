"""A list as a person likes to see it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.texts import Words

_PERSONAL = frozenset({"phone", "account", "name", "email", "address", "remark", "note"})


def _no_person(name: str) -> str:
    # A view lies open in the database: what somebody searched for has no place in it (R21).
    if name in _PERSONAL:
        raise ValueError("is a person's, and is not kept in a view")
    return name


FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_no_person)]
Value = Annotated[str, Words(80)] | bool | Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)] | None


class ViewContent(BaseModel):
    """The filters as the list's own query has them, the order, and the columns."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    filters: Annotated[dict[FieldName, Value], Field(max_length=30)] = Field(
        default_factory=dict, examples=[{"status": "manual_review", "has_case": True}]
    )
    sort: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,40}$")] = Field(default="", examples=["due"])
    columns: Annotated[list[FieldName], Field(max_length=40)] = Field(
        default_factory=list, examples=[["order_no", "due_at"]]
    )


class SavedView(ViewContent):
    """One view of a person's."""

    desk: str = Field(examples=["review"])
    name: str = Field(examples=["大額待審"])
    updated_at: datetime


class SavedViews(BaseModel):
    """A person's views at a desk, by name."""

    items: list[SavedView]
