"""``orderflow audit, keys, erase, roles``: what they print, and with which code they end."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from domain.permissions import GRANTS, Permission, Role, may
from domain.personal import cells
from store import audit
from store.pool import Connection, Pool
from tests.fixtures.orders import value
from tests.store.audit_tampering import KEY, SUBJECT, sign, tamper, write
from tests.upkeep.conftest import Orderflow, data, text
from tests.upkeep.people import NEW_KEY, PHONE, a_buyer, sealed_bytes, vault

DOCS = Path(__file__).parents[2] / "docs"

# --- audit -------------------------------------------------------------------------


async def test_a_whole_record_ends_with_code_0(orderflow: Orderflow, pool: Pool) -> None:
    await write(pool, 3)
    anchored = await orderflow("audit", "anchor", "--json")
    assert anchored.exit_code == 0, anchored.stderr
    noted = f"{data(anchored)['anchor_no']}:{data(anchored)['root']}"
    shown = await orderflow("audit", "verify", "--json", "--root", noted)
    assert shown.exit_code == 0, shown.stderr
    report = data(shown)
    assert (report["whole"], report["entries"], report["anchors"], report["findings"]) == (True, 3, 1, [])


async def test_a_broken_record_ends_with_code_1_and_names_each_place(
    orderflow: Orderflow, pool: Pool, conn: Connection
) -> None:
    await write(pool, 3)
    await write(pool, 2, "order:web-2")
    await tamper(conn, "UPDATE audit_entries SET why = 'forged' WHERE chain_no = 2")
    shown = await orderflow("audit", "verify", "--json")
    assert shown.exit_code == 1, shown.stderr
    assert [(one["subject"], one["number"], one["fault"]) for one in data(shown)["findings"]] == [
        (SUBJECT, 2, "changed"),
        ("order:web-2", 2, "changed"),
    ]
    readable = await orderflow("audit", "verify")
    assert readable.exit_code == 1
    assert "order:web-2" in readable.stdout


async def test_an_anchor_of_another_key_is_trusted_when_the_verifier_says_so(orderflow: Orderflow, pool: Pool) -> None:
    await sign(pool)
    assert (await orderflow("audit", "verify")).exit_code == 1
    assert (await orderflow("audit", "verify", "--trust", text(KEY.public))).exit_code == 0


@pytest.mark.parametrize("wrong", [("--trust", "%%%"), ("--root", "one:two"), ("--root", "7")])
async def test_unreadable_options_end_with_code_2(orderflow: Orderflow, wrong: tuple[str, str]) -> None:
    assert (await orderflow("audit", "verify", *wrong)).exit_code == 2


async def test_a_database_that_was_never_migrated_ends_with_code_4_and_says_what_to_do(
    orderflow: Orderflow, conn: Connection
) -> None:
    await conn.execute("DROP TABLE audit_anchor_heads, audit_anchors")
    shown = await orderflow("audit", "verify")
    assert shown.exit_code == 4
    assert "orderflow migrate" in shown.stderr


async def test_an_export_holds_an_orders_acts_and_an_auditor_can_follow_its_hashes(
    orderflow: Orderflow, pool: Pool, conn: Connection
) -> None:
    await write(pool, 3)
    await write(pool, 2, "order:web-2")
    rows = data(await orderflow("audit", "export", "--order", "web-1", "--json"))
    assert [row["act"] for row in rows] == ["act_1", "act_2", "act_3"]
    head = audit.GENESIS
    for row in rows:
        assert row["prev_hash"] == head.hex()
        head = audit.chain_hash(head, row)
        assert row["hash"] == head.hex()


async def test_an_export_of_days_takes_the_shops_midnight(orderflow: Orderflow, pool: Pool, conn: Connection) -> None:
    await write(pool, 2)
    # NOON is 20:00 in Shanghai on 2 January 2030; in Auckland it is the third already.
    for zone, days in (("Asia/Shanghai", "2030-01-02"), ("Pacific/Auckland", "2030-01-03")):
        chosen = ("--from", days, "--to", days, "--json")
        assert len(data(await orderflow("audit", "export", *chosen, ORDERFLOW_SHOP_TIMEZONE=zone))) == 2
    assert data(await orderflow("audit", "export", "--from", "2030-01-03", "--json")) == []


async def test_an_instant_ends_an_export_before_itself(orderflow: Orderflow, pool: Pool) -> None:
    await write(pool, 3)
    rows = data(await orderflow("audit", "export", "--to", "2030-01-02T12:03:00+00:00", "--json"))
    assert [row["act"] for row in rows] == ["act_1", "act_2"]
    assert (await orderflow("audit", "export", "--to", "yesterday")).exit_code == 2


async def test_a_csv_export_runs_no_formula_in_a_spreadsheet(
    orderflow: Orderflow, pool: Pool, conn: Connection
) -> None:
    await write(pool, 1)
    await tamper(conn, "UPDATE audit_entries SET why = '=cmd|calc'")
    shown = await orderflow("audit", "export", "--csv")
    (row,) = csv.DictReader(io.StringIO(shown.stdout))
    assert (row["why"], row["subject"]) == ("'=cmd|calc", SUBJECT)


# --- keys --------------------------------------------------------------------------


async def test_keys_are_rotated_and_the_old_version_is_then_removable(orderflow: Orderflow, pool: Pool) -> None:
    await a_buyer(pool, vault("1"))
    assert data(await orderflow("keys", "status", "--json"))["removable"] == []
    done = await orderflow("keys", "rotate", "--json")
    assert done.exit_code == 0, done.stderr
    assert data(done) == {"rows": {"contacts": 1, "notes": 1, "inbox": 1}, "failed": [], "left": []}
    assert data(await orderflow("keys", "status", "--json"))["removable"] == ["1"]
    assert (await orderflow("keys", "rotate")).stdout.startswith("moved: nothing was left to move")


async def test_rows_of_a_key_that_is_missing_end_a_rotation_with_code_1(orderflow: Orderflow, pool: Pool) -> None:
    await a_buyer(pool, vault("1"))
    shown = await orderflow("keys", "rotate", "--json", ORDERFLOW_VAULT_MASTER_KEYS=json.dumps({"2": text(NEW_KEY)}))
    assert shown.exit_code == 1
    assert {one["error"] for one in data(shown)["failed"]} == {"UnknownKeyVersion"}


# --- erase -------------------------------------------------------------------------


async def test_a_dry_run_says_what_would_go_and_changes_nothing(
    orderflow: Orderflow, pool: Pool, conn: Connection
) -> None:
    await a_buyer(pool, vault("1"))
    before = await sealed_bytes(conn)
    shown = await orderflow("erase", "--order", "web-1", "--reason", "asked", "--dry-run", "--json")
    assert shown.exit_code == 0, shown.stderr
    (one,) = data(shown)["contacts"]
    assert (one["outcome"], one["notes"], one["messages"], one["tracking_texts"]) == ("would_be_erased", 1, 1, 1)
    assert await sealed_bytes(conn) == before
    assert await value(conn, "SELECT count(*) FROM audit_entries") == 0


@pytest.mark.parametrize(
    "whom",
    [("--contact", "ct_web-1"), ("--order", "web-1"), ("--phone", "138 0013 8000"), ("--account", "INVENTED-account")],
)
async def test_a_buyer_is_erased_by_each_of_the_ways_to_name_one(
    orderflow: Orderflow, pool: Pool, conn: Connection, whom: tuple[str, str]
) -> None:
    await a_buyer(pool, vault("1"))
    shown = await orderflow("erase", *whom, "--reason", "the buyer asked", "--json")
    assert shown.exit_code == 0, shown.stderr
    assert [one["outcome"] for one in data(shown)["contacts"]] == ["erased"]
    assert not any((await sealed_bytes(conn)).values())
    assert await value(conn, "SELECT actor || ' ' || why FROM audit_entries") == "orderflow-cli the buyer asked"
    again = await orderflow("erase", "--contact", "ct_web-1", "--reason", "again", "--json")
    assert (again.exit_code, data(again)["contacts"][0]["outcome"]) == (0, "erased_before")


async def test_a_phone_from_standard_input_stands_in_no_argument_and_no_output(
    orderflow: Orderflow, pool: Pool
) -> None:
    await a_buyer(pool, vault("1"))
    shown = await orderflow("erase", "--phone", "-", "--reason", "asked", stdin=f"{PHONE}\n")
    assert shown.exit_code == 0, shown.stderr
    assert PHONE not in shown.stdout + shown.stderr


async def test_an_order_that_is_not_ended_is_named_and_the_buyer_stays(
    orderflow: Orderflow, pool: Pool, conn: Connection
) -> None:
    await a_buyer(pool, vault("1"), "web-1", status="shipped")
    await a_buyer(pool, vault("1"), "web-2")
    shown = await orderflow("erase", "--order", "web-2", "--whole-buyer", "--reason", "asked", "--json")
    assert shown.exit_code == 1
    outcomes = {one["contact_id"]: (one["outcome"], one["waiting"]) for one in data(shown)["contacts"]}
    assert outcomes["ct_web-1"] == ("still_needed", ["web-1 is not ended: shipped"])
    assert outcomes["ct_web-2"][0] == "erased"


@pytest.mark.parametrize("whom", [("--order", "web-404"), ("--contact", "ct_nobody"), ("--phone", "13912345678")])
async def test_nobody_found_ends_with_code_1(orderflow: Orderflow, whom: tuple[str, str]) -> None:
    assert (await orderflow("erase", *whom, "--reason", "asked")).exit_code == 1


@pytest.mark.parametrize("whom", [(), ("--order", "web-1", "--contact", "ct_1")])
async def test_naming_nobody_or_two_ways_ends_with_code_2(orderflow: Orderflow, whom: tuple[str, ...]) -> None:
    assert (await orderflow("erase", *whom, "--reason", "asked")).exit_code == 2


async def test_an_erasure_without_a_reason_is_refused(orderflow: Orderflow) -> None:
    assert (await orderflow("erase", "--order", "web-1")).exit_code == 2


# --- roles -------------------------------------------------------------------------


async def test_roles_print_the_table_that_the_doors_ask(orderflow: Orderflow) -> None:
    printed = data(await orderflow("roles", "--json"))
    assert set(printed) == set(Role)
    for role in Role:
        assert {one for one in Permission if may(role, one)} == set(printed[role]["permissions"])
        shown = {(one["permission"], one["field"], one["form"]) for one in printed[role]["fields"]}
        assert shown == {(by, field, form) for by, field, form, seen_by in cells() if role in seen_by}


async def test_the_page_in_the_docs_is_the_table(orderflow: Orderflow) -> None:
    printed = (await orderflow("roles", "--markdown")).stdout
    assert (DOCS / "roles.md").read_text(encoding="utf-8") == printed, "run: orderflow roles --markdown > docs/roles.md"
    marks = sum(line.count("✓") for line in printed.splitlines())
    seen = sum(len(seen_by) for *_, seen_by in cells())
    assert marks == sum(len(granted) for granted in GRANTS.values()) + seen
