"""The words of the terms. A shop replaces them by its own, as a new version, before it opens.

Each document begins with its title; the rest are paragraphs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Documents = Mapping[str, Mapping[str, Sequence[str]]]

VERSION_1: Documents = {
    "returns": {
        "en": (
            "Returns and exchanges",
            "You may return goods bought online within seven days of signing for them, without giving a reason. "
            "Excepted are goods made to your order, fresh and perishable goods, opened recordings, software and other "
            "digital goods, and delivered newspapers and magazines.",
            "Goods must be as you received them. For a return without a reason you pay for sending them back; where "
            "goods are faulty or not what you ordered, we do.",
            "Send the goods within 14 days of our return ticket. After they pass inspection, your money is given back, "
            "or the exchange is done, within seven days, by the way you paid.",
            "An order that is not paid within 24 hours is cancelled. Money that comes later is given back in full.",
        ),
        "zh": (
            "退換貨條款",
            "網上購買的商品，您可在簽收後七日內無理由退貨。定作商品、鮮活易腐商品、已拆封的音像製品、計算機軟件等"
            "數字化商品，以及交付的報紙、期刊除外。",
            "退回的商品應當完好。無理由退貨的運費由您承擔；商品有質量問題或與訂單不符的，運費由我們承擔。",
            "請在退貨單簽發後 14 日內寄回商品。驗收合格後七日內，我們按原支付方式退款或完成換貨。",
            "訂單在 24 小時內未付款將自動取消；其後到帳的款項全額退還。",
        ),
    },
    "privacy": {
        "en": (
            "Privacy notice",
            "To deliver your order we keep your name, phone number, address, remarks and, where you gave them, e-mail "
            "address and account. We use them for your order, its delivery, returns and complaints, and to prevent "
            "fraud. The carrier of your parcel receives name, phone number and address.",
            "They are stored encrypted, under a key of your own. Only posts that need them see them, masked; every "
            "full look is recorded with its purpose.",
            "We erase them when three years have passed since your order was closed, or earlier if you ask us and no "
            "order of yours is open. What was bought, for how much and when remains, without your person, as the law "
            "on commerce demands.",
            "You may ask us for a copy, a correction or the erasure of your data, and may complain to the authority "
            "that supervises data protection.",
        ),
        "zh": (
            "隱私聲明",
            "為履行訂單，我們保存您的姓名、電話、地址、備註，以及您提供的電子郵箱和帳號，用於訂單處理、配送、售後、"
            "投訴處理及防範欺詐。承運人會獲得收件人姓名、電話和地址。",
            "上述信息以您專屬的密鑰加密保存。僅有必要的崗位可查看，且為脫敏信息；每次完整查看均記錄其目的。",
            "訂單歸檔滿三年後我們刪除上述信息；您沒有未完結的訂單時，也可要求提前刪除。依照電子商務相關法律，"
            "不含個人身份的交易記錄（商品、金額、時間）繼續保存。",
            "您可要求查閱、更正或刪除您的個人信息，並可向履行個人信息保護職責的部門投訴。",
        ),
    },
}
