"""Role × permission × field: every field of every view, for every role, is what the one table says (R21, R22)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from api import picking
from api.auth import PermissionLock
from api.masking import _MASKS, HIDDEN, Personal
from api.schemas.buyers import Revealable
from domain import personal
from domain.permissions import GRANTS, Permission, Role
from domain.personal import Form, PersonField, cells, form_of
from models.inbox import Trace, TrackingEvent
from models.news import CarrierState
from runtime.labels import Label
from store import notes, traces
from store.contacts import Address, Person
from tests.api.caller import Caller
from tests.api.test_doors import locks
from tests.api.test_events import CASE
from tests.api.test_search import recorded
from tests.fixtures.orders import NOON, stock_up

NAME, PHONE, STREET, EMAIL, ACCOUNT = "王測試", "13800138000", "虛構路一號", "buyer@example.com", "Invented-Buyer-1"
TEXT = f"{NAME} {PHONE} {STREET} {EMAIL}"
MASKED_TEXT = f"王* {HIDDEN} {HIDDEN} {HIDDEN}"
RAW = (NAME, PHONE, STREET, EMAIL, ACCOUNT)
SHOWN: dict[tuple[PersonField, Form], Any] = {
    (PersonField.NAME, Form.MASKED): "王*",
    (PersonField.NAME, Form.FULL): NAME,
    (PersonField.PHONE, Form.MASKED): f"138{HIDDEN}8000",
    (PersonField.PHONE, Form.FULL): PHONE,
    (PersonField.CITY, Form.FULL): "深圳市",
    (PersonField.ADDRESS, Form.FULL): STREET,
    (PersonField.EMAIL, Form.FULL): EMAIL,
    (PersonField.REMARK, Form.MASKED): MASKED_TEXT,
    (PersonField.REMARK, Form.FULL): TEXT,
    (PersonField.NOTE, Form.MASKED): MASKED_TEXT,
    (PersonField.TRACE, Form.MASKED): MASKED_TEXT,
    (PersonField.HISTORY, Form.FULL): 1,
}
"""What must stand there; of an address its street, of the history how many other orders there are."""
PATHS = {"order_no": "site-1", "case_no": "K-1", "parcel_no": "site-1-P1", "task_no": "site-1-T1", "desk": "orders"}


@pytest.fixture
async def known(api: Caller) -> Caller:
    """site-1: its buyer writes who they are wherever one can write; they have another order."""
    address = Address("CN", city="深圳市", street=STREET)
    person = Person(name=NAME, phone=PHONE, address=address, email=EMAIL, account=ACCOUNT, remark=TEXT)
    for number in ("site-1", "site-2"):
        await recorded(api, number, person)
    vault = api.app.state.house.vault
    async with api.pool.connection() as conn:
        await stock_up(conn, "TEA", 1)
        await conn.execute(CASE.encode())
        await conn.execute(
            "INSERT INTO parcels (parcel_no, order_no, warehouse, state, carrier, tracking_no, weight_g, value_minor,"
            " insured) VALUES ('site-1-P1', 'site-1', 'SZ', 'signed', 'sf', 'SF100', 1, 1, false)"
        )
        event = TrackingEvent(event_id="e1", at=NOON, state=CarrierState.SIGNED, code="301", text=TEXT)
        await traces.keep(conn, vault, Trace(tracking_no="SF100", events=(event,)))
        await notes.write(conn, vault, notes.Note("n1", "site-1", TEXT, "reviewer-1", datetime.now(UTC)))
    return api


# --- views, and what stands in them ---------------------------------------------------


def shape_in(annotation: Any) -> type[BaseModel] | None:
    """The view that an annotation holds, however wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := shape_in(inner)) is not None), None)


