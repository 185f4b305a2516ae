"""The settings of who comes in: sessions, second factor, passwords, the company's identity provider (R22)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from domain.permissions import Role
from domain.second_factor import Wanted
from domain.sign_in import SessionLife
from runtime.durations import Duration
from runtime.weak_passwords import is_such_a_list


class SignInSettings(BaseSettings):
    """Part of ``runtime.settings.Settings``, which reads and checks them."""

    # It stands first: the checks of all others ask for it.
    environment: Literal["development", "production"] = "development"

    session_idle: Duration = timedelta(minutes=30)
    """A session ends when nothing was asked for this long, and ``session_absolute`` after its beginning."""
    session_absolute: Duration = timedelta(hours=12)
    second_factor: Wanted | None = None
    """Which local accounts must have one; left out, everybody in production and nobody in development (ASVS 6.3.3)."""
    breached_passwords: FilePath | Literal["none"] | None = Field(default=None, validate_default=True)
    """A list of breached passwords as sorted SHA-1, in the format of Have I Been Pwned. Production wants it, or
    ``none``, said."""

    oidc_issuer: str | None = None
    """The company's identity provider (OpenID Connect), as its discovery document names it; None: passwords only."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid profile"
    oidc_role_claim: str = "roles"
    oidc_roles: dict[str, Role] = Field(default_factory=dict)
    """Which value of the claim gives which role; the first of this table that somebody has is theirs (R22)."""
    oidc_return_origins: list[str] = Field(default_factory=list)
    """Where a browser may be sent back to, as ``https://desk.example``."""

    @model_validator(mode="after")
    def _knows_its_provider(self) -> Self:
        if self.oidc_issuer is not None and not (self.oidc_client_id and self.oidc_roles and self.oidc_return_origins):
            raise ValueError("ORDERFLOW_OIDC_ISSUER also needs _CLIENT_ID, _ROLES and _RETURN_ORIGINS")
        return self

    @field_validator("breached_passwords")
    @classmethod
    def _is_a_list(cls, value: Path | str | None) -> Path | str | None:
        if isinstance(value, Path) and not is_such_a_list(value):
            raise ValueError("is no sorted list of SHA-1 hashes")
        return value

    def breached_list(self) -> Path | None:
        """The list of breached passwords, if there is one."""
        return self.breached_passwords if isinstance(self.breached_passwords, Path) else None

    def session_life(self) -> SessionLife:
        """How long a sign-in holds."""
        return SessionLife(self.session_idle, self.session_absolute)

    def second_factor_wanted(self) -> Wanted:
        """Of whom a second factor is wanted, said or not."""
        return self.second_factor or (Wanted.EVERYBODY if self.environment == "production" else Wanted.OFFERED)
