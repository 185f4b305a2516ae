"""Sample products and stock for a development shop, put in through the doors that a real feed uses."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import httpx

from dev.catalogue import BLACKLISTED_ACCOUNT, PRODUCTS, WAREHOUSES, Lot, Product
from domain.permissions import Role
from domain.risk import BuyerIndex
from models.base import SYSTEM, Actor
from runtime.crypto import Vault
from runtime.passwords import hash_password
from store import accounts, blacklist
from store.accounts import Act, NewAccount
from store.blacklist import NotListed, Value
from store.pool import Pool


async def seed(api: httpx.AsyncClient) -> None:
    """List the catalogue, and stock it so that as much as it says is free to sell.

    ``api`` carries the token of operations. What orders hold stays theirs, so this can be run
    again at any time: it fills up what earlier runs have sold. Raises httpx.HTTPError.
    """
    for warehouse in WAREHOUSES:
        await _post(api, "/v1/warehouses", asdict(warehouse))
    reserved = await _reserved(api)
    for product in PRODUCTS:
        await _post(api, "/v1/products", _listing(product))
        for place, lot in enumerate(product.lots):
            # What is reserved may stand in any lot; the first one carries it.
            held = reserved.get((lot.warehouse, product.sku), 0) if place == 0 else 0
            await _post(api, "/v1/stock", _stock(product, lot, held))


async def open_accounts(pool: Pool, password: str) -> None:
    """One account for each role, its username the role's name, all with development's one password (R22).

    A machine's role has none: machines come in with a token.
    """
    act = Act(Actor(id="seed", role=SYSTEM.role), datetime.now(UTC), "development")
    async with pool.connection() as conn:
        known = {row["username"] for row in await accounts.page(conn)}
        for role in Role:
            if role is not Role.INTEGRATOR and role.value not in known:
                hashed = await asyncio.to_thread(hash_password, password)
                await accounts.create(conn, NewAccount(role.value, role, hashed), act)


async def blacklist_sample_account(pool: Pool, vault: Vault) -> None:
    """Put the invented account of the blacklist sample on the blacklist, unless it is there (R27)."""
    account = Value(BuyerIndex.ACCOUNT, BLACKLISTED_ACCOUNT)
    async with pool.connection() as conn:
        try:
            await blacklist.entry_of(conn, vault, account)
        except NotListed:
            await blacklist.add(
                conn,
                vault,
                account,
                reason="sample: abusive refunds",
                by=Actor(id="seed", role=SYSTEM.role),
                at=datetime.now(UTC),
                expires_at=None,
            )


async def _reserved(api: httpx.AsyncClient) -> Mapping[tuple[str, str], int]:
    """What orders hold, by warehouse and SKU."""
    answer = await api.get("/v1/stock", params={"limit": 200})
    answer.raise_for_status()
    return {(item["warehouse"], item["sku"]): item["reserved"] for item in answer.json()["items"]}


def _listing(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "title": product.title,
        "barcode": product.barcode,
        "weight_g": product.weight_g,
        "volume_cm3": product.volume_cm3,
        "fragile": product.fragile,
        "category": product.category,
        "safety_stock": product.safety_stock,
    }


def _stock(product: Product, lot: Lot, held: int) -> dict[str, Any]:
    expires = None if lot.keeps is None else (datetime.now(UTC) + lot.keeps).date().isoformat()
    return {
        "warehouse": lot.warehouse,
        "sku": product.sku,
        "on_hand": lot.on_hand + held,
        "bin": lot.bin,
        "lot": lot.lot,
        "expires_on": expires,
    }


async def _post(api: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> None:
    answer = await api.post(path, json=body, headers={"Idempotency-Key": f"seed-{uuid.uuid4()}"})
    answer.raise_for_status()
