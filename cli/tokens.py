"""``orderflow tokens``: what integrators' machines come in with (R22). A token is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.accounts import By, Why, act_of
from cli.keeping import with_database
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from domain.permissions import GRANTS, Permission, Role

if TYPE_CHECKING:
    from store.pool import Pool, Row

_WRONG, _REFUSED = 2, 3
_PAGE = 200

app = typer.Typer(help="Issue, list and revoke the tokens of machines.", no_args_is_help=True)


@app.command()
def issue(
    label: Annotated[str, typer.Argument(help="What it is for, in letters and digits.")],
    by: By,
    why: Why,
    channel: Annotated[list[str] | None, typer.Option(help="Confined to it; repeat for more.")] = None,
    permission: Annotated[list[Permission] | None, typer.Option(help="Only this of the role's; repeat.")] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it is good.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Issue a token and print it, this once. Exit codes: 2 faulty, 4 no database."""
    from store import machine_tokens

    if beyond := set(permission or ()) - GRANTS[Role.INTEGRATOR]:
        refuse(f"no integrator has {', '.join(sorted(beyond))}", _WRONG)
    act = act_of(by, why)
    new = machine_tokens.NewToken(label, channel or (), permission, act.at + timedelta(days=days))

    async def work(pool: Pool) -> tuple[str, Row]:
        async with pool.connection() as conn:
            return await machine_tokens.issue(conn, new, act)

    token, row = with_database(settings_or_exit(), work)
    if as_json:
        print_json({"token": token} | _plain(row))
    else:
        typer.echo(f"{row['token_id']}, good until {row['expires_at']:%Y-%m-%d %H:%M} UTC, shown this once:")
        typer.echo(token)


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the tokens, expired and revoked ones too; never a token itself."""
    rows = [_plain(row) for row in with_database(settings_or_exit(), _all)]
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows)
    else:
        typer.echo("no token was issued yet")


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(help="Its id, as the list shows it.")], by: By, why: Why) -> None:
    """From the next request on it opens nothing. Exit codes: 3 there is none, 4 no database."""
    from store import machine_tokens

    act = act_of(by, why)

    async def work(pool: Pool) -> None:
        async with pool.connection() as conn:
            await machine_tokens.revoke(conn, token_id, act)

    try:
        with_database(settings_or_exit(), work)
    except machine_tokens.UnknownToken as error:
        refuse(str(error), _REFUSED)
    typer.echo(f"{token_id} is revoked")


async def _all(pool: Pool) -> list[Row]:
    from store import machine_tokens

    rows: list[Row] = []
    async with pool.connection() as conn:
        while page := await machine_tokens.page(conn, after=rows[-1]["token_id"] if rows else "", limit=_PAGE):
            rows += page
    return rows


def _plain(row: Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("token_id", "label", "channels", "permissions", "issued_by")}
    times = ("expires_at", "revoked_at", "last_used_at")
    return told | {name: row[name] and row[name].isoformat(timespec="seconds") for name in times}
