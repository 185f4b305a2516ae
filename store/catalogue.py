"""What the shop sells and from where: products and warehouses."""

from __future__ import annotations

from collections.abc import Sequence

from store.pool import Connection, Row


async def put_warehouse(conn: Connection, code: str, *, name: str, region: str = "", city: str = "") -> None:
    """List a warehouse, or correct what is known of it."""
    await conn.execute(
        "INSERT INTO warehouses (code, name, region, city) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, region = excluded.region, city = excluded.city",
        (code, name, region, city),
    )


async def put_product(
    conn: Connection,
    sku: str,
    *,
    title: str,
    barcode: str = "",
    weight_g: int = 0,
    volume_cm3: int = 0,
    fragile: bool = False,
    category: str = "",
    safety_stock: int = 0,
    returnable: bool = True,
) -> None:
    """List a product, or correct what is known of it; without a barcode of its own the SKU is scanned.

    Grams, cubic centimetres; ``safety_stock`` is how many pieces the shop wants to keep (R6);
    ``returnable``: it may come back without a reason (R16).
    """
    await conn.execute(
        "INSERT INTO products (sku, title, barcode, weight_g, volume_cm3, fragile, category, safety_stock,"
        " returnable)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (sku) DO UPDATE SET title = excluded.title,"
        " barcode = excluded.barcode, weight_g = excluded.weight_g, volume_cm3 = excluded.volume_cm3,"
        " fragile = excluded.fragile, category = excluded.category, safety_stock = excluded.safety_stock,"
        " returnable = excluded.returnable",
        (sku, title, barcode or sku, weight_g, volume_cm3, fragile, category, safety_stock, returnable),
    )


async def products(conn: Connection, skus: Sequence[str]) -> dict[str, Row]:
    """The products' rows by SKU; SKUs that are not listed are left out."""
    cursor = await conn.execute("SELECT * FROM products WHERE sku = ANY(%s)", (list(skus),))
    return {row["sku"]: row for row in await cursor.fetchall()}
