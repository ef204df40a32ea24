"""The parameters of the calls, checked against the service's model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.iot import limits
from local.iot.errors import ServiceError, invalid_request


@dataclass(frozen=True)
class StartRequest:
    """The input of StartThingRegistrationTask."""

    template_body: str
    input_file_bucket: str
    input_file_key: str
    role_arn: str


@dataclass(frozen=True)
class ReportsRequest:
    """The input of ListThingRegistrationTaskReports."""

    task_id: str
    report_type: str
    page: Page


@dataclass(frozen=True)
class Page:
    """The requested page of a list. `size` None: the service decides."""

    size: int | None
    token: str | None


def body_document(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a request's body.

    Raises:
        ServiceError: it is not one.
    """
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "the request body must be a JSON object")
    return document


def start_request(document: Mapping[str, Any]) -> StartRequest:
    """Return the input of StartThingRegistrationTask.

    Raises:
        ServiceError: members are missing, too short, too long or break their pattern.
    Source: https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
    """
    members = {
        "templateBody": limits.TEMPLATE_BODY,
        "inputFileBucket": limits.INPUT_FILE_BUCKET,
        "inputFileKey": limits.INPUT_FILE_KEY,
        "roleArn": limits.ROLE_ARN,
    }
    _raise_for(
        [_member_violation(document.get(name), name, limit) for name, limit in members.items()]
    )
    return StartRequest(
        template_body=document["templateBody"],
        input_file_bucket=document["inputFileBucket"],
        input_file_key=document["inputFileKey"],
        role_arn=document["roleArn"],
    )


def template_body(document: Mapping[str, Any]) -> str:
    """Return the `templateBody` of RegisterThing."""
    body = document.get("templateBody")
    _raise_for([_member_violation(body, "templateBody", limits.TEMPLATE_BODY)])
    return str(body)


def parameters(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the `parameters` of RegisterThing: strings of up to 4,096 characters."""
    values = document.get("parameters") or {}
    if not isinstance(values, dict):
        raise ServiceError("SerializationException", "parameters must be an object")
    limit = limits.StringLimit(0, limits.MAX_PARAMETER_CHARS)
    _raise_for([_member_violation(values[name], f"parameters.{name}", limit) for name in values])
    return values


def task_id(value: str) -> str:
    """Return the `taskId` of a path: at most 40 characters."""
    _raise_for([_member_violation(value, "taskId", limits.TASK_ID)])
    return value


def status_filter(query: Mapping[str, str]) -> str | None:
    """Return the `status` of ListThingRegistrationTasks, or None for all."""
    status = query.get("status")
    _raise_for([_enum_violation(status, "status", limits.STATUSES) if status else None])
    return status or None


def reports_request(task_id: str, query: Mapping[str, str]) -> ReportsRequest:
    """Return the input of ListThingRegistrationTaskReports; `reportType` is required."""
    report_type = query.get("reportType")
    _raise_for(
        [
            _member_violation(task_id, "taskId", limits.TASK_ID),
            _enum_violation(report_type, "reportType", limits.REPORT_TYPES),
        ]
    )
    return ReportsRequest(task_id, str(report_type), page(query))


def page(query: Mapping[str, str]) -> Page:
    """Return the requested page of a list: `maxResults` 1-250, `nextToken`."""
    raw = query.get("maxResults")
    token = query.get("nextToken") or None
    if not raw:
        return Page(None, token)
    try:
        size = int(raw)
    except ValueError:
        raise ServiceError("SerializationException", "maxResults must be a number") from None
    bound = "greater than or equal to 1" if size < 1 else f"less than or equal to {limits.MAX_PAGE}"
    if not 1 <= size <= limits.MAX_PAGE:
        _raise_for(
            [
                f"Value '{size}' at 'maxResults' failed to satisfy constraint: "
                f"Member must have value {bound}"
            ]
        )
    return Page(size, token)


def _member_violation(value: object, name: str, limit: limits.StringLimit) -> str | None:
    if value is None:
        return f"Value at '{name}' failed to satisfy constraint: Member must not be null"
    if not isinstance(value, str):
        raise ServiceError("SerializationException", f"{name} must be a string")
    return limit.violation(value, name)


def _enum_violation(value: str | None, name: str, allowed: tuple[str, ...]) -> str | None:
    if value is None:
        return f"Value at '{name}' failed to satisfy constraint: Member must not be null"
    if value in allowed:
        return None
    return (
        f"Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    )


def _raise_for(violations: list[str | None]) -> None:
    found = [violation for violation in violations if violation]
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise invalid_request(f"{len(found)} validation {errors} detected: {'; '.join(found)}")
