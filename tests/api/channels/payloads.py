"""Small messages of our own making, in each platform's format, and their signatures.

Every person in them is invented.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from pydantic import SecretStr

from api.adapters import Delivery, Terms
from domain.intake import Fault
from models.order import Policy
from runtime.settings import Settings

WOO_SECRET, TAOBAO_SECRET, YOUZAN_ID, YOUZAN_SECRET = "woo-secret", "taobao-secret", "yz-client", "yz-secret"
TERMS = Terms("ct_test", Policy())
BEYOND_DOUBLES = 2**53 + 1
"""An id that a double would round to its neighbour."""


def settings(**changes: Any) -> Settings:
    """Settings of a shop that has all three channels, whose other values nobody asks for."""
    given = {
        "woocommerce_webhook_secret": WOO_SECRET,
        "taobao_app_secret": TAOBAO_SECRET,
        "youzan_client_id": YOUZAN_ID,
        "youzan_client_secret": YOUZAN_SECRET,
    }
    values = {name: SecretStr(value) if "secret" in name else value for name, value in given.items()}
    return Settings.model_construct(**(values | changes))


def fields(faults: tuple[Fault, ...]) -> set[str]:
    """The faulty fields."""
    return {fault.field for fault in faults}


def woo_order(**changes: Any) -> dict[str, Any]:
    """Two mugs at 12.50 less 5.00, one lamp at 30.00, shipping 4.00, tax 1.20: paid 55.20 USD."""
    person = {
        "first_name": "Testa", "last_name": "Probe", "company": "", "address_1": "1 Sample Street", "address_2": "",
        "city": "Testville", "state": "NY", "postcode": "10001", "country": "US",
    }  # fmt: skip
    order = {
        "id": 7001,
        "status": "processing",
        "currency": "USD",
        "date_created": "2026-03-01T04:00:00",
        "date_created_gmt": "2026-03-01T09:00:00",
        "date_modified_gmt": "2026-03-01T09:00:05",
        "date_paid_gmt": "2026-03-01T09:00:05",
        "discount_total": "5.00",
        "shipping_total": "4.00",
        "total": "55.20",
        "total_tax": "1.20",
        "customer_id": 12,
        "customer_note": "Ring twice, please",
        "billing": person | {"email": "testa@probe", "phone": "+1 212 555 0100"},
        "shipping": person | {"phone": ""},
        "payment_method": "stripe",
        "line_items": [
            {"id": 1, "name": "Mug", "quantity": 2, "subtotal": "25.00", "total": "20.00", "sku": "MUG", "price": 10},
            {"id": 2, "name": "Lamp", "quantity": 1, "subtotal": "30.00", "total": "30.00", "sku": "LAMP", "price": 30},
        ],
        "fee_lines": [],
        "refunds": [],
    }
    return order | changes


def woo(body: Any, topic: str = "order.created", **headers: str) -> Delivery:
    """A signed WooCommerce webhook."""
    raw = json.dumps(body).encode()
    signature = base64.b64encode(hmac.new(WOO_SECRET.encode(), raw, hashlib.sha256).digest()).decode()
    return Delivery(
        {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature, "x-wc-webhook-delivery-id": "d-1"} | headers,
        raw,
    )


def taobao_trade(**changes: Any) -> dict[str, Any]:
    """Two cups at 10.00 paid 18.00, one scarf at 50.00 paid 45.50, postage 6.00: paid 69.50."""
    trade = {
        "tid": BEYOND_DOUBLES,
        "status": "WAIT_SELLER_SEND_GOODS",
        "type": "fixed",
        "created": "2026-03-01 18:30:00",
        "modified": "2026-03-01 18:31:10",
        "pay_time": "2026-03-01 18:31:07",
        "payment": "69.50",
        "post_fee": "6.00",
        "discount_fee": "3.00",
        "buyer_nick": "测试买家",
        "buyer_message": "周末送 ",
        "receiver_name": "测试收货人",
        "receiver_mobile": "13800000000",
        "receiver_state": "广东省",
        "receiver_city": "深圳市",
        "receiver_district": "南山区",
        "receiver_town": "样例街道",
        "receiver_address": "测试路1号   ",
        "receiver_zip": "518000 ",
        "orders": {
            "order": [
                {
                    "oid": 1, "outer_sku_id": "CUP-W ", "title": "杯子", "sku_properties_name": "颜色:白", "num": 2,
                    "price": "10.00", "payment": "19.00", "divide_order_fee": "18.00", "refund_status": "NO_REFUND",
                },
                {
                    "oid": 2, "outer_sku_id": "", "outer_iid": "SCARF", "title": "围巾", "num": 1, "price": "50.00",
                    "payment": "47.50", "divide_order_fee": "45.50", "refund_status": "NO_REFUND",
                },
            ]
        },
    }  # fmt: skip
    return trade | changes


def taobao(content: Any, topic: str = "taobao_trade_TradeBuyerPay", method: str = "md5", **form: str) -> Delivery:
    """A signed message of the platform's message service."""
    message = {
        "id": "4090000000000000001", "topic": topic, "pub_time": "2026-03-01 18:31:11", "user_id": "1",
        "content": json.dumps(content, ensure_ascii=False), "app_key": "123", "sign_method": method, "empty": "",
    } | form  # fmt: skip
    signed = "".join(f"{name}{message[name]}" for name in sorted(message) if message[name]).encode()
    secret = TAOBAO_SECRET.encode()
    digests = {
        "md5": lambda: hashlib.md5(secret + signed + secret).hexdigest(),
        "hmac": lambda: hmac.new(secret, signed, hashlib.md5).hexdigest(),
        "hmac-sha256": lambda: hmac.new(secret, signed, hashlib.sha256).hexdigest(),
    }
    return Delivery({}, urlencode(message | {"sign": digests[method]().upper()}).encode())


