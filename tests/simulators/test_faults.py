"""Each fault, over a real connection, as a gateway suffers it."""

from __future__ import annotations

import httpx
import pytest

from gateways.errors import Unavailable
from gateways.payments import ProviderAccess
from gateways.stripe import StripePayments
from tests.simulators.conftest import Running
from tests.simulators.shop import SECRETS


async def _paid(outside: Running) -> str:
    made = await outside.control("/stripe/payment_intents", {"amount": 12800, "order_no": "OF-1"})
    await outside.control(f"/stripe/payment_intents/{made['id']}/pay")
    return str(made["id"])


def _bank(outside: Running, client: httpx.AsyncClient | None = None) -> StripePayments:
    return StripePayments(client or outside.client, ProviderAccess(f"{outside.base}/stripe", SECRETS["stripe_api_key"]))


async def test_a_dropped_answer_leaves_the_effect_and_the_same_key_finds_it(outside: Running) -> None:
    bank, reference = _bank(outside), await _paid(outside)
    await outside.control("/faults", {"party": "stripe", "kind": "drop_response"})
    with pytest.raises(Unavailable, match="connection"):
        await bank.refund(reference, 500, currency="CNY", key="OF-1:refund:1")
    assert (await bank.find(reference)).refunded_minor == 500
    again = await bank.refund(reference, 500, currency="CNY", key="OF-1:refund:1")
    assert (await bank.find(reference)).refunded_minor == 500
    [kept] = (await outside.get("/control/stripe/payment_intents"))[0]["refunds"]
    assert kept["id"] == again.refund_reference


async def test_a_party_that_is_down_does_nothing_until_it_is_up(outside: Running) -> None:
    bank, reference = _bank(outside), await _paid(outside)
    await outside.control("/faults", {"party": "stripe", "kind": "down", "count": 2})
    for _ in range(2):
        with pytest.raises(Unavailable, match="connection"):
            await bank.refund(reference, 500, currency="CNY", key="k")
    assert (await bank.find(reference)).refunded_minor == 0
    await bank.refund(reference, 500, currency="CNY", key="k")
    assert (await bank.find(reference)).refunded_minor == 500


async def test_an_error_of_theirs_does_nothing_and_passes(outside: Running) -> None:
    bank, reference = _bank(outside), await _paid(outside)
    await outside.control("/faults", {"party": "stripe", "kind": "error_once"})
    with pytest.raises(Unavailable) as caught:
        await bank.refund(reference, 500, currency="CNY", key="k")
    assert caught.value.status == 500
    assert (await bank.find(reference)).refunded_minor == 0
    await bank.refund(reference, 500, currency="CNY", key="k")


async def test_a_slow_party_runs_into_the_callers_timeout(outside: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await _paid(outside)
    await outside.control("/faults", {"party": "stripe", "kind": "slow", "seconds": 0.5})
    monkeypatch.setattr("gateways.stripe.TIMEOUT", httpx.Timeout(0.05))
    with pytest.raises(Unavailable, match="timeout"):
        await _bank(outside).find(reference)


async def test_a_fault_meets_one_party_only_and_can_be_mended(outside: Running) -> None:
    reference = await _paid(outside)
    left = await outside.control("/faults", {"party": "shopify", "kind": "down", "count": 5})
    assert left == {"shopify": {"kind": "down", "count": 5}}
    await _bank(outside).find(reference)
    assert await outside.control("/faults", {"party": "shopify", "kind": "down", "count": 0}) == {}
