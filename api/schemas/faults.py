"""One answer for all faults: what the fields say, joined with what several fields say together (R2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from domain.intake import Fault
from runtime.postal import phone_faults

_LONGEST_PHONE = 40


class AllFaultsAtOnce(BaseModel):
    """A body whose joined faults are told beside those of single fields, even when those are wrong too."""

    model_config = ConfigDict(hide_input_in_errors=True)

    @classmethod
    def joined_faults(cls, data: Mapping[str, Any]) -> list[Fault]:
        """Faults of several fields together; ``data`` may be wrong everywhere else."""
        raise NotImplementedError

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        joined = cls.joined_faults(data) if isinstance(data, Mapping) else []
        try:
            accepted = handler(data)
        except ValidationError as error:
            raise _refusal(cls.__name__, error, joined) from None
        if joined:
            raise _refusal(cls.__name__, None, joined)
        return accepted


def phone_fault_of(phone: object, address: object, field: str) -> list[Fault]:
    """The phone read as one of the address's country, if both are there to be read."""
    country = address.get("country") if isinstance(address, Mapping) else None
    if not isinstance(phone, str) or not phone.strip() or len(phone) > _LONGEST_PHONE:
        return []
    known = isinstance(country, str) and len(country) == 2
    if not known and not phone.strip().startswith("+"):
        # Without a country nobody can say whether it is one of its numbers; the country's own fault is told.
        return []
    found = phone_faults(phone, str(country) if known else "")
    return [Fault(field, fault.removeprefix("phone ")) for fault in found]


def _refusal(title: str, error: ValidationError | None, joined: list[Fault]) -> ValidationError:
    known = error.errors(include_url=False, include_input=False) if error else []
    named = {".".join(str(part) for part in one["loc"]) for one in known}
    details = [_detail(one["loc"], one["type"], one["msg"]) for one in known]
    for fault in joined:
        if fault.field not in named:
            loc = tuple(int(part) if part.isdigit() else part for part in fault.field.split("."))
            details.append(_detail(loc, "value_error", fault.problem))
    return ValidationError.from_exception_data(title, details, hide_input=True)


def _detail(loc: tuple[int | str, ...], kind: str, text: str) -> InitErrorDetails:
    # Braces would be read as places to fill in.
    said = text.replace("{", "(").replace("}", ")")
    return InitErrorDetails(type=PydanticCustomError(kind, said), loc=loc, input=None)
