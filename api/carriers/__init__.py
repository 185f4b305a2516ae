"""The carriers' services whose pushes we understand; Kuaidi100 speaks for all Chinese carriers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.adapters import Adapter
from api.carriers.kuaidi100 import Kuaidi100

CARRIERS: Mapping[str, Adapter] = MappingProxyType({"kuaidi100": Kuaidi100()})
