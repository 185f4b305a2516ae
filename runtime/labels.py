"""The parcel label: a 100 x 150 mm PDF with a Code 128 barcode, in Chinese and Latin script (R10).

Drawn with vectors only, so that it stays sharp on a thermal printer. A label shows the
recipient in full; whoever prints one needs the permission and leaves a trace (R21), which
is the caller's business. Rendering costs tens of milliseconds of CPU: call it in a thread.
"""

from __future__ import annotations

import string
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import cast

import uharfbuzz
from barcode.codex import Code128
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode

WIDTH_MM, HEIGHT_MM = 100.0, 150.0

_FONT_PACKAGE = "cvttf_NotoSansCJK_Regular"
_FONT = "cjk"
_OWN_CHARACTERS = string.printable + "收件人內容共件另有種訂單包裹倉庫列印易碎代收貨款×…"
"""What a label says beside what it is given."""
_EDGE = 4.0
_INNER = WIDTH_MM - 2 * _EDGE
_FOOT_Y = HEIGHT_MM - 13.5
_BAR_HEIGHT = 20.0
_ADDRESS_HEIGHT = 22.0
_ADDRESS_POINTS = (13.0, 11.0, 9.0, 7.0, 5.0)
_LINE_STEP = 8.2
_QUIET_MODULES = 10
_WIDEST_MODULE_MM = 0.5
_POINT_MM = 25.4 / 72


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One line of the contents."""

    sku: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says. ``tracking_no`` is ASCII; ``printed_at`` is shown with its own offset."""

    order_no: str
    parcel_no: str
    carrier: str
    tracking_no: str
    recipient_name: str = field(repr=False)
    recipient_phone: str = field(repr=False)
    recipient_address: str = field(repr=False)
    contents: Sequence[LabelLine]
    fragile: bool
    warehouse: str
    printed_at: datetime
    collect: str = ""
    """What the courier collects at the door, as ``CNY 49.00``; empty: it is paid (R14)."""