def marks_in(view: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[Personal]:
    """Every personal field of a view and of the views in it."""
    for info in view.model_fields.values():
        yield from (mark for mark in info.metadata if isinstance(mark, Personal))
        inner = shape_in(info.annotation)
        if inner is not None and inner not in seen:
            yield from marks_in(inner, seen | {view, inner})


def leaves(annotation: Any, data: Any, mark: Personal | None = None) -> Iterator[tuple[Personal | None, Any]]:
    """Every value of an answer, with what its field says about a person."""
    if isinstance(data, list):
        for one in data:
            yield from leaves(annotation, one, mark)
    elif isinstance(data, dict):
        fields = view.model_fields if (view := shape_in(annotation)) is not None else {}
        for name, value in data.items():
            info = fields.get(name)
            own = [one for one in info.metadata if isinstance(one, Personal)] if info else []
            yield from leaves(info.annotation if info else None, value, own[0] if own else mark)
    else:
        yield mark, data


def views(api: Caller) -> Iterator[tuple[str, str, Permission, type[BaseModel]]]:
    """(method, path, permission, view) of every door that answers with one."""
    for context in iter_route_contexts(api.app.routes):
        route = context.route
        if isinstance(route, APIRoute) and (view := shape_in(route.response_model)) is not None:
            lock = next(locks(route.dependant))
            if isinstance(lock, PermissionLock) and lock.permission is not None:
                yield from ((method, str(context.path), lock.permission, view) for method in route.methods or ())


def test_every_personal_field_stands_in_the_table_and_every_cell_is_shown_somewhere(api: Caller) -> None:
    marks = {(mark.by, mark.field) for *_, view in views(api) for mark in marks_in(view)}
    table = {(permission, field) for permission, field, *_ in cells()}
    printed = {(permission, field) for permission, field in table if permission is Permission.LABEL_PRINT}
    assert printed
    assert marks == table - printed


def test_what_the_table_masks_has_a_mask_and_a_street_or_account_is_never_shown_in_part() -> None:
    masked = {field for _, field, form, _ in cells() if form is Form.MASKED}
    assert masked <= set(_MASKS)
    assert PersonField.ACCOUNT not in {field for _, field, *_ in cells()}
    assert form_of(PersonField.NAME, Permission.ORDER_READ, frozenset(Permission)) is None


# --- what each role finds in them -----------------------------------------------------


async def answers(api: Caller, role: Role) -> Iterator[tuple[Any, Any]]:
    """(view, answer) of every door that this role may read, and of the reveal."""
    told = []
    for method, path, _, view in views(api):
        address = re.sub(r"\{(\w+)\}", lambda part: PATHS.get(part[1], "nothing"), path)
        if method == "GET":
            answer = await api.http.get(address, headers=api.token(role))
        elif path.endswith("/reveal"):
            asked = {"purpose": "call_buyer", "fields": ["name", "phone", "address", "email", "remark"]}
            answer = await api.post(address, asked, role)
        else:
            continue
        assert answer.status_code < 500 or answer.status_code == 503, (path, answer.text)
        if answer.status_code == 200:
            told.append((view, answer.json()))
    return iter(told)


@pytest.mark.parametrize("role", Role)
async def test_each_role_sees_every_field_of_every_view_as_the_table_says(known: Caller, role: Role) -> None:
    found: dict[Personal, list[Any]] = defaultdict(list)
    for view, answer in await answers(known, role):
        for mark, value in leaves(view, answer):
            if mark is not None and value not in (None, "", []):
                found[mark].append(value)
            raw = [one for one in RAW if isinstance(value, str) and one in value]
            assert not raw or (mark is not None and form_of(mark.field, mark.by, GRANTS[role]) is Form.FULL), (
                view,
                raw,
            )
    opened = {
        mark
        for _, _, permission, view in views(known)
        if permission in GRANTS[role]
        for mark in marks_in(view)
        if form_of(mark.field, mark.by, GRANTS[role]) is not None
    }
    assert set(found) == opened
    for mark, values in found.items():
        form = form_of(mark.field, mark.by, GRANTS[role])
        assert form is not None
        assert SHOWN[mark.field, form] in values, mark


async def test_the_table_alone_decides_what_a_view_and_a_label_show(
    known: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels: list[Label] = []

    def rendered(label: Label) -> bytes:
        labels.append(label)
        return b"%PDF"

    monkeypatch.setattr(picking, "render_label", rendered)
    shown = [await known.get("/v1/orders/site-1", "customer_service")]
    await known.get("/v1/parcels/site-1-P1/label.pdf", "warehouse")
    turned = {Permission.CONTACT_MASKED: {PersonField.NAME: Form.FULL}, Permission.LABEL_PRINT: {}}
    monkeypatch.setattr(personal, "SHOWS", turned)
    shown.append(await known.get("/v1/orders/site-1", "customer_service"))
    await known.get("/v1/parcels/site-1-P1/label.pdf", "warehouse")
    assert [one.json()["contact"] for one in shown] == [
        {"name": "王*", "phone": f"138{HIDDEN}8000", "city": "深圳市"},
        {"name": NAME, "phone": None, "city": None},
    ]
    assert [one.json()["buyer"] is None for one in shown] == [False, True]
    assert [one.json()["parcels"][0]["trace"][0]["text"] for one in shown] == [MASKED_TEXT, None]
    assert [(one.recipient_name, one.recipient_phone, STREET in one.recipient_address) for one in labels] == [
        (NAME, PHONE, True),
        ("", "", False),
    ]
    answer = await known.get("/v1/orders/site-1/notes", "reviewer")
    assert (answer.json()["remark"], [note["text"] for note in answer.json()["items"]]) == (None, [""])


def test_what_can_be_revealed_is_what_the_table_names() -> None:
    assert {one.value for one in Revealable} == {field.value for field in personal.SHOWS[Permission.CONTACT_REVEAL]}
