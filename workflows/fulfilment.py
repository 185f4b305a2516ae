"""Phase four: pick, recheck, pack, and hand over to the carrier (R8–R12)."""

from __future__ import annotations

from temporalio import workflow

from domain import sayings
from domain.alert_kinds import Asked
from domain.case_reasons import pieces_missing
from domain.order_status import OrderStatus
from models.commands import ChosenCarrier
from models.news import ParcelPacked, ParcelSplit, ShortPick
from models.state import Parcel, ParcelState, StockState
from models.steps import Alert, BookCarrier, Booked, ReleaseToWarehouse, Reserved, VoidBooking
from workflows import amending, backorder, calls, delivery, open_cases, review, shortage
from workflows.life import Letter, Life
from workflows.outside import Request, insist

# The pick tasks are seen by the warehouse as soon as their transaction is done; a worker that
# dies then makes them again in its order's life, where the warehouse's news may lie already.
NOT_YET_PICKING = frozenset(
    {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.MANUAL_REVIEW, OrderStatus.APPROVED}
)


HANDING_OVER = frozenset({OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED})


async def pick_pack_ship(order: Life) -> None:
    """From approval until every parcel is with its carrier; a shortage on the way is waited out."""
    while not order.ended and (stage := STAGES.get(order.status)):
        await stage(order)
    await open_cases.backorder_over(order)


async def release(order: Life) -> None:
    """Make the pick tasks; stock that was never secured is reserved first."""
    await order.until(lambda: order.state.held is None or order.status is not OrderStatus.APPROVED)
    if order.status is not OrderStatus.APPROVED:
        return
    if not order.reserved and not await shortage.reserve_again(order):
        return
    step = order.step("released_to_warehouse", to=OrderStatus.PICKING)
    tasks = await calls.release_to_warehouse(ReleaseToWarehouse(step=step, later=order.state.backorder))
    if tasks.short:
        await shortage.tell_shortage(order, Reserved(short=tasks.short))
        return
    order.state.parcels = [Parcel(parcel_no=number, warehouse=warehouse) for number, warehouse in tasks.parcels]
    order.mail.extend(Letter(news) for news in order.state.early)
    order.state.early = []


async def pick(order: Life) -> None:
    """Wait for the warehouse: its scans and the recheck reach us as news."""
    await order.until(lambda: order.status is not OrderStatus.PICKING)


async def hand_over(order: Life) -> None:
    """Book a carrier for the next parcel that needs one, or wait: until one does, or the carriers have them all."""
    passed = await order.until(lambda: order.status not in HANDING_OVER or to_book(order) is not None)
    if passed is not None:
        await delivery.put_before_people(order, passed)
        return
    parcel = to_book(order)
    if parcel is None or order.status not in HANDING_OVER:
        return
    if parcel.rebook:
        await withdraw(order, parcel)
    if parcel.state is ParcelState.PACKED and not order.ended:
        await book(order, parcel)


def to_book(order: Life) -> Parcel | None:
    """The next parcel that is packed and has no carrier, or is to have another one; none while the order is held."""
    if order.state.held is not None:
        return None
    return next((one for one in order.state.parcels if one.state is ParcelState.PACKED or one.rebook), None)


async def withdraw(order: Life, parcel: Parcel) -> None:
    """A person chose another carrier: the first one's waybill is void. One that has the parcel keeps it (R11)."""
    parcel.rebook = False
    if parcel.state is not ParcelState.BOOKED or not (parcel.carrier and parcel.tracking_no):
        return
    void = VoidBooking(order_no=order.state.order.order_no, carrier=parcel.carrier, tracking_no=parcel.tracking_no)
    asked = Request(Asked.WITHDRAW_BOOKING, "logistics", parcel.tracking_no)
    await insist(order, asked, lambda: calls.void_booking(void), lambda: order.ended)
    if parcel.state is ParcelState.BOOKED:
        parcel.state, parcel.tracking_no = ParcelState.PACKED, None
        parcel.turn += 1


