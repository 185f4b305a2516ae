"""``orderflow import``: past sales become archived orders, or are refused with a reason; none is lost."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from cli.import_file import rows
from domain.csv_orders import Ledger, Refusal, Row, read
from store import audit
from store.pool import Connection
from tests.cli.conftest import PROJECT, Orderflow, Result

UCI = PROJECT.parent / "shared" / "data" / "uci_online_retail" / "online_retail.csv.gz"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
GOOD = "{number},MUG,MUG WITH HANDLE,6,2011-03-01 08:26:00,2.55,17850.0,United Kingdom"


def ledger(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def invoices(number: int) -> list[str]:
    """So many good invoices of two rows, the second rows all at the end of the file."""
    first = [GOOD.format(number=500_000 + n) for n in range(number)]
    return first + [line.replace("MUG,", f"CUP-{n % 7},").replace(",6,", ",1,") for n, line in enumerate(first)]


def import_file(orderflow: Orderflow, url: str, path: Path, *options: str) -> tuple[Result, dict[str, Any]]:
    result = orderflow("import", str(path), "--json", *options, ORDERFLOW_DATABASE_URL=url)
    return result, json.loads(result.stdout) if result.stdout else {}


def refusals(report: Path) -> list[dict[str, str]]:
    with report.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def value(conn: Connection, query: str) -> Any:
    cursor = await conn.execute(query.encode())
    row = await cursor.fetchone()
    return None if row is None else next(iter(row.values()))


def what_is_recorded(url: str) -> Sequence[tuple[Any, ...]]:
    """All that an import leaves, but for ids and times that are each run's own."""
    with psycopg.connect(url) as conn:
        return conn.execute(
            """SELECT o.order_no, o.status, o.total, o.placed_at, o.recorded_at, l.line_no, l.sku, l.quantity,
                      p.captured, e.key, c.account_index, a.act, h.length
               FROM orders o JOIN order_lines l USING (order_no) JOIN payments p USING (order_no)
               JOIN payment_entries e USING (order_no) JOIN contacts c USING (contact_id)
               JOIN audit_entries a USING (order_no) JOIN audit_chains h ON h.subject = a.subject
               ORDER BY 1, 6"""
        ).fetchall()


async def test_an_invoice_is_recorded_as_an_archived_order_with_its_money_and_its_record(
    orderflow: Orderflow, database_url: str, conn: Connection, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(1))
    result, summary = import_file(orderflow, database_url, path, "--by", "staff-7")
    assert (result.returncode, result.stderr) == (0, "")
    assert (summary["invoices"], summary["imported"], summary["new"], summary["refused"]) == (1, 1, 1, 0)
    cursor = await conn.execute("SELECT * FROM orders JOIN payments USING (order_no) JOIN contacts USING (contact_id)")
    order = await cursor.fetchone()
    assert order is not None
    assert (order["order_no"], order["status"], order["country"]) == ("csv-500000", "archived", "GB")
    assert order["total"] == order["captured"] == 6 * 255 + 255
    assert order["recorded_at"] == order["placed_at"] < order["archived_at"]
    entry = (await audit.page(conn, audit.Wanted(order_no="csv-500000")))[0]
    assert (entry["act"], entry["actor"], entry["after"]) == ("imported", "staff-7", "archived")
    async with conn.transaction():
        assert await audit.verify(conn) is None


async def test_orders_of_one_buyer_are_found_by_an_index_that_does_not_name_them(
    orderflow: Orderflow, database_url: str, conn: Connection, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(3))
    import_file(orderflow, database_url, path)
    assert await value(conn, "SELECT count(DISTINCT account_index) FROM contacts") == 1
    assert await value(conn, "SELECT count(*) FROM contacts") == 3
    assert "17850" not in str(await value(conn, "SELECT string_agg(c::text, '') FROM contacts c"))
    assert "17850" not in str(await value(conn, "SELECT string_agg(a::text, '') FROM audit_entries a"))


