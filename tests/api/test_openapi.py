"""The OpenAPI document tells the truth about every door, with an example of each answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.channels import CHANNELS
from runtime.settings import Settings
from tests.api.caller import NOBODY_LISTENS

PROBLEM = "application/problem+json"
NO_JSON = {
    "/metrics",
    "/v1/events",
    "/v1/orders.csv",
    "/v1/audit.csv",
    "/v1/audit/verification/events",
    "/v1/parcels/{parcel_no}/label.pdf",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document as it is served."""
    app = create_app(
        Settings(
            data_dir=tmp_path_factory.mktemp("api"),
            database_url="postgresql://nowhere/none",
            temporal_address=NOBODY_LISTENS,
            public_url="http://shop.test",
        )
    )
    served: dict[str, Any] = json.loads(json.dumps(app.openapi()))
    return served


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        yield from ((f"{method} {path}", operation) for method, operation in methods.items())


def answers(document: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for name, operation in operations(document):
        yield from ((name, int(status), answer) for status, answer in operation["responses"].items())


def test_every_operation_has_an_id_of_its_own_a_summary_and_a_tag_that_is_told_of(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len(found) >= 30
    assert [name for name, operation in found if not operation.get("summary") or not operation.get("tags")] == []
    told_of = {tag["name"] for tag in document["tags"]}
    assert {tag for _, operation in found for tag in operation["tags"]} <= told_of
    assert len({operation["operationId"] for _, operation in found}) == len(found)


def test_every_refusal_is_a_problem_with_an_example_of_its_own_status_and_path(document: dict[str, Any]) -> None:
    refusals = [(name, status, answer) for name, status, answer in answers(document) if 400 <= status < 500]
    assert len(refusals) > 100
    wrong = [
        (name, status)
        for name, status, answer in refusals
        if set(answer["content"]) != {PROBLEM}
        or answer["content"][PROBLEM]["example"]["status"] != status
        or answer["content"][PROBLEM]["example"]["instance"] != name.split(" ")[1]
    ]
    assert wrong == []


def test_every_door_with_a_lock_documents_401_403_and_422(document: dict[str, Any]) -> None:
    open_doors = (
        "/v1/webhooks/",
        "/v1/session/oidc",
        "/v1/session/exchange",
        "/v1/terms",
        "/v1/tracking/",
        "/healthz",
        "/readyz",
        "/metrics",
    )
    locked = [
        (name, op)
        for name, op in operations(document)
        if not name.split(" ")[1].startswith(open_doors) and name != "post /v1/session"
    ]
    assert [name for name, operation in locked if not {"401", "403", "422"} <= set(operation["responses"])] == []


def test_every_success_has_an_example(document: dict[str, Any]) -> None:
    without = [
        (name, status)
        for name, status, answer in answers(document)
        if status < 202 and name.split(" ")[1] not in NO_JSON
        and not {"example", "examples"} & set(answer["content"]["application/json"])
    ]  # fmt: skip
    assert without == []


def test_the_example_of_an_order_holds_the_fields_own_examples(document: dict[str, Any]) -> None:
    answer = document["paths"]["/v1/orders/{order_no}"]["get"]["responses"]["200"]
    example = answer["content"]["application/json"]["example"]
    assert example["order_no"] == "site-20240611-0042"
    assert example["status"] == {"code": "manual_review", "zh": "待人工審核", "en": "manual review"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])


def test_the_webhook_door_names_every_channel_with_its_message_and_its_answer(document: dict[str, Any]) -> None:
    door = document["paths"]["/v1/webhooks/channels/{name}"]["post"]
    told = [example for media in door["requestBody"]["content"].values() for example in media["examples"]]
    answered = door["responses"]["200"]["content"]["application/json"]["examples"]
    assert set(told) == set(CHANNELS)
    assert set(answered) == {*CHANNELS, "woocommerce, kept as refused"}
    assert all(f"`{channel}`" in door["description"] for channel in CHANNELS)
