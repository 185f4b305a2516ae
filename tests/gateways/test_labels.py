"""The parcel label, read back from its PDF."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from barcode.codex import Code128
from barcode.errors import BarcodeError
from pypdf import PageObject, PdfReader

from runtime.labels import Label, LabelLine, render_label

LABEL = Label(
    order_no="OF-20260301-000123",
    parcel_no="OF-20260301-000123-1",
    carrier="順豐速運 SF",
    tracking_no="SF1390123456789",
    recipient_name="測試買家",
    recipient_phone="13800000001",
    recipient_address="广东省深圳市南山区测试路 100 号 示例大厦 12 楼 1203 室",
    contents=[LabelLine("TEA-OOLONG-250", "高山烏龍茶 250 克", 2), LabelLine("CUP-01", "青花瓷茶杯", 1)],
    fragile=True,
    warehouse="SZ-1",
    printed_at=datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=8))),
)


def page(label: Label) -> PageObject:
    reader = PdfReader(io.BytesIO(render_label(label)))
    assert len(reader.pages) == 1
    return reader.pages[0]


def text(label: Label) -> str:
    # pypdf reads the high byte of every two-byte glyph number as a character of its own.
    return "".join(page(label).extract_text().replace("\x00", "").split())


def bars(label: Label) -> int:
    return page(label).get_contents().get_data().count(b" re f")  # type: ignore[union-attr]


def test_a_label_is_100_by_150_millimetres() -> None:
    box = page(LABEL).mediabox
    assert (float(box.width) / 72 * 25.4, float(box.height) / 72 * 25.4) == pytest.approx((100, 150), abs=0.1)


def test_no_character_of_a_label_is_without_its_glyph(caplog: pytest.LogCaptureFixture) -> None:
    many = [LabelLine(f"SKU-{number}", "很長的商品名稱" * 9, number) for number in range(1, 40)]
    render_label(replace(LABEL, contents=many, recipient_name="龘㐀测試買家" * 9))

    assert "missing" not in caplog.text


def test_the_label_says_everything_a_courier_and_a_packer_need() -> None:
    said = text(LABEL)
    wanted = (
        "訂單OrderOF-20260301-000123",
        "包裹ParcelOF-20260301-000123-1",
        "順豐速運SF",
        "SF1390123456789",
        "測試買家",
        "13800000001",
        "广东省深圳市南山区测试路100号",
        "1203室",
        "高山烏龍茶250克",
        "TEA-OOLONG-250",
        "×2",
        "青花瓷茶杯",
        "CUP-01",
        "×1",
        "共3件",
        "倉庫WarehouseSZ-1",
        "2026-03-0110:30+0800",
        "易碎",
    )
    assert [words for words in wanted if words not in said] == []


def test_what_the_courier_collects_stands_on_the_label_and_only_there_where_cash_is_due() -> None:
    assert "代收貨款COLLECTCNY59.00" in text(replace(LABEL, collect="CNY 59.00"))
    assert "代收" not in text(LABEL)


def test_only_fragile_goods_are_marked() -> None:
    assert "易碎" not in text(replace(LABEL, fragile=False))


def test_the_tracking_number_is_drawn_bar_by_bar() -> None:
    modules = Code128(LABEL.tracking_no).build()[0]
    assert bars(replace(LABEL, fragile=False)) == len([run for run in modules.split("0") if run])


def test_a_tracking_number_that_has_no_barcode_is_refused() -> None:
    with pytest.raises(BarcodeError):
        render_label(replace(LABEL, tracking_no="單號"))


def test_contents_that_do_not_fit_are_counted() -> None:
    many = [LabelLine(f"SKU-{number}", "樣品", 1) for number in range(40)]
    said = text(replace(LABEL, contents=many))
    shown = sum(f"SKU-{number}" in said for number in range(40))
    assert 0 < shown < 40
    assert "40件" in said


def test_a_long_address_is_shrunk_and_never_cut() -> None:
    address = "測試路" * 60 + "終點"
    said = text(replace(LABEL, recipient_address=address))
    assert address in said
    assert "CUP-01" in said, "the address has pushed the contents off the paper"


def test_the_recipient_does_not_show_when_the_label_is_printed_to_a_log() -> None:
    assert not any(private in repr(LABEL) for private in ("測試買家", "13800000001", "深圳市"))
