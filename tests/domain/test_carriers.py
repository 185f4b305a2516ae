"""The carrier is chosen by weight, volume, speed, wish, coverage and cost; codes mean what R13 and R14 say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.carrier_codes import KUAIDI100, TROUBLE_CHINESE, Track, Trouble, meaning
from domain.carriers import TARIFFS, NoCarrier, ParcelFacts, choose, choose_by_hand, cost, is_insured, refusal
from models.news import CarrierState

PARCEL = ParcelFacts(weight_g=900, volume_cm3=2000, speed="standard", country="CN")
BY_CODE = {tariff.code: tariff for tariff in TARIFFS}


def chosen(**changes: object) -> str:
    return choose(replace(PARCEL, **changes)).carrier  # type: ignore[arg-type]


def test_the_cheapest_that_can_is_taken_and_the_others_are_accounted_for() -> None:
    choice = choose(PARCEL)
    assert (choice.carrier, choice.cost, choice.why) == ("YUNDA", 760, "the cheapest that can")
    assert set(choice.others) == set(BY_CODE) - {"YUNDA"}


@pytest.mark.parametrize(
    ("changes", "carrier"),
    [
        ({"wish": "SF"}, "SF"),
        ({"wish": "sf"}, "SF"),
        ({"wish": "京東"}, "JD"),
        ({"wish": "no such carrier"}, "YUNDA"),
        ({"speed": "express"}, "YTO"),
        ({"speed": "same_day"}, "JD"),
        ({"speed": "as fast as you like"}, "YUNDA"),
        ({"collect": True}, "YTO"),
        ({"country": "TW"}, "YTO"),
        ({"country": "US"}, "SF"),
        ({"country": ""}, "SF"),
        ({"weight_g": 45_000}, "ZTO"),
        ({"volume_cm3": 350_000}, "JD"),
    ],
)
def test_what_matters_changes_the_choice(changes: dict[str, object], carrier: str) -> None:
    assert chosen(**changes) == carrier


def test_a_wish_that_cannot_be_met_gives_way() -> None:
    choice = choose(replace(PARCEL, wish="YUNDA", country="TW"))
    assert (choice.carrier, choice.others["YUNDA"]) == ("YTO", "does not serve that country")


@pytest.mark.parametrize(("weight_g", "fen"), [(0, 760), (1000, 760), (1001, 1090), (2000, 1090), (2001, 1420)])
def test_each_kilogram_begun_is_paid(weight_g: int, fen: int) -> None:
    assert cost(BY_CODE["YUNDA"], replace(PARCEL, weight_g=weight_g)) == fen


def test_a_light_but_bulky_parcel_is_paid_by_its_volume() -> None:
    assert cost(BY_CODE["YUNDA"], replace(PARCEL, volume_cm3=12_000)) == 1090


@pytest.mark.parametrize(("excess", "reason"), [(0, ""), (1, "too heavy")])
def test_a_carrier_takes_its_limit_and_no_gram_more(excess: int, reason: str) -> None:
    sf = BY_CODE["SF"]
    assert refusal(sf, replace(PARCEL, weight_g=sf.max_weight_g + excess)) == reason


def test_what_nobody_takes_is_left_to_a_person() -> None:
    with pytest.raises(NoCarrier, match="too heavy"):
        choose(replace(PARCEL, weight_g=1_000_000))


@pytest.mark.parametrize(
    ("value", "currency", "insured"),
    [(100_000, "CNY", False), (100_001, "CNY", True), (14_000, "USD", False), (14_001, "USD", True), (1, "KWD", True)],
)
def test_only_what_is_worth_more_than_its_currencys_threshold_is_insured(
    value: int, currency: str, insured: bool
) -> None:
    assert is_insured(value, currency) is insured


@pytest.mark.parametrize(
    ("weight_g", "fen"), [(10_000, 760 + 9 * 330), (10_001, 760 + 9 * 330 + 300), (40_000, 760 + 9 * 330 + 30 * 300)]
)
def test_a_heavier_parcel_pays_less_for_each_kilogram_above_a_step(weight_g: int, fen: int) -> None:
    assert cost(BY_CODE["YUNDA"], replace(PARCEL, weight_g=weight_g)) == fen


def test_a_carrier_that_does_not_reach_the_region_is_not_taken() -> None:
    choice = choose(replace(PARCEL, region="西藏自治区"))
    assert (choice.carrier, choice.others["YUNDA"]) == ("YTO", "does not reach that region")


def test_a_person_may_choose_another_carrier_and_what_the_rules_say_is_kept() -> None:
    choice = choose_by_hand("YUNDA", replace(PARCEL, weight_g=45_000), by="logistics-1", why="van is here")
    assert choice.carrier == "YUNDA"
    assert choice.why == "chosen by logistics-1: van is here (the rules: too heavy)"
    assert choice.others["SF"].startswith("costs ")


@pytest.mark.parametrize(("code", "collect"), [("DHL", False), ("STO", True)])
def test_a_carrier_without_a_tariff_or_that_does_not_collect_what_is_due_cannot_be_chosen(
    code: str, collect: bool
) -> None:
    with pytest.raises(NoCarrier):
        choose_by_hand(code, replace(PARCEL, collect=collect), by="logistics-1", why="why not")


@pytest.mark.parametrize(
    ("code", "track", "trouble"),
    [
        ("0", Track.IN_TRANSIT, None),
        ("1", Track.PICKED_UP, None),
        ("5", Track.OUT_FOR_DELIVERY, None),
        ("3", Track.SIGNED, None),
        ("302", Track.SIGNED, Trouble.SIGNING_ANOMALY),
        ("207", Track.PROBLEM, Trouble.OUT_OF_AREA),
        ("208", Track.PROBLEM, Trouble.STUCK),
        ("401", Track.RETURNED, None),
        ("6", Track.RETURNING, None),
        ("14", Track.REFUSED, Trouble.REFUSED),
        ("399", Track.SIGNED, None),
        ("1002", Track.IN_TRANSIT, None),
        ("99", Track.IN_TRANSIT, None),
    ],
)
def test_a_code_means_what_kuaidi100_says(code: str, track: Track, trouble: Trouble | None) -> None:
    found = meaning(code)
    assert found is not None
    assert (found.track, found.trouble) == (track, trouble)


@pytest.mark.parametrize("code", ["101", "102"])
def test_a_waybill_that_was_only_ordered_moves_nothing(code: str) -> None:
    assert meaning(code) is None


def test_the_rules_and_the_messages_use_the_same_words() -> None:
    assert {track.value for track in Track} == {state.value for state in CarrierState}
    assert set(TROUBLE_CHINESE) == set(Trouble)
    assert {found.track for found in KUAIDI100.values()} == set(Track)
