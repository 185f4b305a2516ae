"""Where a platform's interface is, and what opens it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlatformAccess:
    """``user`` is the public half (consumer key, app key), ``secret`` the other; ``session`` a seller's grant.

    Shopify has the secret alone (its access token), Youzan too; WooCommerce both halves; Taobao all three.
    """

    base: str
    secret: str = field(repr=False)
    user: str = ""
    session: str = field(default="", repr=False)
