"""``reconcile``, ``rules`` and ``blacklist`` as a person at the command line meets them (R6, R27, accident 9)."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from store.pool import Connection
from tests.cli.conftest import PROJECT, Orderflow, Result
from tests.fixtures.orders import stock_up

AtShop: TypeAlias = Callable[..., Result]


@pytest.fixture
def at_shop(orderflow: Orderflow, database_url: str) -> AtShop:
    """Runs ``orderflow`` beside the test's database; Temporal is away."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{probe.getsockname()[1]}"
    return lambda *arguments: orderflow(
        *arguments, ORDERFLOW_DATABASE_URL=database_url, ORDERFLOW_TEMPORAL_ADDRESS=nobody
    )


def said(result: Result, code: int = 0) -> Any:
    assert result.returncode == code, result.stderr
    return json.loads(result.stdout)


async def test_a_difference_is_listed_repaired_and_gone(at_shop: AtShop, conn: Connection) -> None:
    await stock_up(conn, "TEA", 10)
    assert said(at_shop("reconcile", "--json")) == {"workflows_compared": None, "differences": []}
    await conn.execute("UPDATE stock_items SET on_hand = 9")
    await conn.execute("UPDATE stock_lots SET on_hand = 9")
    listed = said(at_shop("reconcile", "--json"), 1)["differences"]
    assert [(one["kind"], one["subject"], one["repair"]) for one in listed] == [
        ("ledger_drift", "stock:SZ:TEA", "explain_counter")
    ]
    number = str(listed[0]["id"])
    refused = at_shop("reconcile", "--repair", number)
    assert refused.returncode == 2
    assert "--why" in refused.stderr
    repaired = at_shop("reconcile", "--json", "--repair", number, "--by", "op-7", "--why", "counted the shelf")
    assert said(repaired)["differences"] == []
    assert at_shop("reconcile", "--repair", number, "--by", "op-7", "--why", "again").returncode == 3


async def test_reconcile_says_that_workflows_were_not_compared(at_shop: AtShop) -> None:
    shown = at_shop("reconcile")
    assert shown.returncode == 0
    assert "nothing disagrees (workflows: not compared)" in shown.stdout
    assert "Temporal cannot be reached" in shown.stderr


async def test_rules_are_shown_changed_and_refused_by_name(at_shop: AtShop) -> None:
    assert said(at_shop("rules", "show", "--json"))["version"] == 0
    who = ("--by", "op-7", "--why", "a season of fraud", "--json")
    wrong = at_shop("rules", "set", "phone.enabled=perhaps", "nonsense.x=1", *who)
    assert wrong.returncode == 3
    assert "phone.enabled: must be true or false" in wrong.stderr
    assert "nonsense: there is no such rule" in wrong.stderr
    made = said(at_shop("rules", "set", "large_first_order.amount=300000", *who))
    assert (made["version"], made["rules"]["large_first_order"]["values"]) == (1, {"amount": 300_000})
    shown = said(at_shop("rules", "show", "--json"))
    assert (shown["version"], shown["versions"][0]["set_by"]) == (1, "op-7")


async def test_rules_can_be_tried_from_a_file_without_any_effect(at_shop: AtShop, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"blacklist": {"severity": "review"}}', encoding="utf-8")
    tried = said(at_shop("rules", "try", "--file", str(file), "--json"))
    assert tried == {"orders": 0, "otherwise": 0, "without_facts": 0, "moves": [], "others": []}
    assert said(at_shop("rules", "show", "--json"))["version"] == 0
    file.write_text("[1]", encoding="utf-8")
    assert at_shop("rules", "try", "--file", str(file)).returncode == 3


async def test_a_value_is_read_from_standard_input_and_never_shown(
    at_shop: AtShop, conn: Connection, database_url: str, tmp_path: Path
) -> None:
    added = at_shop(
        "blacklist",
        "add",
        "phone",
        "--value",
        "13800138000",
        "--by",
        "op-7",
        "--why",
        "abusive",
        "--days",
        "30",
        "--json",
    )
    number = said(added)["entry"]
    listed = said(at_shop("blacklist", "list", "--json"))
    assert [(one["entry_no"], one["kind"], one["source"], one["added_by"]) for one in listed] == [
        (number, "phone", "hand", "op-7")
    ]
    assert "13800138000" not in json.dumps(listed)
    removed = take_off_by_value("+86 138 0013 8000\n", database_url, tmp_path)
    assert removed.returncode == 0, removed.stderr
    assert said(at_shop("blacklist", "list", "--json")) == []
    assert at_shop("blacklist", "remove", "--entry", str(number), "--by", "op-7", "--why", "x").returncode == 3


def take_off_by_value(typed: str, database_url: str, folder: Path) -> Result:
    """The value comes by standard input: on the command line it would stay in the shell's history."""
    return subprocess.run(
        [sys.executable, "-m", "cli", "blacklist", "remove", "--kind", "phone", "--by", "op-7", "--why", "settled"],
        input=typed,
        cwd=folder,
        env={
            "PYTHONPATH": str(PROJECT),
            "ORDERFLOW_DATA_DIR": str(folder / "data"),
            "ORDERFLOW_DATABASE_URL": database_url,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_database_each_command_says_so(orderflow: Orderflow) -> None:
    shown = orderflow("rules", "show", ORDERFLOW_DATABASE_URL="postgresql://127.0.0.1:1/nothing")
    assert shown.returncode == 4
    assert "ORDERFLOW_DATABASE_URL" in shown.stderr
