"""The words of one's own account: second factor, sessions, password (R22)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "desk.me": ("My account", "我的帳號"),
    "me.title": ("My account", "我的帳號"),
    "me.no_session": ("Whoever signs in with a token of development has no account", "以開發令牌登入者沒有帳號"),
    "me.owes.own_password": (
        "Somebody else chose your password. Choose one of your own: until then nothing else is open to you.",
        "您的密碼由他人設置。請先更改為自己的密碼，之後才能使用其他功能。",
    ),
    "me.owes.second_factor": (
        "Your shop asks for a second factor. Set it up now: until then nothing else is open to you.",
        "店鋪要求雙重驗證。請先完成設定，之後才能使用其他功能。",
    ),
    "me.password": ("Password", "密碼"),
    "me.present": ("Present password", "目前密碼"),
    "me.code": ("Code of the second factor", "雙重驗證碼"),
    "me.new": ("New password", "新密碼"),
    "me.again": ("New password once more", "再次輸入新密碼"),
    "me.differ": ("The two new passwords differ", "兩次輸入的新密碼不一致"),
    "me.change": ("Change the password", "更改密碼"),
    "me.change_hint": (
        "12 characters or more. Every sign-in of yours ends, this one too.",
        "至少 12 個字元。更改後您的所有登入都會結束，包括目前這一個。",
    ),
    "me.factor": ("Second factor", "雙重驗證"),
    "me.factor.none": (
        "An app on your phone (an authenticator) shows a code that is asked for beside the password.",
        "手機上的驗證器應用會顯示驗證碼，登入時需與密碼一併輸入。",
    ),
    "me.factor.set": ("It stands since {at}. Recovery codes left: {left}.", "自 {at} 起啟用，剩餘備用碼 {left} 個。"),
    "me.factor.provider": (
        "You come in by the company's identity provider, which asks for its own.",
        "您經公司身分系統登入，由該系統負責雙重驗證。",
    ),
    "me.factor.begin": ("Set up a second factor", "設定雙重驗證"),
    "me.factor.replace": ("Move to another authenticator", "更換驗證器"),
    "me.factor.renew": ("New recovery codes", "更換備用碼"),
    "me.factor.show": ("Show again who you are", "請再次確認身分"),
    "me.factor.go_on": ("Go on", "繼續"),
    "me.factor.scan": (
        "Scan this with the authenticator, or type the key into it. Then send the code that it shows.",
        "請用驗證器掃描此圖，或手動輸入密鑰，然後輸入顯示的驗證碼。",
    ),
    "me.factor.picture": ("QR code for the authenticator", "驗證器二維碼"),
    "me.factor.key": ("Key", "密鑰"),
    "me.factor.first": ("Code that it shows now", "目前顯示的驗證碼"),
    "me.factor.confirm": ("Send the code", "提交驗證碼"),
    "me.codes": (
        "Keep these recovery codes where only you find them. Each lets you in once without the authenticator. "
        "They are shown this once.",
        "請妥善保存以下備用碼，每個僅可使用一次，可在沒有驗證器時登入。只顯示這一次。",
    ),
    "me.codes.list": ("Recovery codes", "備用碼"),
    "me.codes.kept": ("I have kept them", "已妥善保存"),
    "me.sessions": ("Where you are signed in", "登入位置"),
    "me.sessions.this": ("this one", "目前"),
    "me.sessions.same": ("from this network address", "來自目前網路位址"),
    "me.sessions.other": ("from another network address", "來自其他網路位址"),
    "me.sessions.times": ("since {start} · last used {seen}", "始於 {start} · 最近使用 {seen}"),
    "me.sessions.password": ("Password, to end sign-ins", "輸入密碼以終止登入"),
    "me.sessions.end": ("End", "終止"),
    "me.sessions.end_others": ("End all others", "終止其他全部登入"),
    "me.sessions.ended": ("Ended: {number}", "已終止 {number} 個登入"),
}
