"""Addresses and phones are checked against real data, and a fault never repeats the value (R6, R21)."""

from __future__ import annotations

import pytest

from runtime.postal import address_faults, normal_phone, phone_faults

GOOD = [
    ("CN", "广东省", "深圳市", "518000", "测试路 1 号"),
    ("CN", "廣東省", "深圳市", "", "測試路 1 號"),
    ("CN", "Guangdong", "Shenzhen", "518000", "Test Road 1"),
    ("CN", "北京市", "北京市", "", "測試路 1 號"),
    ("CN", "北京", "朝阳区", "", "測試路 1 號"),
    ("CN", "遼寧省", "瀋陽市", "", "測試路 1 號"),
    ("CN", "新疆維吾爾自治區", "烏魯木齊市", "", "測試路 1 號"),
    ("cn", "四川省", "成都市", "610000", "測試路 1 號"),
    ("TW", "台北市", "信義區", "110", "測試路 1 號"),
    ("HK", "九龍", "旺角", "", "測試道 1 號"),
    ("US", "California", "Mountain View", "94043", "1 Test Street"),
    ("IN", "AP", "Visakhapatnam", "530001", "1 Test Road"),
    ("JP", "JP13", "渋谷区", "150-0001", "試験町 1"),
    ("MX", "MX-JAL", "Guadalajara", "44100", "Calle Prueba 1"),
    ("DE", "", "Berlin", "10115", "Teststraße 1"),
]


@pytest.mark.parametrize("address", GOOD, ids=lambda address: "-".join(address[:3]))
def test_a_real_address_has_no_fault(address: tuple[str, str, str, str, str]) -> None:
    assert address_faults(*address) == []


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        (("", "", "", "", ""), ["country is missing"]),
        (("XX", "", "", "", ""), ["country is not known"]),
        (("CN", "", "", "", ""), ["region is missing", "city is missing", "street is missing"]),
        (("CN", "火星省", "深圳市", "", "x"), ["region is not one of that country"]),
        (("IN", "ZZ", "Visakhapatnam", "530001", "x"), ["region is not one of that country"]),
        (("CN", "廣東省", "上海市", "", "x"), ["city is not in that region"]),
        (("CN", "廣東省", "深圳市", "51800", "x"), ["postcode does not fit that country or region"]),
        (("US", "CA", "Mountain View", "10001", "x"), ["postcode does not fit that country or region"]),
        (("US", "CA", "Mountain View", "", "x"), ["postcode is missing"]),
        (("CN", "廣東省", "深圳市", "", "   "), ["street is missing"]),
    ],
)
def test_a_doubtful_address_says_what_is_wrong(address: tuple[str, str, str, str, str], faults: list[str]) -> None:
    assert address_faults(*address) == faults


@pytest.mark.parametrize(
    ("phone", "country"),
    [("13800138000", "CN"), ("+86 138 0013 8000", ""), ("0912345678", "TW"), ("+1 650 253 0000", "CN")],
)
def test_a_phone_that_can_ring_has_no_fault(phone: str, country: str) -> None:
    assert phone_faults(phone, country) == []


@pytest.mark.parametrize(
    ("phone", "country", "fault"),
    [
        ("", "CN", "phone is missing"),
        ("call me", "CN", "phone is not a telephone number"),
        ("13800138000", "", "phone is not a telephone number"),
        ("138", "CN", "phone has the wrong length"),
        ("12345", "CN", "phone is in no numbering plan"),
    ],
)
def test_a_phone_that_cannot_ring_says_why_without_the_number(phone: str, country: str, fault: str) -> None:
    assert phone_faults(phone, country) == [fault]
    assert not any(sign.isdigit() for sign in fault)


def test_no_fault_repeats_what_was_given() -> None:
    marked = ("CN", "祕密省", "祕密市", "祕密碼", "祕密街")
    assert address_faults(*marked)
    assert "祕密" not in "".join(address_faults(*marked))


def test_two_spellings_of_a_number_have_one_normal_form() -> None:
    assert normal_phone("138 0013 8000", "CN") == normal_phone("+86-138-00138000", "TW") == "+8613800138000"
    assert normal_phone("call me", "CN") is None
