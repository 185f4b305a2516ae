"""The words of the buyer's page (R12, R29)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "track.title": ("Your order", "您的訂單"),
    "track.order": ("Order {order}", "訂單 {order}"),
    "track.steps": ("How far your order has come", "訂單進度"),
    "track.step.ordered": ("Ordered", "已下單"),
    "track.step.checked": ("Checked", "已審核"),
    "track.step.packed": ("Packed", "已打包"),
    "track.step.on_its_way": ("On its way", "運輸中"),
    "track.step.arrived": ("Arrived", "已簽收"),
    "track.until": ("until {at}", "截止 {at}"),
    "track.left": ("time left", "剩餘時間"),
    "track.placed": ("Ordered", "下單時間"),
    "track.updated": ("Last change", "最近更新"),
    "track.parcel": ("Parcel {number} of {of}", "包裹 {number} / {of}"),
    "track.tracking_no": ("Tracking number", "運單號"),
    "track.no_trace": ("The carrier has told nothing yet.", "承運商尚無物流信息。"),
    "track.terms": ("The terms you ordered under", "您下單時適用的條款"),
    "track.terms_of": ("Version {version}, in force from {day}", "第 {version} 版，{day} 起生效"),
    "track.open_to": (
        "Whoever has this link can open this page. It shows no name, phone or address.",
        "持有此連結者均可查看本頁；頁面不顯示姓名、電話或地址。",
    ),
    "track.no_link": ("This link does not hold any more", "此連結已失效"),
    "track.no_link_hint": (
        "Links end after a while. Ask the shop for a new one.",
        "連結有使用期限，請向店鋪索取新的連結。",
    ),
    "track.give": ("Link for the buyer", "買家查詢連結"),
    "track.give_hint": (
        "Opens the order's status and trace without sign-in; holds {days:day|days}.",
        "無需登入即可查看狀態與物流，{days} 天內有效。",
    ),
    "track.link": ("Link", "連結"),
    "track.copy": ("Copy", "複製"),
    "track.copied": ("Copied", "已複製"),
    "track.open": ("Open", "打開"),
    "track.revoke": ("Revoke all links", "撤銷全部連結"),
    "track.revoked": ("No link to this order holds any more", "該訂單的連結已全部失效"),
    "carrier.SF": ("SF Express", "順豐速運"),
    "carrier.STO": ("STO Express", "申通快遞"),
    "carrier.YTO": ("YTO Express", "圓通速遞"),
    "carrier.ZTO": ("ZTO Express", "中通快遞"),
    "carrier.YUNDA": ("Yunda Express", "韻達快遞"),
    "carrier.JD": ("JD Logistics", "京東物流"),
}
