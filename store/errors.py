"""What the store refuses.

StoreError
├── UnknownOrder       no row of that order number
├── UnknownTask        no pick task of that number
├── UnknownStock       that product or warehouse is not listed
├── StockIsReserved    the counter cannot fall below what is set aside for orders
├── UnknownLines       the order has no such lines
├── NothingSent        nothing of the order has left the house, so nothing can be replaced
└── NothingToRefund    the ledger holds nothing that could be given back

Asking the same again does not help. A database that is away raises psycopg's own
OperationalError, and there asking again does.
"""

from __future__ import annotations


class StoreError(Exception):
    """The rows forbid it; the text holds numbers and codes, never a person (R21)."""


class UnknownOrder(StoreError):
    """No row of that order number."""

    def __init__(self, order_no: str) -> None:
        super().__init__(f"there is no order {order_no}")


class UnknownTask(StoreError):
    """No pick task of that number."""

    def __init__(self, task_no: str) -> None:
        super().__init__(f"there is no pick task {task_no}")


class UnknownStock(StoreError):
    """The product or the warehouse has to be listed before stock of it can be."""

    def __init__(self, warehouse: str, sku: str) -> None:
        super().__init__(f"list the warehouse {warehouse} and the product {sku} first")


class StockIsReserved(StoreError):
    """The counter cannot fall below what is set aside for orders (R5)."""

    def __init__(self, warehouse: str, sku: str) -> None:
        super().__init__(f"{sku} in {warehouse} cannot fall below what is reserved for orders")


class UnknownLines(StoreError):
    """The order has none of the lines that were named."""

    def __init__(self, order_no: str) -> None:
        super().__init__(f"{order_no} has no such lines")


class NothingSent(StoreError):
    """What never left the house is sent by the order itself, not replaced."""

    def __init__(self, order_no: str) -> None:
        super().__init__(f"nothing of {order_no} has been sent yet")


class NothingToRefund(StoreError):
    """The ledger holds nothing of this order that a provider could give back."""

    def __init__(self, order_no: str) -> None:
        super().__init__(f"nothing of {order_no} is left that a provider could give back")
