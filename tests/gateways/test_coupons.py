"""Coupons: signed, once for each key, refused in the service's own words (R24)."""

from __future__ import annotations

import json

import pytest
from standardwebhooks import Webhook

from gateways.coupons import CouponAccess, CouponService, CouponWish
from gateways.errors import Refused, Unavailable
from tests.gateways.wire import Wire, says

SECRET = "whsec_" + "c2VjcmV0" * 4
WISH = CouponWish("site", "20300101-1", 2_000, "CNY", "case K-1")


def service(wire: Wire) -> CouponService:
    return CouponService(wire.client, CouponAccess("https://coupons.example/api/", SECRET))


async def test_a_coupon_is_asked_for_with_a_signature_over_the_body_and_names_no_person() -> None:
    wire = Wire(says(201, {"id": "cpn_1", "code": "never read"}))
    assert await service(wire).issue(WISH, key="case:K-1#1") == "cpn_1"
    sent = wire.last
    assert str(sent.url) == "https://coupons.example/api/v1/coupons"
    assert sent.headers["Idempotency-Key"] == "case:K-1#1"
    Webhook(SECRET).verify(sent.content, dict(sent.headers))
    assert json.loads(sent.content) == {
        "beneficiary": {"channel": "site", "order": "20300101-1"},
        "amount": 2_000,
        "currency": "CNY",
        "reason": "case K-1",
    }


async def test_a_refusal_is_told_by_its_code_and_an_absence_is_asked_again() -> None:
    with pytest.raises(Refused) as refused:
        await service(Wire(says(422, {"error": "amount_too_large"}))).issue(WISH, key="k")
    assert refused.value.code == "amount_too_large"
    with pytest.raises(Unavailable):
        await service(Wire(says(503))).issue(WISH, key="k")
