"""The marked person's way: through the doors that let in, and the doors that refuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.api.caller import Caller, an_order, order_no, paid, stripe_event
from tests.canary.marks import (
    ACCOUNT,
    COURIER,
    EMAIL,
    LATIN_NAME,
    LATIN_STREET,
    NAME,
    NOTE,
    OTHER_NAME,
    OTHER_PHONE,
    OTHER_STREET,
    PHONE,
    REMARK,
    STREET,
)

_PATIENCE_S = 40.0


class Walk:
    """What was answered on the way is kept: no refusal may repeat what it refused."""

    def __init__(self, caller: Caller, outside: httpx.AsyncClient) -> None:
        self.caller = caller
        self.outside = outside
        self.refusals: list[httpx.Response] = []

    # --- a whole life ---------------------------------------------------------------

    async def buy_over_rest(self) -> str:
        """An order by REST from its placing to the signature, with notes, a correction and carrier's texts."""
        order = marked_order()
        placed = await self.caller.place(order)
        assert placed.status_code in (201, 202), placed.text
        number = order_no(order)
        await self.caller.until(number, "awaiting_payment", _PATIENCE_S)
        await self._correct_and_hold(number)
        await self._tell_stripe(number, order)
        await self.caller.until(number, "picking", _PATIENCE_S)
        await self._let_carriers_fail()
        await self._pick_and_pack(number)
        await self._print_label(number)
        await self._travel(number)
        return number

    async def _correct_and_hold(self, number: str) -> None:
        place = {**marked_order()["address"], "street": OTHER_STREET}
        body = {"address": place, "phone": OTHER_PHONE, "name": OTHER_NAME, "reason": "buyer_asked", "note": NOTE}
        path = f"/v1/orders/{number}"
        await self._well(self.caller.post(f"{path}/address", body, "customer_service"))
        await self._well(self.caller.post(f"{path}/hold", {"reason": "check", "note": NOTE}))
        await self._well(self.caller.post(f"{path}/release", {"reason": "checked", "note": NOTE}))
        await self._well(self.caller.get(path))
        await self._well(self.caller.get(f"{path}/timeline"))
        await self._ask_at_the_desk(path)

    async def _ask_at_the_desk(self, path: str) -> None:
        """Whoever serves the buyer: looks for them, reveals them, writes down what they said."""
        for wanted in ({"phone": OTHER_PHONE}, {"account": ACCOUNT}):
            found = await self._well(self.caller.post("/v1/orders/search", wanted, "customer_service"))
            assert found.json()["items"], "the search found nobody"
        fields = ["name", "phone", "address", "email", "remark"]
        reveal = {"purpose": "call_buyer", "fields": fields}
        shown = await self._well(self.caller.post(f"{path}/reveal", reveal, "customer_service"))
        assert OTHER_PHONE in shown.text
        await self._well(self.caller.post(f"{path}/notes", {"note": f"{NAME} {PHONE} {NOTE}"}, "reviewer"))
        await self._well(self.caller.get(f"{path}/notes"))
        await self._well(self.caller.post(f"{path}/tracking-link", {}))
        exported = await self._well(self.caller.post("/v1/orders.csv", {"purpose": "call_buyer"}))
        assert OTHER_PHONE in exported.text

    async def _tell_stripe(self, number: str, order: dict[str, Any]) -> None:
        told = paid(number, order["total"], order["payment"]["reference"])
        intent = told["data"]["object"]
        intent["shipping"] = {"name": NAME, "phone": PHONE, "address": {"line1": STREET}}
        intent["receipt_email"], intent["description"] = EMAIL, f"order of {NAME}"
        await self._well(self.caller.stripe(told))

    async def _let_carriers_fail(self) -> None:
        """The booking carries the recipient; its failures must not."""
        fault = {"party": "kuaidi100", "kind": "error_once", "count": 1}
        (await self.outside.post("/control/faults", json=fault)).raise_for_status()

    async def _pick_and_pack(self, number: str) -> None:
        [task] = (await self.caller.get("/v1/pick-tasks", "warehouse", order_no=number)).json()["items"]
        path, barcodes = f"/v1/pick-tasks/{task['task_no']}", []
        for line in task["lines"]:
            for _ in range(line["quantity"]):
                scan = {"bin": line["bin"], "barcode": line["barcode"]}
                await self._well(self.caller.post(f"{path}/scans", scan, "warehouse", subject="picker-1"))
                barcodes.append(line["barcode"])
        body = {"packaging": "standard", "barcodes": barcodes, "weight_g": 900}
        await self._well(self.caller.post(f"{path}/recheck", body, "warehouse", subject="checker-2"))

    async def _print_label(self, number: str) -> None:
        path = f"/v1/parcels/{number}-P1/label.pdf"
        await _until(lambda: self.caller.get(path, "warehouse"), lambda answer: answer.status_code == 200)
        assert (await self.outside.get("/control/faults")).json() == {}, "the booking did not fail first"

    async def _travel(self, number: str) -> None:
        """The carrier's texts name the courier, the buyer and the street."""
        tracking = str(await self.caller.value("SELECT tracking_no FROM parcels WHERE order_no = %s", number))
        picked = event("1", "2030-01-03 10:00:00", f"快遞員 {COURIER} 已攬收，寄給{NAME}")
        signed = event("301", "2030-01-03 12:00:00", f"{NAME} {PHONE} 在{STREET}本人簽收")
        await self._well(self.caller.kuaidi100(push(tracking, picked)))
        await self.caller.until(number, "shipped", _PATIENCE_S)
        await self._well(self.caller.kuaidi100(push(tracking, signed, picked)))
        await self.caller.until(number, "signed", _PATIENCE_S)

    async def buy_over_shopify(self) -> str:
        """A marketplace's order, and its cancellation with a note."""
        body = shopify_order(7_000_000_000_001)
        await self._well(self.caller.shopify("orders/create", body))
        number = f"shopify-{body['id']}"
        await self.caller.until(number, "awaiting_payment", _PATIENCE_S)
        cancel = {"reason": "buyer_asked", "note": NOTE}
        await self._well(self.caller.post(f"/v1/orders/{number}/cancel", cancel, "customer_service"))
        await self.caller.until(number, "cancelled", _PATIENCE_S)
        return number

    async def keep_a_contact(self) -> None:
        """The road of integrators who start the workflow themselves."""
        order = marked_order()
        wanted = ("channel", "channel_order_id", "buyer", "address", "remark")
        await self._well(self.caller.post("/v1/contacts", {name: order[name] for name in wanted}, "integrator"))

    # --- refusals ---------------------------------------------------------------------

    async def be_refused_everywhere(self, number: str) -> None:
        """Every kind of faulty request, with the person in it."""
        await self._faulty_orders()
        await self._same_order_otherwise()
        await self._faulty_commands(number)
        await self._faulty_addresses_of_pages()
        await self._faulty_webhooks()

    async def _faulty_orders(self) -> None:
        faulty: list[dict[str, Any]] = [
            {"buyer__phone": f"{PHONE}9999"},
            {"buyer__name": NAME * 500},
            {"remark": REMARK * 2_000},
            {"address__street": ""},
            {"address__country": NAME},
            {"buyer": NAME},
            {"address": f"{STREET} {PHONE}"},
            {"channel": NAME},
            {"channel_order_id": f"{NAME} {PHONE}"},
            {"currency": NAME},
            {"placed_at": f"{NAME} {PHONE}"},
            {"total": f"{PHONE}"},
            {"payment__method": NAME},
            {"payment__reference": NAME * 100},
            {"lines__0__quantity": NAME},
            {"lines__0__sku": NAME * 100},
            {f"{NAME}": PHONE, "total": 1},
        ]
        for changes in faulty:
            await self._refused(self.caller.place(marked_order(**changes)))
        headers = self.caller.token("integrator") | {"Idempotency-Key": "canary-1", "Content-Type": "application/json"}
        for raw in (
            f'{{"buyer": "{NAME} {PHONE}',
            f'"{NAME}"',
            f"[{PHONE}]",
            f'{{"buyer": {{"name": "{NAME}\\ud800"}}}}',
        ):
            await self._refused(self.caller.http.post("/v1/orders", content=raw.encode(), headers=headers))

    async def _same_order_otherwise(self) -> None:
        """The same key with another body, the same number with another person."""
        order = marked_order()
        await self._well(self.caller.place(order, key="canary-2"))
        other = {**order, "remark": f"{REMARK} {OTHER_NAME}"}
        await self._refused(self.caller.place(other, key="canary-2"))
        await self._refused(self.caller.place(other, key="canary-3"))

    async def _faulty_commands(self, number: str) -> None:
        path = f"/v1/orders/{number}"
        place = {**marked_order()["address"], "street": STREET * 200}
        await self._refused(self.caller.post(f"{path}/address", {"address": place, "phone": NAME, "reason": "x"}))
        await self._refused(self.caller.post(f"{path}/hold", {"reason": "", "note": NOTE * 2_000}))
        await self._refused(self.caller.post(f"{path}/review", {"decision": NAME, "note": NOTE}, "reviewer"))
        await self._refused(self.caller.post(f"{path}/review", {"decision": "reject", "note": NOTE}, "reviewer"))
        await self._refused(self.caller.post(f"{path}/cancel", {"reason": "late", "note": NOTE}, "sales"))
        await self._refused(self.caller.post("/v1/orders/search", {"phone": PHONE, "account": ACCOUNT}))
        await self._refused(self.caller.post("/v1/orders/search", {"phone": PHONE}, "finance"))
        await self._refused(self.caller.post(f"{path}/reveal", {"purpose": NAME, "fields": [PHONE]}))
        view = {"filters": {"phone": PHONE, "status": {"x": NAME}}, "columns": [NAME]}
        await self._refused(self.caller.http.put("/v1/views/service/x", json=view, headers=self.caller.token("sales")))

    async def _faulty_addresses_of_pages(self) -> None:
        for path in (f"/v1/orders/{NAME}", f"/v1/orders/web-{NAME}/timeline", f"/v1/{NAME}/{PHONE}"):
            await self._refused(self.caller.get(path))
        for query in ({"status": NAME}, {"channel": NAME}, {"cursor": f"{NAME}{PHONE}"}, {"limit": PHONE}):
            await self._refused(self.caller.get("/v1/orders", **query))
        headers = {"Authorization": f"Bearer {EMAIL}"}
        await self._refused(self.caller.http.get("/v1/orders", headers=headers))

    async def _faulty_webhooks(self) -> None:
        body = shopify_order(7_000_000_000_002)
        await self._refused(self.caller.shopify("orders/create", body, secret="guessed"))
        body["line_items"][0]["quantity"] = 1.5
        await self._refused(self.caller.shopify("orders/create", body))
        await self._refused(self.caller.shopify("orders/create", f'{{"note": "{NOTE} {PHONE}'.encode()))
        told = stripe_event("payment_intent.succeeded", {"id": NAME, "receipt_email": EMAIL, "description": NOTE})
        await self._refused(self.caller.stripe(told, secret="whsec_guessed"))
        await self._refused(self.caller.stripe(told))
        await self._refused(self.caller.kuaidi100(f'{{"lastResult": "{NAME} {PHONE}"'))
        await self._refused(self.caller.kuaidi100(push("SF0", event("1", "x", f"{NAME} {COURIER}")), salt="guessed"))
        # Nobody's parcel: authentic, kept, and tried again for a while.
        await self._well(self.caller.kuaidi100(push("SF404", event("1", "2030-01-03 10:00:00", f"{NAME} {COURIER}"))))

    async def _well(self, asking: Awaitable[httpx.Response]) -> httpx.Response:
        answer = await asking
        if not answer.is_success:
            pytest.fail(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text}")
        return answer

    async def _refused(self, asking: Awaitable[httpx.Response]) -> None:
        answer = await asking
        assert 400 <= answer.status_code < 500, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
        self.refusals.append(answer)


