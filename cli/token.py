"""``orderflow token``: a bearer token for trying things out; development only."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import AsJson, print_json, refuse, settings_or_exit

_NOT_IN_PRODUCTION = 2
_WRONG_ROLE = 2


def token(
    role: Annotated[str, typer.Option(help="The role to act in (R22), for instance reviewer.")],
    subject: Annotated[str | None, typer.Option(help="The staff id it names.  [default: dev-ROLE]")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 365, help="How long it is good.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Print a bearer token for the API. In production people sign in, so it refuses there."""
    settings = settings_or_exit()
    if settings.environment == "production":
        refuse("tokens are made here in development only", _NOT_IN_PRODUCTION)

    from api.auth import issue_token
    from domain.permissions import Role

    if role not in set(Role):
        refuse(f"{role} is no role; the roles are {', '.join(Role)}", _WRONG_ROLE)
    name = subject or f"dev-{role}"
    bearer = issue_token(settings, Role(role), name, hours)
    if as_json:
        print_json({"token": bearer, "role": role, "subject": name, "hours": hours})
    else:
        typer.echo(bearer)
