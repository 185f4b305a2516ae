"""The ``orderflow`` command: its groups, and how it ends."""

from __future__ import annotations

import os
import sys

import typer

from cli import (
    accounts,
    audit,
    audit_export,
    backup,
    blacklist,
    console,
    deadlines,
    digest,
    doctor,
    erase,
    importing,
    keys,
    migrate,
    processes,
    reconcile,
    restore,
    roles,
    rules,
    schedules,
    stack,
    token,
    tokens,
)
from runtime import garbage

app = typer.Typer(
    name="orderflow",
    help="Order management where every order is one durable Temporal workflow.",
    no_args_is_help=True,
    add_completion=False,
    # Its traceback shows the values of local variables, and those may be personal (R21).
    pretty_exceptions_enable=False,
)
app.command("up")(stack.up)
app.command("demo")(stack.demo)
app.command("worker")(processes.worker)
app.command("api")(processes.api)
app.command("console")(console.console)
app.command("migrate")(migrate.migrate)
app.command("schedules")(schedules.schedules)
app.command("deadlines")(deadlines.deadlines)
app.command("digest")(digest.digest)
app.command("token")(token.token)
app.command("doctor")(doctor.doctor)
app.command("reconcile")(reconcile.reconcile)
app.add_typer(rules.app, name="rules")
app.add_typer(blacklist.app, name="blacklist")
app.command("import")(importing.import_orders)
app.add_typer(audit.app, name="audit")
audit.app.command("export")(audit_export.export)
app.add_typer(keys.app, name="keys")
app.command("erase")(erase.erase)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("roles")(roles.roles)
app.add_typer(accounts.app, name="accounts")
app.add_typer(tokens.app, name="tokens")


def run() -> None:
    """Entry point of the script; leaves with the command's exit code."""
    garbage.look_seldom()
    try:
        app()
    except SystemExit as end:
        _leave(end)


def _leave(end: SystemExit) -> None:
    """Processes that used Temporal's native core can die in a late thread at exit (sdk-python #300)."""
    if "temporalio" not in sys.modules or not isinstance(end.code, int | None):
        raise end
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(end.code or 0)
