"""``orderflow roles``: who may do what, from the one table that the doors ask (R22)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import AsJson, print_json, print_table, refuse
from domain.permissions import GRANTS, Permission, Role

_WRONG_OPTIONS = 2
_YES, _NO = "✓", "·"

_PAGE = """# Who may do what

Printed by `orderflow roles --markdown` from `domain/permissions.py`, the one table that every door and every
workflow asks (R22). What is not marked is refused; a role that is not here may nothing. A test keeps this page
and the table the same: after a change run `orderflow roles --markdown > docs/roles.md`.

{table}
"""


def roles(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/roles.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the table role × permission; a permission that is not marked is refused.

    Exit codes: 0 shown, 2 two forms were asked for at once.
    """
    if markdown and as_json:
        refuse("--json and --markdown exclude each other", _WRONG_OPTIONS)
    if as_json:
        print_json({role.value: sorted(GRANTS.get(role, ())) for role in Role})
    elif markdown:
        typer.echo(page(), nl=False)
    else:
        print_table([_row(permission) for permission in Permission])


def page() -> str:
    """docs/roles.md as it must read."""
    heading = ["permission", *(role.value.replace("_", " ") for role in Role)]
    rule = ["---", *(":-:" for _ in Role)]
    rows = [[f"`{permission.value}`", *_marks(permission)] for permission in Permission]
    lines = [f"| {' | '.join(cells)} |" for cells in (heading, rule, *rows)]
    return _PAGE.format(table="\n".join(lines))


def _row(permission: Permission) -> dict[str, str]:
    return {"permission": permission.value} | dict(zip((role.value for role in Role), _marks(permission), strict=True))


def _marks(permission: Permission) -> list[str]:
    return [_YES if permission in GRANTS.get(role, ()) else _NO for role in Role]
