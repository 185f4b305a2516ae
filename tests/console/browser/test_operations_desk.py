"""The operations desk in a browser: broadcasts over every desk, peak mode, holds by warehouse and channel (R7, R25)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from temporalio.client import Client

import worker
from console.words import CATALOGUE, Words
from tests.api.caller import Caller, paid
from tests.console.browser.accessibility import faults_of
from tests.console.browser.conftest import SEEN_WITHIN_MS, Desks, Shop, shot
from tests.console.browser.orders import waiting_for_review
from workflows.schedules import SCHEDULES

OPERATIONS = "operations"
STANDING = "Broadcasts that stand"


def section(page: Page, name: str) -> Locator:
    """One card of the page."""
    return page.get_by_role("region", name=name, exact=True)


def test_a_broadcast_is_looked_at_sent_stands_over_the_desks_it_concerns_and_is_ended(desks: Desks) -> None:
    with (
        desks.at(OPERATIONS, "/operations") as page,
        desks.at("warehouse", narrow=True) as picker,
        desks.at("reviewer", "/orders") as reviewer,
    ):
        page.get_by_role("button", name="New broadcast").click()
        page.get_by_label("How urgent").select_option("emergency")
        page.get_by_label("What is said").fill("Call 13800138000, no power in Shenzhen")
        page.get_by_label("warehouse", exact=True).check()
        page.get_by_role("button", name="Look at it first").click()
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_role("alert")).to_contain_text("telephone number")
        page.get_by_label("What is said").fill("No power in Shenzhen: nothing is picked until noon")
        page.get_by_role("button", name="Look at it first").click()
        expect(page.get_by_text("To: warehouse. It stands")).to_be_visible()
        expect(picker.get_by_text("No power in Shenzhen")).to_have_count(0)
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_role("alert")).to_contain_text("Sent")
        banner = picker.get_by_role("region", name=STANDING)
        expect(banner).to_contain_text("No power in Shenzhen", timeout=SEEN_WITHIN_MS)
        expect(banner).to_contain_text("Emergency")
        shot(picker, "banner-390-light-en")
        shot(page, "operations-1280-light-en")
        assert faults_of(picker) == []
        expect(reviewer.get_by_role("heading", name="Find an order")).to_be_visible()
        expect(reviewer.get_by_text("No power in Shenzhen")).to_have_count(0)

        sent = section(page, "Broadcasts")
        sent.get_by_role("button", name="End it").first.click()
        expect(sent.get_by_label("Reason")).to_be_visible()
        sent.get_by_role("button", name="End it").first.click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        sent.get_by_label("Reason").fill("power_is_back")
        sent.get_by_role("button", name="End it").first.click()
        expect(page.get_by_role("alert")).to_contain_text("taken from the desks")
        expect(picker.get_by_text("No power in Shenzhen")).to_have_count(0, timeout=SEEN_WITHIN_MS)


def test_peak_mode_says_whom_it_reaches_and_is_ended_again(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    with desks.at(OPERATIONS, "/operations") as page:
        peak = section(page, "Peak mode")
        expect(peak).to_contain_text("off")
        expect(peak).to_contain_text("in manual review, counted")
        peak.get_by_label("T2 and T3 last").select_option("3")
        peak.get_by_role("button", name="Set peak mode").click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        peak.get_by_label("Reason").fill("double_eleven")
        peak.get_by_role("button", name="Set peak mode").click()
        expect(peak).to_contain_text("on: T2 and T3 × 3")
        expect(peak).to_contain_text("double_eleven")
        desks.shop.run(lambda shop: shop.holds(lambda: knows_why(shop, number, "double_eleven")))
        peak.get_by_label("Reason").fill("quiet_again")
        peak.get_by_role("button", name="End peak mode").click()
        expect(peak).to_contain_text("off")
        expect(peak.get_by_role("button", name="End peak mode")).to_be_hidden()
    desks.shop.run(lambda shop: shop.holds(lambda: knows_why(shop, number, "quiet_again")))


async def knows_why(shop: Caller, number: str, why: str) -> bool:
    """Whether the order's clocks were set for this reason."""
    acts = (await shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    return why in [act["why"] for act in acts if act["act"] == "peak_set"]


def test_a_channel_is_held_after_a_look_at_its_reach_and_released_from_the_list(desks: Desks) -> None:
    number = waiting_for_review(desks.shop, channel="app")
    with desks.at(OPERATIONS, "/operations") as page:
        holds = section(page, "Hold together")
        holds.get_by_role("button", name="Hold a warehouse or a channel").click()
        holds.get_by_label("Orders of").select_option("channel")
        holds.get_by_label("Its code").fill("app")
        holds.get_by_label("Their clocks").select_option("stop")
        holds.get_by_label("Reason").fill("order_flood")
        holds.get_by_role("button", name="Look at it first").click()
        reach = desks.shop.run(lambda shop: shop.get("/v1/holds/reach", channel="app")).json()["text"]
        counted = Words("en")("list.count", number=reach)
        expect(holds).to_contain_text(f"Channel app: {counted} would be held now")
        holds.get_by_role("button", name="Hold Channel app").click()
        expect(page.get_by_role("heading", name="Orders held together")).to_be_visible()
        expect(page.get_by_role("link", name=number)).to_be_visible()
        page.goto("/operations")
        row = holds.locator(".parted").filter(has_text="app").filter(has_text="order_flood")
        expect(row).to_contain_text("clocks stand still")
        row.get_by_role("button", name="Release them together").click()
        row.get_by_label("Reason").fill("flood_over")
        row.get_by_role("button", name="Release them together").click()
        expect(row).to_contain_text("released")
    desks.shop.run(lambda shop: shop.holds(lambda: is_let_go(shop, number)))


async def is_let_go(shop: Caller, number: str) -> bool:
    """Whether nobody holds the order any more."""
    return (await shop.get(f"/v1/orders/{number}")).json()["held"] is None


MANY = """
INSERT INTO bulk_holds (hold_id, scope, names, reason, clocks, state, opened_by, opened_at)
SELECT 'page-' || n, 'channel', ARRAY['app'], 'past emergency ' || n, 'run', 'released', 'ops-1',
       now() - interval '1 year' - n * interval '1 day'
FROM generate_series(1, 21) n
"""


@pytest.fixture
def many_holds(console_shop: Shop) -> Iterator[None]:
    """More past emergencies than one page shows."""

    async def ask(caller: Caller, query: str) -> None:
        async with caller.pool.connection() as conn:
            await conn.execute(query.encode())

    console_shop.run(lambda caller: ask(caller, MANY))
    yield
    console_shop.run(lambda caller: ask(caller, "DELETE FROM bulk_holds WHERE hold_id LIKE 'page-%'"))


@pytest.mark.usefixtures("many_holds")
def test_emergencies_of_long_ago_are_found_by_turning_the_pages(desks: Desks) -> None:
    with desks.at("auditor", "/operations") as page:
        holds = section(page, "Hold together")
        expect(holds.get_by_role("link")).to_have_count(20)
        pages = holds.get_by_role("navigation", name="Hold together Pages")
        while pages.get_by_role("button", name="Next").is_enabled():
            number = pages.locator(".num").inner_text()
            pages.get_by_role("button", name="Next").click()
            expect(pages.get_by_text(number, exact=True)).to_have_count(0)
        expect(holds.get_by_role("link").last).to_contain_text("past emergency 21")
        pages.get_by_role("button", name="Previous").click()
        expect(holds.get_by_role("link")).to_have_count(20)


def test_an_auditor_reads_the_emergencies_and_can_do_nothing_about_them(desks: Desks) -> None:
    with desks.at("auditor", "/operations") as page:
        expect(section(page, "Peak mode")).to_contain_text("Peak mode")
        pages = page.get_by_role("navigation", name="Pages of this desk").get_by_role("link")
        assert pages.all_inner_texts() == ["Emergencies", "Schedules"]
        for name in ("New broadcast", "Set peak mode", "Hold a warehouse or a channel", "End it"):
            expect(page.get_by_role("button", name=name)).to_be_hidden()


def test_stuck_work_is_shown_with_its_error_and_tried_again_with_a_reason(desks: Desks) -> None:
    number = waiting_for_review(desks.shop)
    desks.shop.run(lambda shop: unheard(shop, number))
    with desks.at(OPERATIONS, "/operations/stuck") as page:
        row = section(page, "Channels not told of a status (T13)").locator(".parted").filter(has_text=number)
        expect(row).to_contain_text("site: http 503")
        expect(row).to_contain_text("attempt 3")
        expect(row).to_contain_text("next by itself")
        shot(page, "stuck-1280-light-en")
        again = row.get_by_role("button", name="Try again now")
        again.click()
        expect(row.get_by_label("Reason")).to_be_visible()
        again.click()
        expect(page.get_by_role("alert")).to_contain_text("Reason is needed")
        row.get_by_label("Reason").fill("their front end is back")
        again.click()
        expect(page.get_by_role("alert")).to_contain_text("tried again, and on record")
        expect(row).not_to_contain_text("next by itself")
    timeline = desks.shop.run(lambda shop: shop.get(f"/v1/orders/{number}/timeline")).json()["items"]
    assert "their front end is back" in [act["why"] for act in timeline if act["act"] == "tried_again"]


async def unheard(shop: Caller, number: str) -> None:
    """The order's channel did not hear of its newest status, as when its front end is down."""
    async with shop.pool.connection() as conn:
        await conn.execute(
            "UPDATE notices SET state = 'pending', attempts = 3, last_error = 'http 503', delivered_at = NULL,"
            " next_attempt_at = now() + interval '1 hour' WHERE order_no = %s",
            (number,),
        )


def test_a_parked_message_is_shown_with_its_reason_and_tried_once_more(desks: Desks) -> None:
    number = f"site-unheard-of-{uuid4().hex[:6]}"
    desks.shop.run(lambda shop: parked(shop, number))
    with desks.at(OPERATIONS, "/operations/stuck") as page:
        row = section(page, "Messages that were parked").locator(".parted").filter(has_text=number)
        expect(row).to_contain_text("no order is known for it")
        expect(row).to_contain_text("its body is kept until")
        row.get_by_role("button", name="Try again now").click()
        row.get_by_label("Reason").fill("the order is there now")
        row.get_by_role("button", name="Try again now").click()
        expect(page.get_by_role("alert")).to_contain_text("tried again, and on record")
    acts = desks.shop.run(lambda shop: shop.get("/v1/audit", act="tried_again", order=number)).json()["items"]
    assert [act["why"] for act in acts] == ["the order is there now"]


async def parked(shop: Caller, number: str) -> None:
    """A payment for an order that nobody knows was tried for long enough."""
    assert (await shop.stripe(paid(number, 100, f"pi_{uuid4().hex}", f"evt_{uuid4().hex}"))).status_code == 200
    await shop.app.state.house.errands.finish()
    async with shop.pool.connection() as conn:
        await conn.execute(
            "UPDATE inbox SET state = 'parked', parked_at = now(), next_attempt_at = NULL,"
            " received_at = received_at - interval '15 days' WHERE order_no = %s",
            (number,),
        )


@pytest.mark.parametrize(("role", "may"), [("operations", True), ("auditor", True), ("reviewer", False)])
def test_an_order_and_its_case_lead_to_the_temporal_ui_for_those_who_may_see_it(
    desks: Desks, role: str, *, may: bool
) -> None:
    number = waiting_for_review(desks.shop)
    body = {"kind": "complaint", "reason": "box_dented"}
    case_no = desks.shop.run(lambda shop: shop.post(f"/v1/orders/{number}/cases", body)).json()["case_no"]
    base = f"{desks.shop.settings.temporal_ui_url}/namespaces/default/workflows"
    with desks.at(role, f"/orders/{number}") as page:
        for path, title, workflow in (
            (f"/orders/{number}", number, f"order-{number}"),
            (f"/cases/{case_no}", "complaint", f"case-{case_no}"),
        ):
            page.goto(path)
            expect(page.get_by_role("heading", name=title)).to_be_visible()
            ways = page.get_by_role("link", name="History in the Temporal UI")
            expect(ways).to_have_count(1 if may else 0)
            if may:
                expect(ways).to_have_attribute("href", f"{base}/{workflow}")


def test_schedules_show_their_last_runs_and_one_is_run_now(desks: Desks) -> None:
    temporal = desks.shop.caller.app.state.house.client
    desks.shop.run(lambda shop: worker.ensure_schedules(temporal, shop.settings))
    try:
        with desks.at(OPERATIONS, "/operations/schedules") as page:
            card = page.locator(".card").filter(has=page.get_by_text("fold-board", exact=True))
            expect(card).to_contain_text("every 5 min")
            card.get_by_role("button", name="Run now").click()
            card.get_by_label("Reason").fill("the board looked old")
            card.get_by_role("button", name="Run now").click()
            expect(page.get_by_role("alert")).to_contain_text("fold-board is started")
            expect(card.get_by_text("completed").first).to_be_visible()
            expect(card.get_by_role("link", name="History in the Temporal UI").first).to_be_visible()
            shot(page, "schedules-1280-light-en")
        with desks.at("auditor", "/operations/schedules") as page:
            expect(page.get_by_text("fold-board", exact=True)).to_be_visible()
            expect(page.get_by_role("button", name="Run now")).to_have_count(0)
    finally:
        desks.shop.run(lambda _: without_schedules(temporal))


async def without_schedules(temporal: Client) -> None:
    """They would go on in the tests that follow."""
    for standing in SCHEDULES:
        await temporal.get_schedule_handle(standing.id).delete()


def test_every_schedule_has_its_words() -> None:
    assert {f"schedule.does.{standing.id}" for standing in SCHEDULES} <= set(CATALOGUE)