async def book(order: Life, parcel: Parcel) -> None:
    """Book a carrier (R11). If the order is cancelled meanwhile, the booking is called off."""
    asked: ChosenCarrier | None = None

    def ask() -> workflow.ActivityHandle[Booked]:
        nonlocal asked
        asked = parcel.chosen
        step = order.step("carrier_booked", details={"parcel": parcel.parcel_no})
        due = amending.due_at_the_door(order.state)
        request = BookCarrier(step=step, parcel_no=parcel.parcel_no, chosen=asked, turn=parcel.turn, due=due)
        return calls.start_booking(request)

    request = Request(Asked.BOOK_CARRIER, "logistics", parcel.parcel_no)
    booked = await insist(order, request, ask, lambda: order.ended)
    if booked is None:
        return
    parcel.carrier, parcel.tracking_no, parcel.collect = booked.carrier, booked.tracking_no, booked.collect
    # The carrier's first event may have been faster than its answer.
    if parcel.state is ParcelState.PACKED:
        parcel.state = ParcelState.BOOKED
    # Somebody may have chosen another one while this one was asked.
    parcel.rebook = parcel.state is ParcelState.BOOKED and parcel.chosen != asked


async def parcel_packed(order: Life, news: ParcelPacked) -> None:
    """A parcel passed its recheck (R10); the second telling of it changes nothing."""
    if order.status in NOT_YET_PICKING:
        order.state.early.append(news)
        return
    parcel = order.parcel(news.parcel_no)
    if parcel is None and order.status in backorder.IN_THE_WAREHOUSE:
        # The news that split it off from another parcel may still be on its way.
        order.state.early.append(news)
    if parcel is None or parcel.state is not ParcelState.TO_PICK or order.ended:
        return
    parcel.state = ParcelState.PACKED
    step = order.step(
        "parcel_packed",
        by=news.rechecker,
        to=OrderStatus.PACKED if order.status is OrderStatus.PICKING and order.all_packed else None,
        details={"parcel": news.parcel_no, "picker": news.picker.id, "packaging": news.packaging},
    )
    await calls.take_step(step)


async def parcel_split(order: Life, news: ParcelSplit) -> None:
    """The packer put part of a parcel into a further one, which has still to pass its recheck (R10)."""
    if order.status in NOT_YET_PICKING:
        order.state.early.append(news)
        return
    if order.status not in backorder.IN_THE_WAREHOUSE or order.parcel(news.new_parcel_no) is not None:
        return
    order.state.parcels.append(Parcel(parcel_no=news.new_parcel_no, warehouse=news.warehouse))
    details: dict[str, str | int | bool | None] = {"parcel": news.parcel_no, "further": news.new_parcel_no}
    await calls.take_step(order.step("parcel_split", by=news.by, details=details))
    order.mail.extend(Letter(early) for early in order.state.early)
    order.state.early = []


async def short_pick(order: Life, news: ShortPick) -> None:
    """A picker found too little: the goods go back on the shelf and the order is short (R9)."""
    if order.status in NOT_YET_PICKING:
        order.state.early.append(news)
        return
    if order.status not in backorder.IN_THE_WAREHOUSE or news.task_no in order.state.seen:
        return
    order.state.seen.append(news.task_no)
    if order.status is not OrderStatus.PICKING:
        await backorder.fell_short(order, news)
        return
    await backorder.again(order)
    order.state.stock, order.state.short_skus = StockState.RELEASED, [news.sku]
    told = sayings.short_pick(order.state.order.order_no, news.sku, news.missing)
    step = order.step(
        "short_pick",
        by=news.by,
        to=OrderStatus.SHORTAGE,
        why=pieces_missing(news.sku, news.missing).text,
        alert=Alert.to("operations", told),
        details={"sku": news.sku, "missing": news.missing, "task": news.task_no},
    )
    await calls.release_stock(step)


# Sent back by hand, an order comes by the review again (R22).
STAGES = {
    OrderStatus.MANUAL_REVIEW: review.decide,
    OrderStatus.SHORTAGE: shortage.secure,
    OrderStatus.APPROVED: release,
    OrderStatus.PICKING: pick,
    OrderStatus.PACKED: hand_over,
    OrderStatus.PARTLY_SHIPPED: hand_over,
}