async def test_nothing_that_moves_is_started(
    orderflow: Orderflow, database_url: str, conn: Connection, tmp_path: Path
) -> None:
    import_file(orderflow, database_url, ledger(tmp_path / "sales.csv", invoices(2)))
    for table in ("inbox", "notices", "deadlines", "reservations"):
        assert await value(conn, f"SELECT count(*) FROM {table}") == 0


def test_what_is_refused_is_told_with_every_reason_and_the_rest_is_imported(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    bad = GOOD.format(number=500_001).replace(",6,", ",-1.5,").replace("MUG,", " ,").replace("17850.0", "")
    path = ledger(tmp_path / "sales.csv", [GOOD.format(number=500_000), bad, "C500002" + GOOD[8:].format()])
    result, summary = import_file(orderflow, database_url, path, "--report", str(tmp_path / "refused.csv"))
    assert result.returncode == 1
    assert (summary["imported"], summary["refused"]) == (1, 2)
    told = refusals(tmp_path / "refused.csv")
    assert [(row["InvoiceNo"], row["Line"], row["Column"]) for row in told] == [
        ("500001", "3", "CustomerID"),
        ("500001", "3", "StockCode"),
        ("500001", "3", "Quantity"),
        ("C500002", "4", "InvoiceNo"),
    ]
    assert sum(summary["reasons"].values()) == 4


def test_a_second_run_imports_nothing_twice_and_says_so(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(5))
    import_file(orderflow, database_url, path)
    once = what_is_recorded(database_url)
    result, summary = import_file(orderflow, database_url, path)
    assert result.returncode == 0
    assert (summary["imported"], summary["new"]) == (5, 0)
    assert what_is_recorded(database_url) == once


def test_an_invoice_that_is_on_record_with_another_content_is_refused(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    import_file(orderflow, database_url, ledger(tmp_path / "sales.csv", invoices(2)))
    changed = [line.replace("2.55", "2.56") if line.startswith("500001") else line for line in invoices(2)]
    once = what_is_recorded(database_url)
    result, summary = import_file(orderflow, database_url, ledger(tmp_path / "changed.csv", changed))
    assert (result.returncode, summary["imported"], summary["refused"]) == (1, 1, 1)
    assert list(summary["reasons"]) == ["InvoiceNo is on record with another content: nothing was changed"]
    assert what_is_recorded(database_url) == once


def test_a_run_that_is_killed_half_way_is_finished_by_the_next(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    path, number = ledger(tmp_path / "sales.csv", invoices(8_000)), 8_000
    environment = {
        "PATH": os.defpath, "PYTHONPATH": str(PROJECT), "ORDERFLOW_DATA_DIR": str(tmp_path / "data"),
        "ORDERFLOW_DATABASE_URL": database_url,
    }  # fmt: skip
    command = [sys.executable, "-m", "cli", "import", str(path), "--json"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    half_way = until_some_are_recorded(database_url, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < half_way < number
    result, summary = import_file(orderflow, database_url, path)
    assert result.returncode == 0, result.stderr
    assert summary["imported"] == number
    assert 0 < summary["new"] < number
    recorded = what_is_recorded(database_url)
    assert len({row[0] for row in recorded}) == number
    assert len(recorded) == 2 * number


def until_some_are_recorded(url: str, process: subprocess.Popen[bytes]) -> int:
    """How many orders there were when the first batch was seen."""
    with psycopg.connect(url, autocommit=True) as conn:
        while process.poll() is None:
            row = conn.execute("SELECT count(*) FROM orders").fetchone()
            if row is not None and row[0]:
                return int(row[0])
            time.sleep(0.01)
    raise AssertionError("the import had ended before anything was seen of it")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Invoice,Date\n1,2\n", "its first line has to be"),
        (b"", "its first line has to be"),
        (HEADER.encode() + b"\n500000,M\xffG,x,1,2011-03-01 08:26:00,1.00,1,UK\n", "is not UTF-8"),
        (HEADER.encode() + b'\n500000,"MUG\n', "is no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_imports_nothing_and_ends_with_2(
    orderflow: Orderflow, database_url: str, tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    result, _ = import_file(orderflow, database_url, path)
    assert result.returncode == 2
    assert why in result.stderr
    assert what_is_recorded(database_url) == []


def test_a_damaged_archive_and_a_missing_file_end_with_2(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    whole = gzip.compress("\n".join([HEADER, *invoices(50)]).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    for name in ("cut.csv.gz", "nowhere.csv"):
        result, _ = import_file(orderflow, database_url, tmp_path / name)
        assert result.returncode == 2
        assert name in result.stderr
    assert what_is_recorded(database_url) == []


def test_a_second_import_at_the_same_time_is_refused(orderflow: Orderflow, database_url: str, tmp_path: Path) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(1))
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(7093001)")
        result, _ = import_file(orderflow, database_url, path)
    assert result.returncode == 2
    assert "another import is under way" in result.stderr


async def test_live_orders_go_through_the_inbox_and_wait_there_while_temporal_is_away(
    orderflow: Orderflow, database_url: str, conn: Connection, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(2))
    away = {"ORDERFLOW_TEMPORAL_ADDRESS": "127.0.0.1:9", "ORDERFLOW_DATABASE_URL": database_url}
    for new in (2, 0):
        result = orderflow("import", str(path), "--json", "--live", **away)
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["new"] == new
    assert await value(conn, "SELECT count(*) FROM inbox WHERE state = 'received'") == 2
    assert await value(conn, "SELECT count(*) FROM contacts") == 2
    assert await value(conn, "SELECT count(*) FROM orders") == 0


def test_an_archived_order_does_not_come_to_life_again(orderflow: Orderflow, database_url: str, tmp_path: Path) -> None:
    path = ledger(tmp_path / "sales.csv", invoices(1))
    import_file(orderflow, database_url, path)
    result, summary = import_file(orderflow, database_url, path, "--live")
    assert (result.returncode, summary["refused"]) == (1, 1)


def test_a_person_sees_how_many_were_imported_and_why_others_were_not(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "sales.csv", [*invoices(2), "A1" + GOOD[8:]])
    result = orderflow("import", str(path), ORDERFLOW_DATABASE_URL=database_url)
    assert "3 invoices: 2 imported (2 new), 1 refused" in result.stdout
    assert "is an adjustment of the books" in result.stdout
    assert (tmp_path / "sales.csv.refused.csv").exists()


big = pytest.mark.skipif(not UCI.exists(), reason="the big ledger is not here: its 25,900 invoices were NOT tried")


@big
def test_each_invoice_of_the_big_ledger_is_an_order_or_is_refused() -> None:
    gathered: dict[str, list[Row]] = defaultdict(list)
    for row in rows(UCI, lambda _: None):
        gathered[row.invoice].append(row)
    decided = [read(invoice, Ledger("GBP", ZoneInfo("Europe/London"))) for invoice in gathered.values()]
    refused = [one for one in decided if isinstance(one, Refusal)]
    assert sum(map(len, gathered.values())) == 541_909
    assert (len(decided), len(refused)) == (25_900, 7_368)
    problems = Counter(
        problem for one in refused for problem in {(reason.field, reason.problem) for reason in one.reasons}
    )
    assert problems["InvoiceNo", "is a credit note, which does not say what order it takes back"] == 3_836
    assert problems["CustomerID", "is missing: an order has a buyer"] == 3_710
    assert all(one.reasons for one in refused)


@big
def test_the_first_tenth_of_the_big_ledger_is_imported_or_refused_invoice_by_invoice(
    orderflow: Orderflow, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "tenth.csv.gz"
    with gzip.open(UCI, "rb") as whole, gzip.open(path, "wb", compresslevel=1) as tenth:
        tenth.writelines(islice(whole, 54_192))
    result, summary = import_file(orderflow, database_url, path, "--report", str(tmp_path / "refused.csv"))
    assert result.returncode == 1
    assert summary["rows"] == 54_191
    assert summary["imported"] + summary["refused"] == summary["invoices"]
    assert len({row["InvoiceNo"] for row in refusals(tmp_path / "refused.csv")}) == summary["refused"]
    with psycopg.connect(database_url) as conn:
        assert conn.execute("SELECT count(*) FROM orders").fetchone() == (summary["imported"],)