def render_label(label: Label) -> bytes:
    """The label as PDF bytes, always one page: contents that do not fit are counted in a last line.

    Raises barcode.errors.BarcodeError if the tracking number cannot be written in Code 128.
    """
    sheet = _Sheet(_characters(label))
    sheet.head(label)
    sheet.barcode(label.tracking_no)
    sheet.recipient(label)
    sheet.contents(label.contents)
    sheet.foot(label)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """One page, drawn from top to bottom; every block leaves the pen below itself."""

    def __init__(self, characters: str) -> None:
        super().__init__(unit="mm", format=(WIDTH_MM, HEIGHT_MM))
        self._take_font(characters)
        self.set_auto_page_break(False)
        self.set_margins(_EDGE, _EDGE)
        self.c_margin = 0.0
        self.set_title("Parcel label")
        self.add_page()

    def _take_font(self, characters: str) -> None:
        """Only the characters of this label: a library that reads the whole font takes half a second for it."""
        wanted = uharfbuzz.SubsetInput()
        wanted.sets(uharfbuzz.SubsetInputSets.UNICODE).set({ord(character) for character in characters})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "label.otf"
            path.write_bytes(uharfbuzz.subset(_font(), wanted).blob.data)
            self.add_font(_FONT, fname=path)

    def head(self, label: Label) -> None:
        """Carrier on the left, under it what is to be collected, the fragile mark on the right."""
        self._text(label.carrier, 22 if not label.collect else 15, y=_EDGE, width=_INNER - 34)
        if label.collect:
            self._text(f"代收貨款 COLLECT {label.collect}", 12, y=_EDGE + 7, width=_INNER - 34, smallest=8)
        if label.fragile:
            self._fragile_mark(WIDTH_MM - _EDGE - 31, _EDGE, 31, 11)
        self._rule(_EDGE + 13)

    def barcode(self, tracking_no: str) -> None:
        """The tracking number as bars, centred, with its quiet zones, and as text below."""
        modules = Code128(tracking_no).build()[0]
        width = min(_WIDEST_MODULE_MM, _INNER / (len(modules) + 2 * _QUIET_MODULES))
        x, y = (WIDTH_MM - width * len(modules)) / 2, self.get_y() + 2
        self.set_fill_color(0)
        for bar, run in groupby(modules):
            length = width * len(list(run))
            if bar == "1":
                self.rect(x, y, length, _BAR_HEIGHT, style="F")
            x += length
        self._text(tracking_no, 13, y=y + _BAR_HEIGHT + 1, align="C")
        self._rule(self.get_y() + 1.5)

    def recipient(self, label: Label) -> None:
        """Who gets it; the biggest text of the label, because a courier reads it at arm's length."""
        self._caption("收件人 SHIP TO")
        top, left = self.get_y() + 0.8, _INNER * 0.58
        self._text(label.recipient_name, 17, y=top, width=left - 2, height=8, smallest=8)
        self._text(
            label.recipient_phone, 15, y=top, x=_EDGE + left, width=_INNER - left, height=8, align="R", smallest=8
        )
        self._paragraph(label.recipient_address, y=top + 9)
        self._rule(self.get_y() + 2)

    def contents(self, lines: Sequence[LabelLine]) -> None:
        """Title, SKU and quantity of each line, as many as the paper holds."""
        self._caption(f"內容 CONTENTS  共 {sum(line.quantity for line in lines)} 件")
        self.set_y(self.get_y() + 0.6)
        room = int((_FOOT_Y - 1 - self.get_y()) // _LINE_STEP)
        shown = lines if len(lines) <= room else lines[: room - 1]
        for line in shown:
            self._content_line(line)
        if rest := len(lines) - len(shown):
            self._text(f"…另有 {rest} 種 and {rest} more", 9.5, y=self.get_y(), height=_LINE_STEP)

    def foot(self, label: Label) -> None:
        """Our own numbers and when it was printed."""
        self._rule(_FOOT_Y)
        left = _INNER * 0.58
        right, width = _EDGE + left, _INNER - left
        self._text(f"訂單 Order {label.order_no}", 9, y=_FOOT_Y + 1, width=left - 2, smallest=6)
        self._text(f"包裹 Parcel {label.parcel_no}", 9, y=_FOOT_Y + 5.2, width=left - 2, smallest=6)
        self._text(f"倉庫 Warehouse {label.warehouse}", 8, y=_FOOT_Y + 1, x=right, width=width, align="R", smallest=6)
        printed = f"列印 Printed {label.printed_at:%Y-%m-%d %H:%M %z}"
        self._text(printed, 8, y=_FOOT_Y + 5.2, x=right, width=width, align="R", smallest=6)

    def _content_line(self, line: LabelLine) -> None:
        y, count_width = self.get_y(), 13.0
        self._text(line.title, 9.5, y=y, width=_INNER - count_width - 1, height=4.6)
        edge = WIDTH_MM - _EDGE - count_width
        self._text(f"× {line.quantity}", 11, y=y, x=edge, width=count_width, height=4.6, align="R", smallest=7)
        self._text(line.sku, 7.5, y=y + 4.4, height=3.2, smallest=5)
        self.set_y(y + _LINE_STEP)

    def _fragile_mark(self, x: float, y: float, width: float, height: float) -> None:
        self.set_fill_color(0)
        self.rect(x, y, width, height, style="F")
        self.set_text_color(255)
        self._text("易碎 FRAGILE", 13, y=y, x=x, width=width, height=height, align="C")
        self.set_text_color(0)

    def _caption(self, text: str) -> None:
        self._text(text, 8, y=self.get_y() + 1.2)

    def _text(
        self,
        text: str,
        points: float,
        *,
        y: float,
        x: float = _EDGE,
        width: float = _INNER,
        height: float | None = None,
        align: str = "L",
        smallest: float | None = None,
    ) -> None:
        """One line of text; too long for its place, it shrinks to ``smallest`` points and is then cut."""
        line_height = _line_height(points) if height is None else height
        self.set_font(_FONT, size=points)
        while self.get_string_width(text) > width and points > (smallest or points):
            points -= 0.5
            self.set_font(_FONT, size=points)
        self.set_xy(x, y)
        self.cell(width, line_height, self._cut(text, width), align=align)
        self.set_xy(_EDGE, y + line_height)

    def _paragraph(self, text: str, *, y: float) -> None:
        """Wrapped text; it shrinks until it fits, because an address that is cut cannot be delivered."""
        self.set_xy(_EDGE, y)
        points = next((size for size in _ADDRESS_POINTS if self._fits(text, size)), _ADDRESS_POINTS[-1])
        self.set_font(_FONT, size=points)
        self.multi_cell(
            _INNER, _line_height(points), text, align="L", wrapmode=WrapMode.CHAR, new_x="LMARGIN", new_y="NEXT"
        )

    def _fits(self, text: str, points: float) -> bool:
        """Would the wrapped text stay within the address's place?"""
        self.set_font(_FONT, size=points)
        height = self.multi_cell(
            _INNER,
            _line_height(points),
            text,
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
            wrapmode=WrapMode.CHAR,
        )
        return cast("float", height) <= _ADDRESS_HEIGHT

    def _cut(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text + "…"

    def _rule(self, y: float) -> None:
        self.set_line_width(0.35)
        self.line(_EDGE, y, WIDTH_MM - _EDGE, y)
        self.set_y(y)


def _line_height(points: float) -> float:
    """Millimetres from one line to the next."""
    return points * _POINT_MM * 1.3


def _characters(label: Label) -> str:
    given = (label.order_no, label.parcel_no, label.carrier, label.tracking_no, label.warehouse, label.collect)
    recipient = (label.recipient_name, label.recipient_phone, label.recipient_address)
    return "".join((_OWN_CHARACTERS, *given, *recipient, *(line.sku + line.title for line in label.contents)))


@cache
def _font() -> uharfbuzz.Face:
    """The whole font, of which only what a label needs is ever read."""
    for entry in resources.files(_FONT_PACKAGE).iterdir():
        if entry.name.endswith((".otf", ".ttf", ".ttc")):
            return uharfbuzz.Face(uharfbuzz.Blob(entry.read_bytes()))
    raise FileNotFoundError(f"the package {_FONT_PACKAGE} holds no font")