def whole_trade(**changes: Any) -> dict[str, Any]:
    """The trade as the platform wraps it."""
    return {"trade_fullinfo_get_response": {"trade": taobao_trade(**changes)}}


def youzan_order(*, info: dict[str, Any] | None = None, pay: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Two soaps at 3.00 paid 5.00, one brush at 4.00 paid 4.00, postage 1.00: paid 10.00."""
    order = {
        "address_info": {
            "receiver_name": "测试收货人", "receiver_tel": "13800000000", "delivery_province": "浙江省",
            "delivery_city": "杭州市", "delivery_district": "样例区", "delivery_address": "测试路2号",
            "delivery_postal_code": "", "self_fetch_info": "",
        },
        "remark_info": {"buyer_message": "null"},
        "pay_info": {"post_fee": "1.00", "total_fee": "9.00", "payment": "10.00"} | (pay or {}),
        "buyer_info": {"buyer_id": BEYOND_DOUBLES, "buyer_phone": "13800000001"},
        "orders": [
            {
                "oid": "1", "outer_sku_id": "SOAP", "outer_item_id": "S", "title": "香皂", "num": 2, "price": "3.00",
                "payment": "5.00", "sku_properties_name": '[{"k": "味道", "v": "茉莉"}]', "sub_order_no": "null",
            },
            {
                "oid": "2", "outer_sku_id": "null", "outer_item_id": "BRUSH", "title": "刷子", "num": 1,
                "price": "4.00", "payment": "4.00", "sku_properties_name": "[]", "sub_order_no": "null",
            },
        ],
        "order_info": {
            "tid": "E20260301183000000000001", "status": "WAIT_SELLER_SEND_GOODS", "created": "2026-03-01 18:30:00",
            "update_time": "2026-03-01 18:31:10", "pay_time": "2026-03-01 18:31:07", "pay_type": 10,
            "pay_type_str": "WEIXIN_DAIXIAO", "close_type": 0,
        } | (info or {}),
    }  # fmt: skip
    return {"full_order_info": order, "refund_order": [], "order_promotion": {"adjust_fee": "0.00"}} | changes


def youzan(told: Any, topic: str = "trade_TradePaid", *, plus: bool = False, **push: Any) -> Delivery:
    """A signed push; ``plus`` encodes a space as a plus, as some pushes do."""
    msg = (quote_plus if plus else quote)(json.dumps(told, ensure_ascii=False))
    sign = hashlib.md5(f"{YOUZAN_ID}{msg}{YOUZAN_SECRET}".encode()).hexdigest()
    body = {"client_id": YOUZAN_ID, "id": "E1", "msg_id": "m-1", "type": topic, "test": False, "msg": msg, "sign": sign}
    return Delivery({}, json.dumps(body | push).encode())
