"""Signing in, accounts, machine tokens: what is sent and what is shown (R22)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from api.schemas.texts import ChannelName, Reason, Words
from domain.permissions import GRANTS, Permission, Role
from domain.second_factor import Owed
from domain.sign_in import LONGEST_PASSWORD, username_fault, username_of

WarehouseCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$"), Field(examples=["SZ"])]
Warehouses = Annotated[
    list[WarehouseCode], Field(max_length=100, description="Confined to these warehouses; empty: to none")
]
Channels = Annotated[list[ChannelName], Field(max_length=100, description="Confined to these channels; empty: to none")]
Password = Annotated[
    SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD, examples=["three invented words, say"])
]
Username = Annotated[str, Words(100, shortest=1), Field(examples=["wang.invented"])]


class Body(BaseModel):
    """What is sent here may hold a secret: no error repeats it."""

    model_config = ConfigDict(hide_input_in_errors=True)


Code = Annotated[
    SecretStr,
    Field(
        max_length=60,
        examples=["123456"],
        description="The second factor's code of now, or a recovery code; empty where the account has none",
    ),
]


class SignIn(Body):
    """Username, password, and the code of the second factor where there is one."""

    username: Username
    password: Password
    code: Code = SecretStr("")


class ExchangeCode(Body):
    """The one-time code with which the browser came back from the identity provider."""

    code: SecretStr = Field(min_length=1, max_length=200, examples=["ofc_Zm9yIGV4YW1wbGUgb25seQ"])


class OwnPassword(Body):
    """One's own password, changed by whoever knows the present one."""

    password: Password
    new_password: Password
    code: Code = SecretStr("")


class StaffView(BaseModel):
    """Whoever is signed in, and what they may do."""

    id: str = Field(examples=["staff-3f9a1c2e"])
    role: Role
    permissions: list[Permission]
    warehouses: list[str] = Field(examples=[["SZ"]])
    channels: list[str] = Field(examples=[[]])
    owes: list[Owed] = Field(
        default=[], examples=[[]], description="What has to be done first: until then every other door answers 403"
    )


class SessionView(BaseModel):
    """A session: send ``access_token`` as a bearer token. It also ends after half an hour without a request."""

    access_token: str = Field(examples=["ofs_Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZw"])
    token_type: str = "Bearer"
    expires_at: datetime
    staff: StaffView


class WhoAmI(BaseModel):
    """Whoever sent the token, and until when it holds at the latest."""

    expires_at: datetime | None
    staff: StaffView


class SignedOut(BaseModel):
    """The session has ended."""

    signed_out: bool = True


class NewAccountBody(Body):
    """An account to open. Without a password it is one for the identity provider only."""

    username: Username
    role: Role = Field(examples=["reviewer"])
    password: Password | None = None
    warehouses: Warehouses = []
    channels: Channels = []
    why: Reason

    @model_validator(mode="before")
    @classmethod
    def _in_small_letters(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("username"), str):
            return {**data, "username": username_of(data["username"])}
        return data

    def faults(self) -> dict[str, str]:
        """What is wrong with the username and the role, by field."""
        found = {"username": username_fault(self.username)}
        if self.role is Role.INTEGRATOR:
            found["role"] = "is a machine's: issue a token instead"
        return {name: fault for name, fault in found.items() if fault is not None}


class Because(Body):
    """Why it is done."""

    why: Reason


class NewRole(Because):
    """The role to give."""

    role: Role = Field(examples=["customer_service"])


class NewPassword(Because):
    """A password set by an administrator; tell it by another road and have it changed."""

    password: Password


class NewScope(Because):
    """What the account is confined to from now on."""

    warehouses: Warehouses = []
    channels: Channels = []


class AccountView(BaseModel):
    """An account: its role, its scope, whether it is in use."""

    staff_id: str = Field(examples=["staff-3f9a1c2e"])
    username: str = Field(examples=["wang.invented"])
    role: str = Field(examples=["reviewer"])
    warehouses: list[str] = Field(examples=[[]])
    channels: list[str] = Field(examples=[[]])
    created_at: datetime
    disabled_at: datetime | None
    last_sign_in: datetime | None
    signs_in_by: str = Field(examples=["password"], description="password, or provider: the company's own")
    second_factor: bool = Field(description="Whether it has one here; the provider's own does not count")
    password_to_change: bool = Field(description="Whether its password is one that somebody else chose")

    @classmethod
    def of(cls, row: dict[str, Any]) -> AccountView:
        """From the store's row."""
        by, to_change = "provider" if row["subject"] else "password", row["password_by_another"]
        return cls(signs_in_by=by, password_to_change=to_change, **row)


class AccountPage(BaseModel):
    """A page of accounts, by username."""

    items: list[AccountView]
    next_cursor: str | None


class NewMachineToken(Body):
    """A token for an integrator's machine."""

    label: str = Field(pattern=r"^[A-Za-z0-9 ._-]{1,60}$", examples=["erp nightly"])
    channels: Channels = []
    permissions: list[Permission] | None = Field(
        default=None, max_length=40, examples=[["order.read"]], description="Fewer than the role integrator's; or all"
    )
    valid_days: int = Field(ge=1, le=366, examples=[90])
    why: Reason

    def beyond_the_role(self) -> list[str]:
        """Permissions asked for that no integrator has."""
        return sorted(set(self.permissions or ()) - GRANTS[Role.INTEGRATOR])


class MachineTokenView(BaseModel):
    """What is kept of a token; the token itself is kept nowhere."""

    token_id: str = Field(examples=["machine-3f9a1c2e"])
    label: str = Field(examples=["erp nightly"])
    channels: list[str]
    permissions: list[str] | None
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    last_used_at: datetime | None


class IssuedToken(MachineTokenView):
    """A fresh token: this is the only time that it is shown."""

    token: str = Field(examples=["ofm_Zm9yIGV4YW1wbGUgb25seSwgb3BlbnMgbm90aGluZw"])


class MachineTokenPage(BaseModel):
    """A page of tokens, by id."""

    items: list[MachineTokenView]
    next_cursor: str | None


class Revoked(BaseModel):
    """The token opens nothing any more."""

    revoked: str = Field(examples=["machine-3f9a1c2e"])
