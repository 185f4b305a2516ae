"""``orderflow roles``: who may do what, from the one table that the doors ask (R22)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.output import AsJson, print_json, print_table, refuse
from domain.permissions import GRANTS, Permission, Role
from domain.personal import Form, PersonField, cells

_WRONG_OPTIONS = 2
_YES, _NO = "✓", "·"

_PAGE = """# Who may do what

Printed by `orderflow roles --markdown` from `domain/permissions.py`, the one table that every door and every
workflow asks (R22). What is not marked is refused; a role that is not here may nothing. A test keeps this page
and the table the same: after a change run `orderflow roles --markdown > docs/roles.md`.

{table}

## What each role sees of a buyer

From `domain/personal.py`, of which every view of a person is built (R21): what a permission does not name is not
shown by it, to anybody. `masked` is `王*`, `138****5678`, and texts without numbers, mail addresses, the buyer's name
and street. `contact.reveal` shows what is asked for with a purpose, `label.print` what stands on the label; both
go on record. The account at the channel is shown to nobody: it can only be searched for.

{fields}
"""


def roles(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/roles.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the table role × permission × field; a permission that is not marked is refused, a field not shown.

    Exit codes: 0 shown, 2 two forms were asked for at once.
    """
    if markdown and as_json:
        refuse("--json and --markdown exclude each other", _WRONG_OPTIONS)
    if as_json:
        print_json({role.value: _of(role) for role in Role})
    elif markdown:
        typer.echo(page(), nl=False)
    else:
        print_table([_row(permission) for permission in Permission])
        print_table([_field_row(*cell) for cell in cells()])


def page() -> str:
    """docs/roles.md as it must read."""
    table = [[f"`{permission.value}`", *_marks(permission)] for permission in Permission]
    fields = [
        [f"`{permission.value}`", field.value, form.value, *_marked(seen_by)]
        for permission, field, form, seen_by in cells()
    ]
    return _PAGE.format(
        table=_markdown(["permission"], table), fields=_markdown(["permission", "field", "form"], fields)
    )


def _markdown(heading: list[str], rows: list[list[str]]) -> str:
    heads = [*heading, *(role.value.replace("_", " ") for role in Role)]
    rule = [*("---" for _ in heading), *(":-:" for _ in Role)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, rule, *rows))


def _of(role: Role) -> dict[str, object]:
    shown = [
        {"permission": permission.value, "field": field.value, "form": form.value}
        for permission, field, form, seen_by in cells()
        if role in seen_by
    ]
    return {"permissions": sorted(GRANTS.get(role, ())), "fields": shown}


def _field_row(permission: Permission, field: PersonField, form: Form, seen_by: frozenset[Role]) -> dict[str, str]:
    cell = {"permission": permission.value, "field": field.value, "form": form.value}
    return cell | dict(zip((role.value for role in Role), _marked(seen_by), strict=True))


def _row(permission: Permission) -> dict[str, str]:
    return {"permission": permission.value} | dict(zip((role.value for role in Role), _marks(permission), strict=True))


def _marks(permission: Permission) -> list[str]:
    return _marked(frozenset(role for role in Role if permission in GRANTS.get(role, ())))


def _marked(roles: frozenset[Role]) -> list[str]:
    return [_YES if role in roles else _NO for role in Role]
