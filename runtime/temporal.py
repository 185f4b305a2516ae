"""The Temporal client all processes share, and the search attributes they rely on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client, Interceptor
from temporalio.common import SearchAttributeIndexedValueType
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode, TLSConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from models.temporal_names import SEARCH_ATTRIBUTES
from runtime.settings import Settings

_WIRE_TYPES = {
    SearchAttributeIndexedValueType.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    SearchAttributeIndexedValueType.DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
}


# The shapes and the rules have no state and no effects. Loaded once, they are the same classes to a
# workflow and to the activities whose results it reads; a second copy of a shape refuses the first.
_KNOWN_TO_BE_PURE = ("domain", "models", "pydantic", "pydantic_core")


def sandbox() -> SandboxedWorkflowRunner:
    """The sandbox in which workflows run when it is on, and in which histories are replayed."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*_KNOWN_TO_BE_PURE)
    )


class WrongSearchAttribute(Exception):
    """A search attribute of ours exists in the namespace with another type."""


async def connect(settings: Settings, *, interceptors: Sequence[Interceptor] = (), lazy: bool = False) -> Client:
    """Connect to the namespace of the settings; RuntimeError when Temporal cannot be reached.

    A ``lazy`` client connects at its first call, so that the API starts and accepts messages
    while Temporal is down.
    """
    return await Client.connect(
        settings.temporal_address,
        tls=tls_of(settings),
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        interceptors=interceptors,
        lazy=lazy,
    )


def tls_of(settings: Settings) -> TLSConfig | bool:
    """How the way to Temporal is encrypted (ASVS 12.3); False: not at all. Raises OSError for a file that has gone."""
    if settings.temporal_tls != "tls":
        return False
    return TLSConfig(
        server_root_ca_cert=_content(settings.temporal_tls_ca),
        domain=settings.temporal_tls_server_name,
        client_cert=_content(settings.temporal_tls_cert),
        client_private_key=_content(settings.temporal_tls_key),
    )


def _content(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()


async def missing_search_attributes(client: Client) -> dict[str, IndexedValueType.ValueType]:
    """Which of ours the namespace does not know yet; WrongSearchAttribute when one has another type."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    known = dict(answer.custom_attributes)
    wanted = {key.name: _WIRE_TYPES[key.indexed_value_type] for key in SEARCH_ATTRIBUTES}
    for name, wire_type in wanted.items():
        if name in known and known[name] != wire_type:
            raise WrongSearchAttribute(f"{name} is a {IndexedValueType.Name(known[name])} in {client.namespace}")
    return {name: wire_type for name, wire_type in wanted.items() if name not in known}


async def register_search_attributes(client: Client) -> list[str]:
    """Make our search attributes known to the namespace; returns the names that were new."""
    missing = await missing_search_attributes(client)
    if missing:
        await _add(client, missing)
    return sorted(missing)


async def _add(client: Client, missing: dict[str, IndexedValueType.ValueType]) -> None:
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        # Another process registered them between our question and our request.
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
