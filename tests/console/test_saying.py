"""What departments are told, and why a case was opened, is said in the language of the desk (R7, R25)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.schemas.alerts import AlertView
from console import saying
from console.bench import Bench
from console.calls import Api
from console.entrance import StaffCard
from console.preferences import Preferences
from console.words import CATALOGUE
from domain import case_reasons, sayings
from domain.alert_kinds import AlertKind, Asked, GivenUp, Saying
from domain.carrier_codes import Trouble
from domain.case_reasons import Reason
from domain.case_shapes import CaseKind, OrderOutcome, Settlement
from domain.returns import ReturnReason, Wish
from domain.sweep import MEANINGS
from tests.domain.every_saying import REASONS, SAYINGS
from workflows.open_cases import TROUBLED

_PLACE = re.compile(r"{(\w+)[:}]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_BESIDE = {"currency", "reason_code"}
"""Facts that say how another fact is to be read."""


def at_a_desk(language: str) -> Bench:
    card = StaffCard(id="operations-1", role="operations", permissions=frozenset())
    http = httpx.AsyncClient(base_url="http://shop.test")
    return Bench(card, Api(http, None), Preferences(language, "light"), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def chinese() -> Bench:
    return at_a_desk("zh")


@pytest.fixture
def english() -> Bench:
    return at_a_desk("en")


def alert(told: Saying, facts: Mapping[str, object] | None = None) -> AlertView:
    known = told.facts if facts is None else facts
    kept = {"kind": told.kind, "text": told.text, "facts": known, "order_no": None, "department": "operations"}
    return AlertView.model_validate({"id": 1, "at": datetime(2026, 6, 1, tzinfo=UTC), **kept})


@pytest.mark.parametrize("told", SAYINGS, ids=lambda told: told.kind)
def test_every_kind_of_alert_has_a_sentence_with_exactly_its_facts(told: Saying) -> None:
    for words in CATALOGUE[f"alert.{told.kind}.text"]:
        assert set(_PLACE.findall(words)) == set(told.facts) - _BESIDE


@pytest.mark.parametrize("why", REASONS, ids=lambda why: why.code)
def test_every_reason_of_the_system_has_a_sentence_with_exactly_its_facts(why: Reason) -> None:
    for words in CATALOGUE[f"case.reason.{why.code}"]:
        assert set(_PLACE.findall(words)) == set(why.facts)


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_of_alert_has_a_name(kind: AlertKind) -> None:
    assert {f"clock.{kind}", f"case.kind.{kind}", f"alert.{kind}"} & set(CATALOGUE)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("asked", Asked),
        ("given_up", GivenUp),
        ("outcome", OrderOutcome),
        ("settlement", Settlement),
        ("case.kind", CaseKind),
        ("return.reason", ReturnReason),
        ("wish", Wish),
        ("trouble", [*Trouble, *TROUBLED]),
    ],
)
def test_every_code_in_a_sentence_has_its_words(name: str, codes: list[StrEnum]) -> None:
    assert {f"{name}.{code}" for code in codes} <= set(CATALOGUE)


def test_differences_are_named_at_the_desk_as_by_the_api() -> None:
    named = {f"difference.{kind}": (meaning.says, meaning.chinese) for kind, meaning in MEANINGS.items()}
    assert {key: words for key, words in CATALOGUE.items() if key.startswith("difference.")} == named


@pytest.mark.parametrize("told", SAYINGS, ids=lambda told: told.kind)
def test_an_alert_at_a_chinese_desk_is_chinese(chinese: Bench, told: Saying) -> None:
    assert _HAN.search(saying.of_alert(chinese, alert(told)))
    said = {"said", "reason"} & set(told.facts)
    assert said or saying.of_alert(chinese, alert(told)) != told.text


def test_facts_are_drawn_as_the_desk_draws_them(chinese: Bench, english: Bench) -> None:
    by_kind = {told.kind: alert(told) for told in SAYINGS}
    said = {
        AlertKind.REFUND_WAITS: "web-1-R1：CNY 408.00 等待第二人覆核",
        AlertKind.SWEEP: "對帳發現：2 × 款項合計與明細不符；1 × 批次合計與庫存數不符",
        AlertKind.REFUSED_OUTSIDE: "預約承運商 web-1-P1：Refused, sf: out_of_area",
        AlertKind.MESSAGE_PARKED: "stripe payment_intent.succeeded 不再重試：找不到對應訂單",
        AlertKind.CASE_OVERTAKEN: "web-1-C1：已定案「補發」，但包裹已送達",
        AlertKind.PUT_BACK: "SH 配貨任務 web-1-T1：2 × TEA → A-01, 1 × CUP",
    }
    assert {kind: saying.of_alert(chinese, by_kind[kind]) for kind in said} == said
    assert "06-01 12:30" in saying.of_alert(english, by_kind[AlertKind.SILENT_SENDER]), "in shop time, not in UTC"
    assert "changes of 1 order in time" in saying.of_alert(english, by_kind[AlertKind.T13])


def test_a_case_says_why_the_system_opened_it_and_leaves_the_words_of_a_person(chinese: Bench) -> None:
    short = sayings.case_opened(CaseKind.SHORTAGE, "缺貨", "web-1-C1", case_reasons.pieces_missing("TEA", 2))
    assert saying.of_alert(chinese, alert(short)) == "新個案 web-1-C1：TEA 缺少 2 件"
    rang = sayings.case_opened(CaseKind.COMPLAINT, "客訴", "K-1", Reason("they rang"))
    assert saying.of_alert(chinese, alert(rang)) == "新個案 K-1：they rang"


def test_an_alert_without_the_facts_of_its_sentence_is_told_in_the_words_it_came_with(chinese: Bench) -> None:
    told = next(one for one in SAYINGS if one.kind is AlertKind.SHORT_PICK)
    for facts in ({}, {"sku": "TEA"}):
        assert saying.of_alert(chinese, alert(told, facts)) == told.text
    unknown = alert(told).model_copy(update={"kind": "of_a_newer_release"})
    assert saying.of_alert(chinese, unknown) == told.text


def test_money_that_no_machine_gives_back_is_said_in_words(chinese: Bench) -> None:
    told = sayings.refund_refused("cash", 210_500, "CNY", "give_back_by_hand")
    assert saying.of_alert(chinese, alert(told)) == "到付現金 拒絕退回 CNY 2,105.00：無法自動退還，須人工轉賬"
    why = case_reasons.refund_not_given_back("give_back_by_hand")
    assert saying._reason(chinese, why.code, "", why.facts) == "退款未成功：無法自動退還，須人工轉賬"
