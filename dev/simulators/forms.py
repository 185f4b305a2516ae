"""Form bodies as the providers read them."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a urlencoded body, blank ones included; of a repeated field the last one counts."""
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def nested(form: dict[str, str], name: str) -> dict[str, str]:
    """Stripe's ``metadata[order_no]=…`` fields as a mapping."""
    return {
        key[len(name) + 1 : -1]: value
        for key, value in form.items()
        if key.startswith(f"{name}[") and key.endswith("]")
    }
