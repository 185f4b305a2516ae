"""The terms a buyer orders under: public, by version; each order names its own (R29)."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from api.auth import OPEN_TO_ALL
from api.problems import NotThere, among
from api.schemas.terms import StatutoryView, TermsInForce, TermsView, TextView
from domain import terms
from domain.terms import Terms, Text

router = APIRouter(prefix="/v1/terms", tags=["terms"], dependencies=[Depends(OPEN_TO_ALL)])


@router.get("", summary="The terms in force")
async def read_terms() -> TermsInForce:
    """The terms and the privacy notice that new orders are placed under."""
    return TermsInForce(
        in_force=terms.IN_FORCE,
        versions=list(terms.VERSIONS),
        terms=_view(terms.VERSIONS[terms.IN_FORCE]),
        statutory=[_limit(limit) for limit in terms.STATUTORY],
    )


@router.get("/{version}", summary="One version of the terms", responses=among(404))
async def read_version(version: str) -> TermsView:
    """The terms of an order's `terms_version`, word for word as they were."""
    if version not in terms.VERSIONS:
        raise NotThere("there are no terms of that version")
    return _view(terms.VERSIONS[version])


def _view(version: Terms) -> TermsView:
    return TermsView(
        version=version.version,
        in_force_from=version.in_force_from,
        returns=_text(version.returns),
        privacy=_text(version.privacy),
    )


def _text(text: Text) -> TextView:
    return TextView(title_en=text.title_en, title_zh=text.title_zh, en=list(text.en), zh=list(text.zh))


def _limit(limit: terms.StatutoryLimit) -> StatutoryView:
    return StatutoryView(
        deadline=limit.deadline.value,
        what=limit.what,
        at_least_seconds=int(limit.at_least.total_seconds()) if limit.at_least else None,
        at_most_seconds=int(limit.at_most.total_seconds()) if limit.at_most else None,
        counted=limit.counted,
        source=limit.source,
    )
