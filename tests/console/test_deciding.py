"""Acting on a row: what the page does around the act itself."""

from __future__ import annotations

from typing import Any

from console.bench import Bench
from console.desks.deciding import Act, Deciding
from console.words import Words


class Desk:
    """A person's place at a page on which one row is acted on; ``seen`` is what they saw, in order."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.t, self.api = Words("en"), self
        self.deciding = Deciding(self, self.redraw, self.again, chosen="row-1")  # type: ignore[arg-type]

    attempt = Bench.attempt
    hush = Bench.hush
    _notice = None

    def redraw(self) -> None:
        self.seen.append("form" if self.deciding.open else "rows")

    async def again(self) -> None:
        self.seen.append("read")

    def tell(self, words: str, kind: str = "ok") -> None:
        self.seen.append(words)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.seen.append((path, body))
        return {}


ACT = Act("row-1", "Do it", "/v1/rows/1", "Done", body={"decision": "accept"})


async def test_the_form_goes_before_the_list_is_read_again() -> None:
    desk = Desk()
    await desk.deciding.carry_out(ACT, "settled")
    assert desk.seen == [("/v1/rows/1", {"decision": "accept", "reason": "settled"}), "Done", "rows", "read"]


async def test_without_its_reason_nothing_is_asked_and_the_form_stays() -> None:
    desk = Desk()
    await desk.deciding.carry_out(ACT, "")
    assert desk.seen == ["Reason is needed"]
    assert desk.deciding.open
