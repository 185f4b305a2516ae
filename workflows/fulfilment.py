"""Phase four: pick, recheck, pack, and hand over to the carrier (R8–R12)."""

from __future__ import annotations

from temporalio import workflow

from domain.order_status import OrderStatus
from models.news import ParcelPacked, ShortPick
from models.state import Parcel, ParcelState, StockState
from models.steps import Alert, BookCarrier, Booked, Reserved
from workflows import calls, delivery, review, stock
from workflows.life import Letter, Life
from workflows.outside import insist

# The pick tasks are seen by the warehouse as soon as their transaction is done; a worker that
# dies then makes them again in its order's life, where the warehouse's news may lie already.
NOT_YET_PICKING = frozenset(
    {OrderStatus.AWAITING_PAYMENT, OrderStatus.PAID, OrderStatus.MANUAL_REVIEW, OrderStatus.APPROVED}
)


async def pick_pack_ship(order: Life) -> None:
    """From approval until every parcel is with its carrier; a shortage on the way is waited out."""
    while not order.ended and (stage := STAGES.get(order.status)):
        await stage(order)


async def release(order: Life) -> None:
    """Make the pick tasks; stock that was never secured is reserved first."""
    await order.until(lambda: order.state.held is None or order.status is not OrderStatus.APPROVED)
    if order.status is not OrderStatus.APPROVED:
        return
    if not order.reserved and not await stock.reserve_again(order):
        return
    tasks = await calls.release_to_warehouse(order.step("released_to_warehouse", to=OrderStatus.PICKING))
    if tasks.short:
        await stock.tell_shortage(order, Reserved(short=tasks.short))
        return
    order.state.parcels = [Parcel(parcel_no=number, warehouse=warehouse) for number, warehouse in tasks.parcels]
    order.mail.extend(Letter(news) for news in order.state.early)
    order.state.early = []


async def pick(order: Life) -> None:
    """Wait for the warehouse: its scans and the recheck reach us as news."""
    await order.until(lambda: order.status is not OrderStatus.PICKING)


async def hand_over(order: Life) -> None:
    """Book a carrier for each packed parcel, then wait until the carriers have them all."""
    for parcel in order.state.parcels:
        await order.until(lambda: order.state.held is None or order.status is not OrderStatus.PACKED)
        if parcel.state is ParcelState.PACKED and order.status is OrderStatus.PACKED:
            await book(order, parcel)
    passed = await order.until(lambda: order.status not in {OrderStatus.PACKED, OrderStatus.PARTLY_SHIPPED})
    if passed is not None:
        await delivery.put_before_people(order, passed)


async def book(order: Life, parcel: Parcel) -> None:
    """Book a carrier (R11). If the order is cancelled meanwhile, the booking is called off."""

    def ask() -> workflow.ActivityHandle[Booked]:
        step = order.step("carrier_booked", details={"parcel": parcel.parcel_no})
        return calls.start_booking(BookCarrier(step=step, parcel_no=parcel.parcel_no))

    booked = await insist(order, f"book a carrier for {parcel.parcel_no}", "logistics", ask, lambda: order.ended)
    if booked is None:
        return
    parcel.carrier, parcel.tracking_no = booked.carrier, booked.tracking_no
    # The carrier's first event may have been faster than its answer.
    if parcel.state is ParcelState.PACKED:
        parcel.state = ParcelState.BOOKED


async def parcel_packed(order: Life, news: ParcelPacked) -> None:
    """A parcel passed its recheck (R10); the second telling of it changes nothing."""
    if order.status in NOT_YET_PICKING:
        order.state.early.append(news)
        return
    parcel = order.parcel(news.parcel_no)
    if parcel is None or parcel.state is not ParcelState.TO_PICK or order.ended:
        return
    parcel.state = ParcelState.PACKED
    step = order.step(
        "parcel_packed",
        by=news.rechecker,
        to=OrderStatus.PACKED if order.all_packed else None,
        details={"parcel": news.parcel_no, "picker": news.picker.id, "packaging": news.packaging},
    )
    await calls.take_step(step)


async def short_pick(order: Life, news: ShortPick) -> None:
    """A picker found too little: the goods go back on the shelf and the order is short (R9)."""
    if order.status in NOT_YET_PICKING:
        order.state.early.append(news)
        return
    if order.status is not OrderStatus.PICKING or news.task_no in order.state.seen:
        return
    order.state.seen.append(news.task_no)
    order.state.stock = StockState.RELEASED
    why = f"{news.missing} of {news.sku} missing"
    alert = Alert(department="operations", kind="shortage", text=f"缺貨預警 {order.state.order.order_no}: {why}")
    step = order.step(
        "short_pick",
        by=news.by,
        to=OrderStatus.SHORTAGE,
        why=why,
        alert=alert,
        details={"sku": news.sku, "missing": news.missing, "task": news.task_no},
    )
    await calls.release_stock(step)


# Sent back by hand, an order comes by the review again (R22).
STAGES = {
    OrderStatus.MANUAL_REVIEW: review.decide,
    OrderStatus.SHORTAGE: stock.secure,
    OrderStatus.APPROVED: release,
    OrderStatus.PICKING: pick,
    OrderStatus.PACKED: hand_over,
    OrderStatus.PARTLY_SHIPPED: hand_over,
}
