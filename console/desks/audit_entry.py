"""One entry of the record, and unfolded all that its hash covers (R23)."""

from __future__ import annotations

import json
from urllib.parse import quote

from api.schemas.audit import AuditView
from api.schemas.orders import StatusView
from console.bench import Bench
from console.desks.order_list import STATUSES
from console.desks.order_parts import told_of
from console.kit import box, chip, facts, moment, status, text
from console.words import Words


def draw_line(bench: Bench, one: AuditView, fault: str | None) -> None:
    """Who did what, when and why; ``fault`` is how it does not hold, as verified last."""
    t = bench.t
    with box("spread"):
        with box("bar"):
            text(t.pick(one.text_en, one.text_zh), classes="strong wrap")
            if one.after and one.after != one.before:
                _draw_state(one.after)
            if fault:
                chip(t("check.wrong", fault=t.code("fault", fault)), "red")
        text(moment(one.at, bench.zone), "time", "soft small num", datetime=one.at.isoformat())
    with box("bar small"):
        text(one.order_no or one.subject, classes="mono wrap")
        text(who(bench, one), classes="soft wrap")
        if one.why:
            text(one.why, classes="soft wrap")
        if told := told_of(bench, one.details):
            text(told, classes="soft wrap")


def draw_whole(bench: Bench, one: AuditView) -> None:
    """All that is kept of it; there is no person in it."""
    t = bench.t
    told = {
        t("audit.at"): one.at.isoformat(),
        t("audit.written_at"): one.written_at.isoformat(),
        t("audit.act"): one.act,
        t("audit.place"): t("audit.place_of", number=one.chain_no, subject=one.subject),
        t("audit.status"): " → ".join(part for part in (one.before, one.after) if part),
        t("audit.note"): one.note_id or "",
        t("audit.request"): one.request_id or "",
        t("audit.update"): one.update_id or "",
        t("audit.hash"): one.hash,
    }
    facts(told | {name: _plain(value) for name, value in one.details.items() if name != "told"})


def who(bench: Bench, one: AuditView) -> str:
    """Whoever did it, with their role; what is no person's is told by its role alone."""
    role = bench.t.code("role", one.role)
    return role if one.who == one.role else f"{bench.who(one.who)} · {role}"


def order_page(order_no: str) -> str:
    """Where the order is shown."""
    return f"/orders/{quote(order_no, safe='')}"


def _draw_state(code: str) -> None:
    """An order's status in both languages, as always; that of something else as its code says."""
    if code in STATUSES:
        status(StatusView(code=code, zh=Words("zh")(f"list.status.{code}"), en=code))
    else:
        chip(code.replace("_", " "), "blue")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
