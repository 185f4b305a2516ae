"""Money is an integer count of a currency's minor unit (fen, cent, yen), never a float."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType

# ISO 4217 exponents of the currencies the shop takes. A currency that is not here is
# refused at the door: guessing an exponent would be off by a factor of a hundred.
EXPONENT: Mapping[str, int] = MappingProxyType(
    {
        "CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "TWD": 2, "SGD": 2, "MYR": 2, "THB": 2, "AUD": 2,
        "CAD": 2, "CHF": 2, "SEK": 2, "NOK": 2, "DKK": 2, "PLN": 2, "NZD": 2, "MOP": 2,
        "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3,
    }
)  # fmt: skip


# About CNY 1,000 each: what one person may give back of an order without a second (four eyes).
# A shop that wants today's rates, or other amounts, configures its own table.
REFUND_ALONE: Mapping[str, int] = MappingProxyType(
    {
        "CNY": 100_000, "USD": 14_000, "EUR": 13_000, "GBP": 11_000, "HKD": 110_000, "TWD": 440_000, "SGD": 19_000,
        "MYR": 62_000, "THB": 480_000, "AUD": 21_000, "CAD": 19_000, "CHF": 12_000, "SEK": 145_000, "NOK": 150_000,
        "DKK": 97_000, "PLN": 55_000, "NZD": 23_000, "MOP": 112_000, "JPY": 21_000, "KRW": 190_000, "VND": 3_500_000,
        "KWD": 43_000, "BHD": 52_000,
    }
)  # fmt: skip


class PaymentMethod(StrEnum):
    """How the buyer pays."""

    ONLINE = "online"
    CASH_ON_DELIVERY = "cod"


class PaymentStatus(StrEnum):
    """What the ledger says; decided from sums, never from a flag (accident 4)."""

    NOTHING_DUE = "nothing_due"
    UNPAID = "unpaid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


PAYMENT_CHINESE: Mapping[PaymentStatus, str] = MappingProxyType(
    {
        PaymentStatus.NOTHING_DUE: "無需付款",
        PaymentStatus.UNPAID: "待付款",
        PaymentStatus.PAID: "已付款",
        PaymentStatus.PARTLY_REFUNDED: "部分退款",
        PaymentStatus.REFUNDED: "已退款",
    }
)


def minor_units(amount: str, currency: str) -> int:
    """Read a provider's decimal string ("2629.95") as minor units; ValueError if it is not exact."""
    if currency not in EXPONENT:
        raise ValueError(f"unknown currency {currency!r}")
    try:
        value = Decimal(amount).scaleb(EXPONENT[currency])
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {amount!r}") from error
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError(f"{amount!r} has more decimals than {currency} allows")
    return int(value)


def decimal_text(amount_minor: int, currency: str) -> str:
    """The amount as people and providers write it: 262995 CNY → "2629.95"."""
    exponent = EXPONENT[currency]
    return str(Decimal(amount_minor).scaleb(-exponent).quantize(Decimal(1).scaleb(-exponent)))


def is_paid(total: int, captured: int, refunded: int) -> bool:
    """Whether nothing is due any more, from the ledger's sums in minor units (R3, accident 4).

    Who has paid all and was given part of it back has paid; who was given all of it back has not.
    """
    return total == 0 or (captured >= total and refunded < captured)


def payment_status(total: int, captured: int, refunded: int) -> PaymentStatus:
    """What the order's money amounts to, from the ledger's sums in minor units (R3)."""
    if captured > 0 and refunded >= captured:
        return PaymentStatus.REFUNDED
    if refunded > 0:
        return PaymentStatus.PARTLY_REFUNDED
    if captured >= total:
        return PaymentStatus.PAID if captured > 0 else PaymentStatus.NOTHING_DUE
    return PaymentStatus.UNPAID
