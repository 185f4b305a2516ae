"""Numbers in paths: what could be one of ours, before the database is asked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

OrderNo = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,20}-[A-Za-z0-9._-]{1,80}$", examples=["site-20240611-0042"])]
TaskNo = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,130}$", examples=["site-20240611-0042-T1"])]
ParcelNo = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,130}$", examples=["site-20240611-0042-P1"])]
