"""``orderflow accounts``: who signs in, in which role (R22). The first administrator comes from here.

A password is read from standard input, or asked for without showing it: on the command line
it would stay in the shell's history.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.keeping import with_database
from cli.output import AsJson, print_json, print_table, refuse, settings_or_exit
from domain.permissions import Role

if TYPE_CHECKING:
    from store.accounts import Act
    from store.pool import Connection, Pool, Row

_WRONG, _REFUSED = 2, 3
_PAGE = 200

app = typer.Typer(help="Show and change the accounts of the staff.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The username.")]
By = Annotated[str, typer.Option(help="Your staff id.")]
Why = Annotated[str, typer.Option(help="The reason, kept in the record.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and print it, this once.")]


@app.command()
def add(
    username: Username,
    role: Annotated[Role, typer.Option(help="The role (R22).")],
    by: By,
    why: Why,
    warehouse: Annotated[list[str] | None, typer.Option(help="Confined to it; repeat for more.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Confined to it; repeat for more.")] = None,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Open an account; its password is to be changed within a week. Exit codes: 2 faulty, 3 refused, 4 no database."""
    from domain.sign_in import username_fault, username_of
    from runtime.passwords import hash_password
    from store import accounts

    name = username_of(username)
    if fault := username_fault(name):
        refuse(f"the username {fault}", _WRONG)
    if role is Role.INTEGRATOR:
        refuse("integrator is a machine's role: orderflow tokens issue", _WRONG)
    password = _password(name, generate=generate)
    new = accounts.NewAccount(
        name, role, hash_password(password), warehouses=warehouse or (), channels=channel or (),
        password_by_another=True,
    )  # fmt: skip
    row = _changed(by, why, lambda conn, act: accounts.create(conn, new, act))
    _tell(row, password if generate else None, as_json=as_json)


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """List the accounts, disabled ones too."""
    rows = with_database(settings_or_exit(), _all)
    if as_json:
        print_json([_plain(row) for row in rows])
    elif rows:
        print_table([_plain(row) for row in rows])
    else:
        typer.echo("there is no account yet: orderflow accounts add")


@app.command()
def role(username: Username, new: Annotated[Role, typer.Argument(help="The role to give.")], by: By, why: Why) -> None:
    """Give another role; every session of the account ends."""
    from store import accounts

    if new is Role.INTEGRATOR:
        refuse("integrator is a machine's role: orderflow tokens issue", _WRONG)

    async def change(conn: Connection, act: Act) -> Row:
        return await accounts.change_role(conn, await accounts.id_of(conn, username), new, act)

    _tell(_changed(by, why, change))


@app.command()
def disable(username: Username, by: By, why: Why) -> None:
    """Nobody signs in with it any more; whoever is signed in is out at the next request."""
    from store import accounts

    async def change(conn: Connection, act: Act) -> Row:
        return await accounts.disable(conn, await accounts.id_of(conn, username), act)

    _tell(_changed(by, why, change))


@app.command()
def enable(username: Username, by: By, why: Why) -> None:
    """Let it sign in again."""
    from store import accounts

    async def change(conn: Connection, act: Act) -> Row:
        return await accounts.enable(conn, await accounts.id_of(conn, username), act)

    _tell(_changed(by, why, change))


@app.command()
def password(username: Username, by: By, why: Why, generate: Generate = False, as_json: AsJson = False) -> None:
    """Set another password, to be changed at the next sign-in, within a week; every session of the account ends."""
    from runtime.passwords import hash_password
    from store import accounts

    fresh = _password(username, generate=generate)
    hashed = hash_password(fresh)

    async def change(conn: Connection, act: Act) -> Row:
        return await accounts.set_password(conn, await accounts.id_of(conn, username), hashed, act)

    _tell(_changed(by, why, change), fresh if generate else None, as_json=as_json)


@app.command("reset-second-factor")
def reset_second_factor(username: Username, by: By, why: Why) -> None:
    """Take the second factor and its recovery codes away, for whoever lost them; every session of the account ends."""
    from store import accounts, second_factors

    async def change(conn: Connection, act: Act) -> Row:
        return await second_factors.reset(conn, await accounts.id_of(conn, username), act)

    _tell(_changed(by, why, change))


@app.command("sign-out")
def sign_out(
    by: By,
    why: Why,
    username: Annotated[str | None, typer.Argument(help="The username.")] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="Every account.")] = False,
) -> None:
    """End every session of an account, or of everybody; they may sign in again."""
    from store import accounts

    if (username is None) is not everybody:
        refuse("say a username, or --everybody", _WRONG)
    for name in [username] if username else [row["username"] for row in with_database(settings_or_exit(), _all)]:

        async def change(conn: Connection, act: Act, name: str = name) -> Row:
            return await accounts.end_sessions(conn, await accounts.id_of(conn, name), act)

        _tell(_changed(by, why, change))


def _changed(by: str, why: str, change: Callable[[Connection, Act], Awaitable[Row]]) -> Row:
    from store.accounts import AccountError

    act = act_of(by, why)

    async def work(pool: Pool) -> Row:
        async with pool.connection() as conn:
            return await change(conn, act)

    try:
        return with_database(settings_or_exit(), work)
    except AccountError as error:
        refuse(str(error), _REFUSED)


def act_of(by: str, why: str) -> Act:
    """What somebody at the command line does, for the record; exit code 2 when it is not said by whom."""
    from models.base import Actor
    from store.accounts import Act

    if not by.strip() or not why.strip():
        refuse("say --by whom and --why: both are kept in the record (R23)", _WRONG)
    return Act(Actor(id=by.strip(), role=Role.ADMINISTRATOR.value), datetime.now(UTC), why.strip())


async def _all(pool: Pool) -> list[Row]:
    from store import accounts

    rows: list[Row] = []
    async with pool.connection() as conn:
        while page := await accounts.page(conn, after=rows[-1]["username"] if rows else "", limit=_PAGE):
            rows += page
    return rows


def _password(username: str, *, generate: bool) -> str:
    from runtime.weak_passwords import fault as fault_of

    text = _generated() if generate else _asked()
    if fault := fault_of(text, username, settings_or_exit().breached_list()):
        refuse(f"the password {fault}", _WRONG)
    return text


def _generated() -> str:
    import secrets

    return secrets.token_urlsafe(18)


def _asked() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def _tell(row: Row, generated: str | None = None, *, as_json: bool = False) -> None:
    if as_json:
        print_json(_plain(row) | ({"password": generated} if generated else {}))
        return
    state = "disabled" if row["disabled_at"] else "in use"
    typer.echo(f"{row['username']}: {row['staff_id']}, {row['role']}, {state}")
    if generated:
        typer.echo(f"password, shown this once: {generated}")


def _plain(row: Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("username", "staff_id", "role", "warehouses", "channels", "second_factor")}
    times = {name: row[name] and row[name].isoformat(timespec="seconds") for name in ("disabled_at", "last_sign_in")}
    return told | times
