"""The words of the logistics desk."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "desk.logistics": ("Logistics", "物流"),
    "logistics.title": ("Parcels on their way", "在途包裹"),
    "logistics.parcels": ("Parcels by state", "按狀態查看包裹"),
    "logistics.none": ("No parcel here: {state}", "沒有「{state}」的包裹"),
    "logistics.none_hint": (
        "The tabs say how many stand where; a carrier or warehouse given above hides those of others.",
        "各分頁標有數量；上方選定的承運商或倉庫會隱藏其他包裹。",
    ),
    "logistics.from": ("from {warehouse}", "發貨倉 {warehouse}"),
    "logistics.heard": ("last heard of {at}", "最後更新 {at}"),
    "logistics.exceptions": ("Parcel exceptions", "包裹異常"),
    "logistics.exceptions_counted": ("Open: {number}, the first due first", "未結 {number} 件，先到期者在前"),
    "logistics.to_exceptions": ("Exceptions: {number}", "異常：{number}"),
    "logistics.more_exceptions": ("All of them among the cases", "在個案中查看全部"),
    "logistics.no_exception": ("No parcel exception is open", "沒有未結的包裹異常"),
    "logistics.no_exception_hint": (
        "One opens by itself when a parcel is silent, stuck, damaged, out of area or refused.",
        "包裹無更新、滯留、破損、超區或拒收時會自動建立。",
    ),
    "logistics.open_case": ("to its exception", "查看異常"),
    "logistics.carrier.choose": ("Choose another carrier", "改選承運商"),
    "logistics.carrier.other": ("Other carrier", "其他承運商"),
    "logistics.carrier.send": ("Give it to this carrier", "改由此承運商承運"),
    "logistics.carrier.none": ("no carrier yet", "尚無承運商"),
    "logistics.carrier.chosen": ("{parcel} goes with {carrier}", "{parcel} 改由 {carrier} 承運"),
    "carriers.title": ("Carriers compared", "承運商比較"),
    "carriers.on_time": ("On time", "準時率"),
    "carriers.handed_over": ("Handed over", "已交運"),
    "carriers.days": ("Mean time to delivery", "平均送達時間"),
    "carriers.problems": ("Exceptions", "異常"),
    "carriers.none": ("No parcel was with a carrier in this time", "此期間沒有交運的包裹"),
    "carriers.none_hint": ("Choose a longer period.", "請選擇較長的期間。"),
}
