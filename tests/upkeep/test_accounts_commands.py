"""``orderflow accounts`` and ``orderflow tokens``: the first administrator, and machines (R22)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.sign_in import SessionLife
from runtime.passwords import matches
from store import second_factors, sessions
from store.pool import Connection
from store.sessions import Coming
from tests.fixtures.orders import value
from tests.upkeep.conftest import Orderflow, data
from tests.upkeep.people import vault

BY = ("--by", "staff-first", "--why", "beginning")


async def test_the_first_administrator_is_opened_with_a_password_from_standard_input(
    orderflow: Orderflow, conn: Connection
) -> None:
    opened = await orderflow(
        "accounts", "add", "Boss.Invented", "--role", "administrator", *BY, "--json", stdin="four invented words\n"
    )
    assert opened.exit_code == 0, opened.stderr
    assert data(opened)["username"] == "boss.invented"
    assert "password" not in data(opened)
    assert matches(await value(conn, "SELECT password_hash FROM accounts"), "four invented words")
    listed = data(await orderflow("accounts", "list", "--json"))
    assert [(one["username"], one["role"], one["disabled_at"]) for one in listed] == [
        ("boss.invented", "administrator", None)
    ]
    assert await value(conn, "SELECT actor FROM audit_entries WHERE act = 'account_created'") == "staff-first"


async def test_an_accounts_life_at_the_command_line(orderflow: Orderflow, conn: Connection) -> None:
    opened = await orderflow("accounts", "add", "li.invented", "--role", "sales", *BY, "--generate", "--json")
    assert matches(await value(conn, "SELECT password_hash FROM accounts"), data(opened)["password"])
    assert (await orderflow("accounts", "role", "li.invented", "finance", *BY)).exit_code == 0
    assert "disabled" in (await orderflow("accounts", "disable", "li.invented", *BY)).stdout
    assert (await orderflow("accounts", "enable", "li.invented", *BY)).exit_code == 0
    assert (await orderflow("accounts", "password", "li.invented", *BY, stdin="other invented words\n")).exit_code == 0
    assert matches(await value(conn, "SELECT password_hash FROM accounts"), "other invented words")
    assert await value(conn, "SELECT role FROM accounts WHERE disabled_at IS NULL") == "finance"
    assert await value(conn, "SELECT count(*) FROM audit_entries WHERE subject = 'accounts'") == 5


async def test_what_is_faulty_or_refused_is_said_with_its_exit_code(orderflow: Orderflow, conn: Connection) -> None:
    weak = await orderflow("accounts", "add", "li.invented", "--role", "sales", *BY, stdin="short\n")
    assert (weak.exit_code, "password" in weak.stderr) == (2, True)
    assert (await orderflow("accounts", "add", "erp", "--role", "integrator", *BY, "--generate")).exit_code == 2
    assert (await orderflow("accounts", "disable", "nobody.here", *BY)).exit_code == 3
    assert await value(conn, "SELECT count(*) FROM accounts") == 0
    await orderflow("accounts", "add", "boss.invented", "--role", "administrator", *BY, "--generate")
    last = await orderflow("accounts", "disable", "boss.invented", *BY)
    assert (last.exit_code, "last administrator" in last.stderr) == (3, True)


async def test_a_machines_token_is_issued_listed_without_itself_and_revoked(orderflow: Orderflow) -> None:
    issued = data(
        await orderflow(
            "tokens", "issue", "erp nightly", "--channel", "site", "--permission", "order.read", *BY, "--json"
        )
    )
    assert issued["token"].startswith("ofm_")
    listed = await orderflow("tokens", "list", "--json")
    assert issued["token"] not in listed.stdout
    assert [(one["token_id"], one["permissions"]) for one in data(listed)] == [(issued["token_id"], ["order.read"])]
    assert (await orderflow("tokens", "revoke", issued["token_id"], *BY)).exit_code == 0
    assert (await orderflow("tokens", "revoke", issued["token_id"], *BY)).exit_code == 3
    assert (await orderflow("tokens", "issue", "x", "--permission", "audit.read", *BY)).exit_code == 2


async def test_whoever_lost_a_second_factor_is_let_in_again_and_whoever_is_signed_in_is_signed_out(
    orderflow: Orderflow, conn: Connection
) -> None:
    for name in ("li.invented", "wu.invented"):
        await orderflow("accounts", "add", name, "--role", "sales", *BY, "--generate")
    now, life = datetime.now(UTC), SessionLife(timedelta(hours=1), timedelta(hours=12))
    ids = {one["username"]: one["staff_id"] for one in data(await orderflow("accounts", "list", "--json"))}
    for staff_id in ids.values():
        await sessions.begin(conn, staff_id, life, now, Coming("password"))
    await second_factors.begin(conn, vault(), ids["li.invented"], now)
    await conn.execute("UPDATE second_factors SET confirmed_at = begun_at")
    await conn.commit()
    assert (await orderflow("accounts", "reset-second-factor", "li.invented", *BY)).exit_code == 0
    assert await value(conn, "SELECT count(*) FROM second_factors") == 0
    assert await value(conn, "SELECT staff_id FROM sessions") == ids["wu.invented"]
    assert (await orderflow("accounts", "sign-out", *BY)).exit_code == 2
    assert (await orderflow("accounts", "sign-out", "--everybody", *BY)).exit_code == 0
    assert await value(conn, "SELECT count(*) FROM sessions") == 0
    acts = "SELECT count(*) FROM audit_entries WHERE act IN ('second_factor_reset', 'account_signed_out')"
    assert await value(conn, acts) == 3
