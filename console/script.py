"""What runs in the browser: clocks that count down, the desk one is at, whether it is looked at, a lost line.

Clocks follow this server's time, not the handheld's: those are often wrong.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from console.preferences import Preferences
from console.words import Words

_CLOCKS = """
(() => {
  const said = __SAID__;
  document.documentElement.lang = said.lang;
  document.documentElement.dataset.theme = said.theme;
  const offset = said.now - Date.now();
  const two = (number) => String(number).padStart(2, "0");
  const text = (left) => {
    const s = Math.floor(Math.abs(left));
    const day = Math.floor(s / 86400), hour = Math.floor(s / 3600) % 24, minute = Math.floor(s / 60) % 60;
    const head = day ? day + "d " + hour + ":" + two(minute) : hour ? hour + ":" + two(minute) : minute;
    return (left < 0 ? "\\u2212" : "") + head + ":" + two(s % 60);
  };
  const tick = () => document.querySelectorAll("[data-due]").forEach((clock) => {
    const due = Number(clock.dataset.due), start = Number(clock.dataset.start);
    const ahead = (window.movedClocks ?? {})[clock.dataset.of] ?? 0;
    const left = (due - Date.now() - offset - ahead) / 1000;
    const shown = text(left);
    if (clock.textContent !== shown) clock.textContent = shown;
    clock.dataset.state = left < 0 ? "passed" : left * 1000 < (due - start) / 4 ? "soon" : "calm";
  });
  let found = false;
  const find = () => {
    const here = found ? null : document.querySelector(".top .desks a[aria-current]");
    if (here) { found = true; here.scrollIntoView({ block: "nearest", inline: "center" }); }
  };
  addEventListener("DOMContentLoaded", () => {
    setInterval(tick, 500);
    new MutationObserver(() => { tick(); find(); }).observe(document.body, {
      childList: true, subtree: true, attributes: true, attributeFilter: ["data-due"],
    });
    const lost = document.querySelectorAll("#popup span");
    if (lost.length === 2) [lost[0].textContent, lost[1].textContent] = said.lost;
  });
  document.addEventListener("visibilitychange", () => window.emitEvent?.("looked_at", !document.hidden));
})();
"""


def head(preferences: Preferences) -> str:
    """The script element for a page's head."""
    t = Words(preferences.language)
    said = {
        "lang": "zh-Hant" if preferences.language == "zh" else "en",
        "theme": preferences.theme,
        "now": round(datetime.now(UTC).timestamp() * 1000),
        "lost": [t("line.browser_lost"), t("line.browser_again")],
    }
    return f"<script>{_CLOCKS.replace('__SAID__', json.dumps(said))}</script>"
