"""Carriers: choosing one, booking it, voiding a booking (R11, R12). Regular activities.

The recipient is opened from the vault for the booking and goes to the carrier only:
never into inputs, results, logs or error texts (R21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.refusals import final_refusals
from domain.carriers import INSURANCE_THRESHOLDS, Choice, ParcelFacts, choose, choose_by_hand, is_insured
from gateways.carriers import Booking, CarrierBooking, Contact, ParcelToBook
from models.steps import BookCarrier, Booked, VoidBooking
from runtime.crypto import Vault
from store import contacts, parcels, steps
from store.pool import Pool


@dataclass(frozen=True)
class Sender:
    """The shop as carriers know it; each warehouse gives its own place."""

    name: str
    phone: str


class Carriers:
    """``insurance_thresholds`` in minor units by currency: a parcel worth more is insured (R11)."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        booking: CarrierBooking,
        *,
        sender: Sender,
        insurance_thresholds: Mapping[str, int] = INSURANCE_THRESHOLDS,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._booking = booking
        self._sender = sender
        self._thresholds = insurance_thresholds

    @activity.defn
    async def book_carrier(self, request: BookCarrier) -> Booked:
        """Choose a carrier and book it; parcel and step are written in one transaction (R11, R12)."""
        with final_refusals():
            async with self._pool.connection() as conn:
                if (known := await steps.outcome(conn, request.step.step_key)) is not None:
                    return Booked.model_validate(known)
                parcel = await parcels.to_book(conn, request.parcel_no, request.due)
                if parcel is None or parcel.state == parcels.CANCELLED:
                    raise _gone(request.parcel_no)
                person = await contacts.reveal(conn, self._vault, parcel.contact_id)
            choice = _choose(request, _facts(parcel, person))
            booking = await self._book(request, parcel, person, choice)
            return await self._write(request, parcel, choice, booking)

    @activity.defn
    async def void_booking(self, request: VoidBooking) -> None:
        """Withdraw a booking; one withdrawn already is no error."""
        key = f"{request.order_no}:void:{request.tracking_no}"
        with final_refusals():
            await self._booking.void(request.tracking_no, carrier=request.carrier, key=key)

    async def _book(
        self, request: BookCarrier, parcel: parcels.ToBook, person: contacts.Person, choice: Choice
    ) -> Booking:
        """Get the waybill, and have the carrier's events pushed to us (R13)."""
        waybill = ParcelToBook(
            order_no=parcel.order_no,
            parcel_no=parcel.parcel_no,
            carrier=choice.carrier,
            recipient=_contact(person),
            sender=Contact(
                name=f"{self._sender.name} {parcel.warehouse_name}".strip(),
                phone=self._sender.phone,
                address=parcel.warehouse_place,
            ),
            cargo=parcel.cargo,
            pieces=parcel.pieces,
            weight_grams=parcel.weight_g,
            insured_minor=parcel.value_minor if self._insured(parcel) else 0,
            collect_minor=parcel.collect,
        )
        booking = await self._booking.book(waybill, key=book_key(request))
        await self._booking.follow(
            booking.tracking_no, carrier=booking.carrier, recipient_phone=waybill.recipient.phone
        )
        return booking

    async def _write(self, request: BookCarrier, parcel: parcels.ToBook, choice: Choice, booking: Booking) -> Booked:
        step = request.step
        async with self._pool.connection() as conn:

            async def write() -> Booked:
                written = await parcels.book(
                    conn,
                    parcel.parcel_no,
                    carrier=booking.carrier,
                    tracking_no=booking.tracking_no,
                    insured=self._insured(parcel),
                    collect=parcel.collect,
                    choice={"cost": choice.cost, "why": choice.why, "others": choice.others},
                    at=step.at,
                )
                if not written:
                    raise _gone(parcel.parcel_no)
                return Booked(carrier=booking.carrier, tracking_no=booking.tracking_no, collect=parcel.collect)

            try:
                return await steps.once(conn, step, Booked, write, tell=True)
            except ApplicationError:
                # The order was cancelled while the carrier was asked: nobody else knows of this waybill.
                void = VoidBooking(order_no=parcel.order_no, carrier=booking.carrier, tracking_no=booking.tracking_no)
                await self.void_booking(void)
                raise

    def _insured(self, parcel: parcels.ToBook) -> bool:
        return is_insured(parcel.value_minor, parcel.currency, self._thresholds)


def book_key(request: BookCarrier) -> str:
    """The idempotency key of a booking: one waybill for a parcel, however often we ask.

    A waybill that was withdrawn for another carrier is not this one: each turn has its key.
    """
    turn = f":{request.turn}" if request.turn else ""
    return f"{request.step.order_no}:book:{request.parcel_no}{turn}"


def _choose(request: BookCarrier, facts: ParcelFacts) -> Choice:
    if request.chosen is None:
        return choose(facts)
    return choose_by_hand(request.chosen.carrier, facts, by=request.chosen.by.id, why=request.chosen.why)


def _gone(parcel_no: str) -> ApplicationError:
    return ApplicationError(f"parcel {parcel_no} is not to be sent", type="ParcelGone", non_retryable=True)


def _facts(parcel: parcels.ToBook, person: contacts.Person) -> ParcelFacts:
    return ParcelFacts(
        weight_g=parcel.weight_g,
        volume_cm3=parcel.volume_cm3,
        speed=parcel.promised_speed,
        country=person.country or "",
        collect=parcel.collect > 0,
        wish=parcel.carrier_wish,
        region=person.address.region if person.address else "",
    )


def _contact(person: contacts.Person) -> Contact:
    """The recipient for the waybill; a person without name, phone or address cannot be sent anything (R19)."""
    if not (person.name and person.phone and person.address):
        raise ApplicationError(
            "the recipient's name, phone or address is missing", type="IncompleteOrder", non_retryable=True
        )
    return Contact(name=person.name, phone=person.phone, address=person.address.one_line)
