"""The payment providers whose notices we understand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.adapters import Adapter
from api.payments.stripe import Stripe

PAYMENTS: Mapping[str, Adapter] = MappingProxyType({"stripe": Stripe()})