def marked_order(**changes: Any) -> dict[str, Any]:
    """An order of the marked person."""
    return an_order(
        **{
            "buyer__name": NAME,
            "buyer__phone": PHONE,
            "buyer__account": ACCOUNT,
            "buyer__email": EMAIL,
            "address__street": STREET,
            "remark": REMARK,
            **changes,
        }
    )


def shopify_order(number: int) -> dict[str, Any]:
    """The marked person's order in Shopify's format, in Latin letters."""
    return {
        "id": number,
        "currency": "USD",
        "created_at": "2030-01-02T10:00:00-05:00",
        "updated_at": "2030-01-02T10:00:01-05:00",
        "processed_at": "2030-01-02T10:00:00-05:00",
        "financial_status": "pending",
        "payment_gateway_names": ["bogus"],
        "total_price": "20.00",
        "total_tax": "0.00",
        "total_discounts": "0.00",
        "taxes_included": False,
        "note": f"ring for {LATIN_NAME}",
        "email": EMAIL,
        "customer": {"id": 77, "first_name": "Canaria", "last_name": "Sevenque"},
        "shipping_address": {
            "name": LATIN_NAME,
            "address1": LATIN_STREET,
            "city": "Springfield",
            "province": "Illinois",
            "country_code": "US",
            "zip": "62701",
            "phone": f"+86{PHONE}",
        },
        "line_items": [{"sku": "TEA", "name": "Tea", "quantity": 2, "price": "10.00", "discount_allocations": []}],
    }


def push(tracking: str, *events: dict[str, Any]) -> dict[str, Any]:
    """A trace, newest first, as Kuaidi100 pushes it."""
    return {"status": "polling", "lastResult": {"nu": tracking, "com": "shunfeng", "state": "0", "data": list(events)}}


def event(code: str, at: str, text: str) -> dict[str, Any]:
    """One event of a trace."""
    return {"time": at, "ftime": at, "context": text, "statusCode": code, "status": "", "areaName": ""}


async def _until(
    ask: Callable[[], Awaitable[httpx.Response]], good: Callable[[httpx.Response], bool]
) -> httpx.Response:
    end = time.monotonic() + _PATIENCE_S
    while not good(answer := await ask()):
        assert time.monotonic() < end, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
        await asyncio.sleep(0.1)
    return answer
