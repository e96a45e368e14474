"""The OpenAPI 3.1 document, made from what the endpoints declare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from inspect import getdoc
from typing import Any, Final

from msgspec import Struct
from msgspec.json import schema_components

from pennon.web.endpoint import Endpoint, Lines, Nothing
from pennon.web.idempotency import HEADER, LONGEST, REPLAYED
from pennon.web.problem import Problem

_REF: Final = "#/components/schemas/"
_PARAMETER: Final = re.compile(r"\{(\w+)\}")

Json = dict[str, Any]

_IDEMPOTENCY_KEY: Final[Json] = {
    "name": HEADER,
    "in": "header",
    "description": "A key of your own, such as a UUID: under it, this is created once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!#-~]+$"},
}


def openapi_document(
    title: str,
    version: str,
    endpoints: Iterable[Endpoint],
    change_headers: Mapping[str, str] | None = None,
) -> Json:
    """
    Return the document that describes *endpoints*.

    *change_headers* are those that any change may carry, with what each is for.
    """
    declared = list(endpoints)
    schemas = _Schemas(declared)
    paths: dict[str, Json] = {}
    for endpoint in declared:
        operation = _operation(endpoint, schemas)
        if endpoint.method != "GET":
            headers = (change_headers or {}).items()
            operation["parameters"] += [_header(name, use) for name, use in headers]
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "pennon_session"},
            },
        },
        "security": [{"token": []}, {"session": []}],
    }


class _Schemas:
    """The schema of every type that is named, and of the merge patch of each that is patched."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        types: set[Any] = {Problem}
        patched: set[type[Struct]] = set()
        for endpoint in endpoints:
            if endpoint.answer is not Nothing and not issubclass(endpoint.answer, Lines):
                types.add(endpoint.answer)
            if endpoint.other_answer is not None:
                types.add(endpoint.other_answer)
            if endpoint.patches is not None:
                patched.add(endpoint.patches)
            elif endpoint.body is not None:
                types.add(endpoint.body)
        listed = sorted(types | patched, key=lambda type: type.__qualname__)
        schemas, components = schema_components(listed, ref_template=_REF + "{name}")
        self._of = dict(zip(listed, schemas, strict=True))
        self.components: dict[str, Json] = dict(components)
        for type in patched:
            self.components[f"{type.__name__}Patch"] = _merge_patch_of(
                self.components[type.__name__]
            )

    def ref(self, type: Any) -> Json:
        return dict(self._of[type])


def _operation(endpoint: Endpoint, schemas: _Schemas) -> Json:
    summary, _, description = (getdoc(endpoint.handler) or "").partition("\n\n")
    operation: Json = {
        "operationId": getattr(endpoint.handler, "__name__", endpoint.path),
        "summary": " ".join(summary.split()),
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": {
            str(endpoint.status): {
                "description": HTTPStatus(endpoint.status).phrase,
                **_answered(endpoint, schemas),
            },
            "default": {
                "description": "A problem (RFC 9457)",
                "content": {"application/problem+json": {"schema": schemas.ref(Problem)}},
            },
        },
    }
    if description:
        operation["description"] = description
    if not endpoint.needs.known:
        operation["security"] = []
    if endpoint.needs.role is not None:
        operation["x-role"] = endpoint.needs.role
    if endpoint.accepts:
        operation["requestBody"] = _request_body(endpoint, schemas)
    if endpoint.if_match != "ignored":
        header = _header("If-Match", "Refuse the change if it moved on.")
        operation["parameters"].append(header | {"required": endpoint.if_match == "required"})
    if endpoint.creates:
        operation["parameters"].append(_IDEMPOTENCY_KEY)
    return operation


def _answered(endpoint: Endpoint, schemas: _Schemas) -> Json:
    if issubclass(endpoint.answer, Lines):
        return {"content": {endpoint.answer.media_type: {"schema": {"type": "string"}}}}
    if endpoint.answer is Nothing:
        return {}
    headers = {"ETag": {"schema": {"type": "string"}}}
    if endpoint.creates:
        headers["Location"] = {"schema": {"type": "string"}}
        headers[REPLAYED] = {"schema": {"type": "string"}}
    return {
        "headers": headers,
        "content": {"application/json": {"schema": _answer(endpoint, schemas)}},
    }


def _answer(endpoint: Endpoint, schemas: _Schemas) -> Json:
    schema = schemas.ref(endpoint.answer)
    if endpoint.other_answer is None:
        return schema
    return {"anyOf": [schema, schemas.ref(endpoint.other_answer)]}


def _request_body(endpoint: Endpoint, schemas: _Schemas) -> Json:
    if endpoint.takes:
        schema = {"type": "string"}
    elif endpoint.patches is None:
        schema = schemas.ref(endpoint.body)
    else:
        schema = {"$ref": f"{_REF}{endpoint.patches.__name__}Patch"}
    return {
        "required": True,
        "content": {media_type: {"schema": schema} for media_type in endpoint.accepts},
    }


def _header(name: str, use: str) -> Json:
    return {"name": name, "in": "header", "description": use, "schema": {"type": "string"}}


def _path_parameters(endpoint: Endpoint) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[Json]:
    _, components = schema_components([endpoint.query])
    schema = components[endpoint.query.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(property),
        }
        for name, property in schema["properties"].items()
    ]


def _without_null(schema: Mapping[str, Any]) -> Json:
    """A query has no null: a parameter that may be null is one that may be left out."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    if len(choices) == 1:
        return {**choices[0], **kept}
    return dict(schema)


def _merge_patch_of(schema: Json) -> Json:
    """Return the schema of a merge patch: every field may be left out, or null to reset it."""
    return {
        **schema,
        "title": f"{schema['title']}Patch",
        "description": f"A JSON merge patch. {schema.get('description', '')}".strip(),
        "properties": {name: _or_null(one) for name, one in schema["properties"].items()},
        "required": [],
    }


def _or_null(schema: Json) -> Json:
    if not schema or {"type": "null"} in schema.get("anyOf", ()):
        return {name: value for name, value in schema.items() if name != "default"}
    kept = {name: value for name, value in schema.items() if name != "default"}
    return {"anyOf": [kept, {"type": "null"}]}
