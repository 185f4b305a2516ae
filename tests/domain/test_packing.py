"""Goods are shared out over parcels: fragile apart, oversize alone, none too heavy, and every piece once (R10)."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domain.packing import Goods, Limits, into_parcels

LIMITS = Limits(weight_g=1000, volume_cm3=5000)
GOODS = st.lists(
    st.builds(
        Goods,
        sku=st.sampled_from("ABCDE"),
        quantity=st.integers(1, 9),
        weight_g=st.integers(0, 1200),
        volume_cm3=st.integers(0, 6000),
        fragile=st.booleans(),
    ),
    unique_by=lambda goods: goods.sku,
)


def test_what_fits_into_one_parcel_travels_in_one() -> None:
    goods = [Goods("TEA", 2, 300, 1000), Goods("CUP", 1, 400, 3000)]
    assert into_parcels(goods, LIMITS) == [{"CUP": 1, "TEA": 2}]


def test_a_parcel_is_filled_to_its_weight_and_no_gram_more() -> None:
    assert into_parcels([Goods("TEA", 5, 500)], LIMITS) == [{"TEA": 2}, {"TEA": 2}, {"TEA": 1}]
    assert into_parcels([Goods("TEA", 2, 501)], LIMITS) == [{"TEA": 1}, {"TEA": 1}]


def test_a_parcel_is_filled_to_its_volume() -> None:
    assert into_parcels([Goods("PILLOW", 3, 10, 2500)], LIMITS) == [{"PILLOW": 2}, {"PILLOW": 1}]


def test_fragile_goods_travel_apart() -> None:
    goods = [Goods("TEA", 1, 100), Goods("VASE", 1, 100, fragile=True)]
    assert into_parcels(goods, LIMITS) == [{"TEA": 1}, {"VASE": 1}]


def test_each_oversize_piece_travels_alone() -> None:
    goods = [Goods("TEA", 1, 100), Goods("DESK", 2, 20_000, 90_000)]
    assert into_parcels(goods, LIMITS) == [{"TEA": 1}, {"DESK": 1}, {"DESK": 1}]


def test_goods_without_a_known_weight_fill_no_parcel() -> None:
    assert into_parcels([Goods("TEA", 100_000)], LIMITS) == [{"TEA": 100_000}]


@given(GOODS)
def test_every_piece_is_in_one_parcel_and_none_is_too_heavy(goods: list[Goods]) -> None:
    parcels, known = into_parcels(goods, LIMITS), {one.sku: one for one in goods}
    packed = sum((Counter(parcel) for parcel in parcels), Counter())
    assert packed == Counter({one.sku: one.quantity for one in goods})
    for parcel in parcels:
        assert len({known[sku].fragile for sku in parcel}) == 1
        if sum(parcel.values()) > 1:
            assert sum(known[sku].weight_g * pieces for sku, pieces in parcel.items()) <= LIMITS.weight_g
            assert sum(known[sku].volume_cm3 * pieces for sku, pieces in parcel.items()) <= LIMITS.volume_cm3
