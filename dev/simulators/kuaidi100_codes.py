"""What can happen to a parcel, in Kuaidi100's codes and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WAYBILL: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "shunfeng": ("SF", 13),
        "shentong": ("77", 13),
        "yuantong": ("YT", 13),
        "zhongtong": ("78", 12),
        "yunda": ("43", 13),
        "jd": ("JDVA", 11),
    }
)
"""Each carrier's waybill numbers: how they begin and how many digits follow."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One kind of tracking event; ``state`` is the parcel's state after it."""

    code: str
    state: str
    status: str
    context: str


# The courier's number in the text is as in reality: it is why event texts belong in the vault (R21).
HAPPENINGS: Mapping[str, Happening] = MappingProxyType(
    {
        "picked_up": Happening("1", "1", "揽收", "【深圳市】测试网点 已揽收"),
        "in_transit": Happening("0", "0", "在途", "【广州市】快件已到达 测试转运中心"),
        "out_for_delivery": Happening("5", "5", "派件", "【上海市】测试快递员（13800000009）正在为您派件"),
        "signed": Happening("301", "3", "签收", "【上海市】快件已由本人签收"),
        "signed_after_exception": Happening("302", "3", "签收", "【上海市】派件异常后已签收"),
        "signed_by_another": Happening("303", "3", "签收", "【上海市】快件已由他人代签收"),
        "signed_locker": Happening("304", "3", "签收", "【上海市】快件已由快递柜代收"),
        "problem": Happening("2", "2", "疑难", "【上海市】快件出现问题"),
        "late": Happening("201", "2", "疑难", "【上海市】快件超时未签收"),
        "silent": Happening("202", "2", "疑难", "【上海市】快件超时未更新"),
        "delivery_refused": Happening("203", "2", "疑难", "【上海市】收件人拒收"),
        "exception": Happening("204", "2", "疑难", "【上海市】派件异常"),
        "uncollected": Happening("205", "2", "疑难", "【上海市】快递柜超时未取"),
        "unreachable": Happening("206", "2", "疑难", "【上海市】无法联系收件人"),
        "out_of_area": Happening("207", "2", "疑难", "【拉萨市】收件地址超出派送范围"),
        "held": Happening("208", "2", "疑难", "【上海市】快件滞留"),
        "damaged": Happening("209", "2", "疑难", "【上海市】快件破损"),
        "void": Happening("210", "2", "疑难", "【深圳市】快件已被销单"),
        "returning": Happening("6", "6", "退回", "【上海市】快件正在退回"),
        "returned": Happening("401", "4", "退签", "【深圳市】快件已退回并签收"),
        "refused": Happening("14", "14", "拒签", "【上海市】收件人拒签"),
    }
)
BY_CODE: Mapping[str, Happening] = MappingProxyType({one.code: one for one in HAPPENINGS.values()})

LAST = frozenset({"3", "4"})
"""States after which Kuaidi100 stops watching (status "shutdown")."""

WALK = ("picked_up", "in_transit", "out_for_delivery", "signed")
"""How an automatic parcel goes."""
