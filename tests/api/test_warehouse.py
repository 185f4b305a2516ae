"""Pick tasks, scans, rechecks, labels, stock: the warehouse's doors (R8 to R10)."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from tests.api.caller import Caller, an_order, order_no, paid
from tests.api.test_providers import pick_and_pack


async def to_pick(shop: Caller, **changes: Any) -> tuple[str, dict[str, Any]]:
    """A paid order with its one pick task."""
    order = an_order(**changes)
    await shop.place(order)
    number = order_no(order)
    await shop.stripe(paid(number, order["total"], order["payment"]["reference"]))
    await shop.until(number, "picking")
    [task] = (await shop.get("/v1/pick-tasks", "warehouse", state="open", order_no=number)).json()["items"]
    return number, task


async def test_a_task_shows_where_to_go_and_a_wrong_scan_is_told_what_was_expected(shop: Caller) -> None:
    _, task = await to_pick(shop)
    assert {line["sku"]: line["quantity"] for line in task["lines"]} == {"TEA": 2, "CUP": 1}
    assert {"bin", "barcode", "title", "lot", "expires_on", "picked"} <= set(task["lines"][0])
    path = f"/v1/pick-tasks/{task['task_no']}/scans"
    wrong = (await shop.post(path, {"bin": "Z-99", "barcode": "TEA"}, "warehouse")).json()
    assert wrong["verdict"] == "wrong"
    assert (wrong["expected"]["bin"], wrong["expected"]["sku"]) == ("A-01", "TEA")
    assert wrong["remaining"] == 3
    assert await shop.value("SELECT count(*) FROM scans WHERE verdict = 'wrong'") == 1


async def test_tasks_are_listed_from_either_end_in_pages(shop: Caller) -> None:
    numbers = [(await to_pick(shop))[0] for _ in range(3)]
    for sort, expected in (("oldest", numbers), ("newest", numbers[::-1])):
        found: list[str] = []
        query: dict[str, Any] = {"sort": sort, "limit": 1}
        for _ in numbers:
            page = (await shop.get("/v1/pick-tasks", "warehouse", **query)).json()
            found += [task["order_no"] for task in page["items"]]
            query["cursor"] = page["next_cursor"]
        assert (found, query["cursor"]) == (expected, None), sort


async def test_a_repeated_scan_counts_once(shop: Caller) -> None:
    _, task = await to_pick(shop)
    path = f"/v1/pick-tasks/{task['task_no']}/scans"
    scan = {"bin": "A-01", "barcode": "TEA"}
    first = await shop.post(path, scan, "warehouse", key="scan-1")
    again = await shop.post(path, scan, "warehouse", key="scan-1")
    assert first.json()["remaining"] == again.json()["remaining"] == 2
    assert (await shop.get(f"/v1/pick-tasks/{task['task_no']}", "warehouse")).json()["picker"] == "warehouse-1"


async def test_another_picker_may_not_scan_and_the_picker_may_not_recheck(shop: Caller) -> None:
    _, task = await to_pick(shop)
    path = f"/v1/pick-tasks/{task['task_no']}"
    for barcode in ("TEA", "TEA", "CUP"):
        await shop.post(f"{path}/scans", {"bin": "A-01", "barcode": barcode}, "warehouse", subject="picker-1")
    before = await shop.rows()
    body = {"packaging": "standard", "barcodes": ["TEA", "TEA", "CUP"]}
    own = await shop.post(f"{path}/recheck", body, "warehouse", subject="picker-1")
    assert (own.status_code, "picker" in own.json()["detail"]) == (403, True)
    late = await shop.post(f"{path}/scans", {"bin": "A-01", "barcode": "TEA"}, "warehouse", subject="picker-3")
    assert late.status_code == 409
    unknown = await shop.post("/v1/pick-tasks/site-0-T1/scans", {"bin": "A", "barcode": "B"}, "warehouse")
    assert unknown.status_code == 404
    assert await shop.rows() == before


async def test_a_recheck_that_counts_other_goods_is_refused_and_reported_as_a_mistake_once(shop: Caller) -> None:
    number, task = await to_pick(shop)
    path = f"/v1/pick-tasks/{task['task_no']}"
    for barcode in ("TEA", "TEA", "CUP"):
        await shop.post(f"{path}/scans", {"bin": "A-01", "barcode": barcode}, "warehouse", subject="picker-1")
    miscounted = {"packaging": "standard", "barcodes": ["TEA", "CUP"]}
    for _ in range(2):
        assert (await shop.post(f"{path}/recheck", miscounted, "warehouse", subject="c-2")).status_code == 422
    found = await shop.eventually(lambda: shop.get(f"/v1/cases/{number}-C1", "warehouse"))
    case = found.json()
    assert (case["kind"], case["subject"], case["opened_by"]) == ("mistake", task["task_no"], "c-2")
    assert [clock["deadline"] for clock in case["deadlines"]] == ["T14"]
    right = {"packaging": "standard", "barcodes": ["TEA", "TEA", "CUP"]}
    assert (await shop.post(f"{path}/recheck", right, "warehouse", subject="c-2")).status_code == 200
    assert await shop.value("SELECT count(*) FROM cases") == 1


async def test_a_recheck_packs_the_parcel_and_the_label_shows_the_recipient_and_leaves_a_trace(shop: Caller) -> None:
    number, task = await to_pick(shop)
    early = await shop.get(f"/v1/parcels/{task['parcel_no']}/label.pdf", "warehouse")
    assert early.status_code == 409
    assert await shop.value("SELECT count(*) FROM audit_entries WHERE act = 'label_printed'") == 0
    packed = await pick_and_pack(shop, number)
    assert (packed["state"], packed["rechecker"]) == ("packed", "checker-2")
    await shop.until(number, "packed")
    assert await shop.value("SELECT state FROM inbox WHERE topic = 'packed'") == "forwarded"
    label = await shop.eventually(lambda: shop.get(f"/v1/parcels/{task['parcel_no']}/label.pdf", "warehouse"))
    assert label.headers["content-type"] == "application/pdf"
    text = PdfReader(io.BytesIO(label.content)).pages[0].extract_text()
    assert "虛構路1號2棟" in text.replace("\x00", "").replace("\n", "")
    entries = (await shop.get("/v1/audit", act="label_printed")).json()["items"]
    assert [(entry["who"], entry["order_no"]) for entry in entries] == [("warehouse-1", number)]
    assert (await shop.get("/v1/parcels/site-0-P1/label.pdf", "warehouse")).status_code == 404


async def test_a_short_pick_reaches_the_order(shop: Caller) -> None:
    number, task = await to_pick(shop)
    answer = await shop.post(f"/v1/pick-tasks/{task['task_no']}/short", {"sku": "TEA", "missing": 1}, "warehouse")
    assert answer.json()["state"] == "short"
    await shop.until(number, "shortage")


async def test_tasks_come_in_keyset_pages(shop: Caller) -> None:
    for _ in range(3):
        await to_pick(shop)
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        page = (await shop.get("/v1/pick-tasks", "warehouse", limit=1, **cursor)).json()
        seen += [task["task_no"] for task in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert (len(set(seen)), cursor) == (3, {"cursor": None})


async def test_stock_is_fed_once_per_key_and_never_below_what_orders_hold(shop: Caller) -> None:
    feed = {"warehouse": "SZ", "sku": "TEA", "delta": 5, "lot": "", "bin": "A-01"}
    for _ in range(2):
        fed = await shop.post("/v1/stock", feed, key="feed-1")
        assert fed.json() == {"warehouse": "SZ", "sku": "TEA", "on_hand": 105, "reserved": 0, "free": 105}
    await shop.placed()
    low = await shop.post("/v1/stock", {"warehouse": "SZ", "sku": "TEA", "on_hand": 1, "bin": "A-01"})
    assert (low.status_code, low.json()["type"].rsplit(":", 1)[1]) == (409, "stock-is-reserved")
    unlisted = await shop.post("/v1/stock", {**feed, "sku": "NOBODY"})
    assert unlisted.status_code == 422
    both = await shop.post("/v1/stock", {**feed, "on_hand": 1})
    assert both.status_code == 422
    page = (await shop.get("/v1/stock", sku="TEA")).json()
    assert page["items"] == [
        {"warehouse": "SZ", "sku": "TEA", "on_hand": 105, "reserved": 2, "free": 103, "title": "invented TEA",
         "safety_stock": 0}
    ]  # fmt: skip


async def test_products_and_warehouses_are_listed_over_the_same_door(shop: Caller) -> None:
    await shop.post("/v1/warehouses", {"code": "BJ", "name": "Beijing"})
    await shop.post("/v1/products", {"sku": "VASE", "title": "Vase", "fragile": True, "weight_g": 800})
    fed = await shop.post("/v1/stock", {"warehouse": "BJ", "sku": "VASE", "on_hand": 4, "bin": "B-02"})
    assert fed.json()["free"] == 4
    assert await shop.value("SELECT barcode FROM products WHERE sku = 'VASE'") == "VASE"


async def test_a_picked_parcel_is_split_and_a_person_chooses_its_carrier(shop: Caller) -> None:
    number, task = await to_pick(shop)
    path = f"/v1/pick-tasks/{task['task_no']}"
    goods = {"goods": [{"sku": "CUP", "quantity": 1}]}
    early = await shop.post(f"{path}/split", goods, "warehouse", subject="picker-1")
    assert (early.status_code, early.json()["type"].rsplit(":")[-1]) == (409, "not-waiting-for-this")
    for barcode in ("TEA", "TEA", "CUP"):
        await shop.post(f"{path}/scans", {"bin": "A-01", "barcode": barcode}, "warehouse", subject="picker-1")
    too_much = await shop.post(f"{path}/split", {"goods": [{"sku": "CUP", "quantity": 2}]}, "warehouse")
    assert (too_much.status_code, too_much.json()["type"].rsplit(":")[-1]) == (422, "cannot-split")
    further = (await shop.post(f"{path}/split", goods, "warehouse", subject="packer-2", key="s1")).json()
    assert {line["sku"]: line["quantity"] for line in further["lines"]} == {"CUP": 1}
    for no, barcodes in ((task["task_no"], ["TEA", "TEA"]), (further["task_no"], ["CUP"])):
        body = {"packaging": "standard", "barcodes": barcodes}
        done = await shop.post(f"/v1/pick-tasks/{no}/recheck", body, "warehouse", subject="packer-2")
        assert done.status_code == 200, done.text
    await shop.until(number, "packed")
    door = f"/v1/orders/{number}/parcels/{further['parcel_no']}/carrier"
    assert (await shop.post(door, {"carrier": "DHL", "reason": "cheap"}, "logistics")).status_code == 422
    assert (await shop.post(door, {"carrier": "SF", "reason": "fast"}, "sales")).status_code == 403
    chosen = await shop.post(door, {"carrier": "SF", "reason": "fast"}, "logistics")
    assert chosen.status_code == 200, chosen.text
    lines = {line["sku"]: (line["in_parcels"], line["shipped"], line["later"]) for line in chosen.json()["lines"]}
    assert lines == {"TEA": (2, 0, 0), "CUP": (1, 0, 0)}
    acts = [act["act"] for act in (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]]
    assert {"task_split", "parcel_split", "carrier_chosen"} <= set(acts)
