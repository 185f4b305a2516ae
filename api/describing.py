"""The OpenAPI document: problems in place of FastAPI's own errors, and an example of every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, REFUSALS, FaultView, ProblemView

_JSON = "application/json"
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_BY_FORMAT = {"date-time": "2024-06-11T12:15:00Z", "date": "2024-06-11"}
_BY_TYPE: Mapping[str, Any] = {"string": "\u2026", "integer": 1, "number": 1, "boolean": False, "null": None}


def describe(app: FastAPI) -> None:
    """Have the app's document say what its doors really answer."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            _put_problems(document)
            _put_examples(document)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _put_problems(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)
    for model in (FaultView, ProblemView):
        shape = model.model_json_schema(ref_template="#/components/schemas/{model}") | {"title": model.__name__}
        shape.pop("$defs", None)
        schemas[model.__name__] = shape
    for _, operation in _operations(document):
        # A door that documents no fault of its own gets FastAPI's, whose shape nobody here answers with.
        if _JSON in operation["responses"].get("422", {}).get("content", {}):
            operation["responses"]["422"] = REFUSALS[422]


def _put_examples(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for path, operation in _operations(document):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {})
            if MEDIA_TYPE in content:
                operation["responses"][status] = _at(path, answer)
            elif _JSON in content and not {"example", "examples"} & set(content[_JSON]):
                content[_JSON]["example"] = example_of(content[_JSON].get("schema", {}), schemas)


def _at(path: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The refusal as this path answers it; the parts are shared by many doors and stay as they are."""
    media = answer["content"][MEDIA_TYPE]
    example = {**media.get("example", {}), "instance": path}
    return {**answer, "content": {MEDIA_TYPE: {**media, "example": example}}}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A value of this shape: the fields' own examples where there are any."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    for known in ("const", "default"):
        if known in schema:
            return schema[known]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    return _of_type(schema, schemas)


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), schemas)]
    if schema.get("type") == "object":
        return {name: example_of(part, schemas) for name, part in schema.get("properties", {}).items()}
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", "")))


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation
