"""Every door under fire: requests made from its own description, by every role and by nobody (R22, R23)."""

from __future__ import annotations

import pytest

from tests.fuzz.fortress import Fortress
from tests.fuzz.siege import besiege


@pytest.mark.timeout(3_600)
def test_no_door_breaks_lets_in_whom_it_should_not_or_answers_other_than_it_says(
    shop: Fortress, request: pytest.FixtureRequest
) -> None:
    only = request.config.getoption("--fuzz-door")
    siege = besiege(shop, request.config.getoption("--fuzz-examples"), only)
    told = "\n".join(sorted(str(defect) for defect in siege.defects))
    assert not siege.defects, told
    opened = {door for door, status in siege.answers if status < 300}
    assert only or len(opened) > len(siege.permissions) / 3, "too few doors were ever opened: the fire proves little"
