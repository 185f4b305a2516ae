"""The regions that WooCommerce numbers in a way of its own; elsewhere it writes ISO 3166-2 codes, or names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# CN1, CN2, … in this order; the numbers follow no standard.
_OF_CHINA = (
    "云南省", "北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省",
    "黑龙江省", "上海市", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省",
    "河南省", "湖北省", "湖南省", "广东省", "广西壮族自治区", "海南省", "重庆市", "四川省",
    "贵州省", "陕西省", "甘肃省", "青海省", "宁夏回族自治区", "澳门", "西藏自治区", "新疆维吾尔自治区",
)  # fmt: skip
_NAMES: Mapping[tuple[str, str], str] = MappingProxyType(
    {("CN", f"CN{number}"): name for number, name in enumerate(_OF_CHINA, start=1)}
    | {("HK", "HONG KONG"): "香港島", ("HK", "KOWLOON"): "九龍", ("HK", "NEW TERRITORIES"): "新界"}
)


def region(country: str, state: str) -> str:
    """The name of that region, for carriers and for the check of the address; any other ``state`` as it came."""
    return _NAMES.get((country.upper(), state.upper()), state)
