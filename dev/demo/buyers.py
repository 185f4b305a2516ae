"""Invented buyers: obviously samples, new ones in every run, so that no run inherits another's history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Address:
    """Where the parcel goes, field by field as ``POST /v1/orders`` takes it."""

    country: str
    region: str
    city: str
    district: str
    street: str
    postcode: str


@dataclass(frozen=True)
class Buyer:
    """A person of our own invention."""

    name: str
    phone: str
    account: str
    address: Address
    remark: str = ""


ADDRESSES = (
    Address("CN", "上海市", "上海市", "浦東新區", "樣本路", "200120"),
    Address("CN", "廣東省", "深圳市", "南山區", "測試大道", "518000"),
    Address("CN", "浙江省", "杭州市", "西湖區", "示例街", "310000"),
    Address("CN", "北京市", "北京市", "朝陽區", "演示胡同", "100020"),
)
"""Streets that do not exist; every buyer has a house number of their own."""

REMARKS = ("", "請放門口", "週末送達", "禮盒包裝")


def buyer(stamp: str, scenario: str, *, account: str = "") -> Buyer:
    """The sample buyer of this scenario in this run; the same two always give the same buyer."""
    number = int.from_bytes(hashlib.sha256(f"{stamp}:{scenario}".encode()).digest()[:8])
    home = ADDRESSES[number % len(ADDRESSES)]
    return Buyer(
        name=f"樣本買家{number % 1000:03d}",
        phone=f"+86139{number % 10**8:08d}",
        account=account or f"sample-{scenario}-{stamp}",
        # The risk counters know a buyer by the address, too: two buyers must not share one.
        address=replace(home, street=f"{home.street} {number % 10**7} 號"),
        remark=REMARKS[number // 7 % len(REMARKS)],
    )
