"""``orderflow digest``: the figures of a day of the shop, by hand (R25, T17)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.keeping import with_database
from cli.output import AsJson, print_json, settings_or_exit

if TYPE_CHECKING:
    from store.pool import Pool


def digest(
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="A day of the shop's calendar.  [default: yesterday]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a day's digest: the one that was kept, else counted now. Posts nothing and keeps nothing."""
    from zoneinfo import ZoneInfo

    from domain.digest import day_before, markdown
    from models.digests import DigestContent
    from store import digests

    settings = settings_or_exit()
    zone = ZoneInfo(settings.shop_timezone)
    asked = day.date() if day else day_before(datetime.now(UTC), zone)

    async def look(pool: Pool) -> tuple[bool, DigestContent]:
        async with pool.connection() as conn:
            row = await digests.of_day(conn, asked)
            if row is not None:
                return True, DigestContent.model_validate(row["content"])
            return False, DigestContent.of(await digests.count(conn, asked, zone))

    kept, content = with_database(settings, look)
    if as_json:
        told: dict[str, Any] = {"day": asked.isoformat(), "kept": kept, **content.model_dump(mode="json")}
        print_json(told)
    else:
        typer.echo(markdown(content.day(asked)))
