"""The services that faults strike, and the names of their APIs, from botocore's models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from botocore.loaders import Loader

# A service as ministack names it, and its model.
MODELS = {
    "iot": "iot",
    "states": "stepfunctions",
    "lambda": "lambda",
    "logs": "logs",
    "events": "events",
    "cloudformation": "cloudformation",
    "iam": "iam",
    "sts": "sts",
    "s3": "s3",
}


def api_names(service: str) -> frozenset[str]:
    """Return the names of a service's APIs."""
    return frozenset(_model(service)["operations"])


def output_members(service: str, api: str) -> frozenset[str]:
    """Return the members of an API's answer."""
    model = _model(service)
    shape = model["operations"][api]["output"]["shape"]
    return frozenset(model["shapes"][shape]["members"])


def api_of_request(
    service: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    query: Mapping[str, list[str]],
) -> str | None:
    """Return the API that an HTTP request calls, or None if it is unknown.

    `headers` have names in lower case.
    """
    target = headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[2]
    if _model(service)["metadata"]["protocol"] == "query":
        form = parse_qs(body.decode(errors="replace")) if body else {}
        return next(iter(query.get("Action") or form.get("Action") or ()), None)
    routes = [each for each in _routes(service, method) if _has(each.required, headers, query)]
    found = [each for each in routes if each.pattern.fullmatch(path)]
    if not found:
        # The path is decoded: an ARN in it has slashes.
        found = [each for each in routes if each.loose_pattern.fullmatch(path)]
    # The most specific one: UploadPart is PutObject with two more parameters.
    return max(found, key=lambda route: len(route.required)).name if found else None


@dataclass(frozen=True)
class _Route:
    """An API's path, and the headers and parameters of the query that it requires."""

    name: str
    pattern: re.Pattern[str]
    loose_pattern: re.Pattern[str]
    required: frozenset[tuple[str, str]]


def _has(
    required: frozenset[tuple[str, str]],
    headers: Mapping[str, str],
    query: Mapping[str, list[str]],
) -> bool:
    return all(
        name.lower() in headers if where == "header" else name in query for where, name in required
    )


@lru_cache(maxsize=64)
def _routes(service: str, method: str) -> list[_Route]:
    """Return the APIs of a method."""
    model = _model(service)
    routes = []
    for name, operation in model["operations"].items():
        if operation["http"]["method"] != method:
            continue
        uri, _, fixed = operation["http"]["requestUri"].partition("?")
        required = {("querystring", item.partition("=")[0]) for item in fixed.split("&") if item}
        shape = model["shapes"][operation["input"]["shape"]] if "input" in operation else {}
        for member in shape.get("required", ()):
            location = shape["members"][member].get("location")
            if location in ("header", "querystring"):
                required.add((location, shape["members"][member]["locationName"]))
        escaped = re.sub(r"\\\{[^}]*\\\+\\\}", ".+", re.escape(uri))
        pattern, loose = (
            re.compile(re.sub(r"\\\{[^}]*\\\}", parameter, escaped) + "/?")
            for parameter in ("[^/]+", ".+")
        )
        routes.append(_Route(name, pattern, loose, frozenset(required)))
    return routes


@lru_cache(maxsize=16)
def _model(service: str) -> dict[str, Any]:
    model = Loader().load_service_model(MODELS[service], "service-2")
    # A plain copy: botocore's dictionaries are ordered and shared.
    loaded: dict[str, Any] = json.loads(json.dumps(model))
    return loaded
