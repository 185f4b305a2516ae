"""What the sample shop sells, and where it stands: the data that ``dev.seed`` puts in.

Prices are the samples' own (minor units of CNY); a real shop's come with its orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

ROBOT_WAREHOUSE = "SHA1"
"""The warehouse in which the robot works."""
OTHER_WAREHOUSE = "URC1"
"""A warehouse that no robot serves: what stands there waits for a person."""
BLACKLISTED_ACCOUNT = "sample-blacklisted"
"""An invented buyer's account that is on the blacklist (R27)."""


@dataclass(frozen=True)
class Warehouse:
    """A house that ships."""

    code: str
    name: str
    region: str
    city: str


@dataclass(frozen=True)
class Lot:
    """Goods in a bin; ``keeps`` is how long from the day of seeding, None for ever."""

    warehouse: str
    bin: str
    on_hand: int
    lot: str = ""
    keeps: timedelta | None = None


@dataclass(frozen=True)
class Product:
    """A SKU: grams, cubic centimetres, minor units of CNY."""

    sku: str
    title: str
    barcode: str
    price: int
    weight_g: int
    volume_cm3: int
    lots: tuple[Lot, ...]
    category: str = "general"
    fragile: bool = False
    safety_stock: int = 0


WAREHOUSES = (
    Warehouse(ROBOT_WAREHOUSE, "上海一號倉 Shanghai 1", "上海市", "上海市"),
    Warehouse(OTHER_WAREHOUSE, "烏魯木齊倉 Urumqi", "新疆維吾爾自治區", "烏魯木齊市"),
)

_SH, _UR = ROBOT_WAREHOUSE, OTHER_WAREHOUSE
_DAYS = timedelta(days=1)

OOLONG = Product(
    "TEA-OOLONG-150", "阿里山烏龍茶 150 g Alishan oolong", "6900000000017", 12_800, 180, 900,
    (Lot(_SH, "A-01-1", 400, "OL-OLD", 200 * _DAYS), Lot(_SH, "A-01-2", 1_600, "OL-NEW", 500 * _DAYS)),
    category="food",
)  # fmt: skip
PUER = Product(
    "TEA-PUER-357", "普洱茶餅 357 g pu-erh cake", "6900000000024", 26_800, 400, 1_400,
    (Lot(_SH, "A-02-1", 2_000, "PU-1", 3_000 * _DAYS),), category="food",
)  # fmt: skip
RICE = Product(
    "RICE-5KG", "五常大米 5 kg rice", "6900000000031", 8_900, 5_050, 7_000,
    (Lot(_SH, "A-03-1", 2_000, "RI-1", 300 * _DAYS),), category="food",
)  # fmt: skip
CUP = Product(
    "CUP-CELADON", "青瓷茶杯 celadon cup", "6900000000048", 6_600, 220, 800, (Lot(_SH, "B-01-1", 2_000),),
    category="ceramics", fragile=True,
)  # fmt: skip
POT = Product(
    "POT-CLAY", "紫砂壺 clay teapot", "6900000000055", 45_000, 600, 2_500, (Lot(_SH, "B-01-2", 2_000),),
    category="ceramics", fragile=True,
)  # fmt: skip
BOOK = Product(
    "BOOK-TEA", "茶經今讀 The Classic of Tea", "6900000000062", 5_900, 450, 900, (Lot(_SH, "C-01-1", 2_000),),
    category="books",
)  # fmt: skip
SCARF = Product(
    "SCARF-SILK", "真絲圍巾 silk scarf", "6900000000079", 39_900, 120, 600, (Lot(_SH, "C-02-1", 2_000),),
    category="clothing",
)  # fmt: skip
LAMP = Product(
    "LAMP-PAPER", "紙燈籠 paper lamp", "6900000000086", 18_800, 700, 9_000, (Lot(_SH, "C-03-1", 2_000),),
    category="home",
)  # fmt: skip
SCROLL = Product(
    # More is to be kept than there is: every order of it is looked at by a person (R6).
    "SCROLL-LIMITED", "限量山水畫軸 limited scroll", "6900000000093", 88_000, 500, 2_000, (Lot(_SH, "D-01-1", 300),),
    category="art", safety_stock=1_000,
)  # fmt: skip
MOONCAKE = Product(
    "MOONCAKE-PROMO", "中秋月餅禮盒（促銷） mooncake box", "6900000000109", 9_900, 800, 3_000,
    (Lot(_SH, "E-01-1", 5, "MC-1", 60 * _DAYS),), category="food",
)  # fmt: skip
FAN = Product(
    "FAN-PROMO", "檀香扇（秒殺） sandalwood fan", "6900000000116", 19_900, 90, 300, (Lot(_SH, "E-02-1", 1),),
    category="promotion",
)  # fmt: skip
INKSTONE = Product(
    "INKSTONE-ONE", "端硯孤品 inkstone, the only one", "6900000000123", 36_000, 1_500, 1_200, (Lot(_SH, "D-02-1", 1),),
    category="art",
)  # fmt: skip
CARPET = Product(
    "CARPET-HETIAN", "和田地毯 Hetian carpet", "6900000000130", 42_000, 3_000, 12_000, (Lot(_UR, "U-01-1", 500),),
    category="home",
)  # fmt: skip

PRODUCTS = (OOLONG, PUER, RICE, CUP, POT, BOOK, SCARF, LAMP, SCROLL, MOONCAKE, FAN, INKSTONE, CARPET)

BY_SKU: Mapping[str, Product] = MappingProxyType({product.sku: product for product in PRODUCTS})
