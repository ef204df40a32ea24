"""How CloudFormation judges the answer to a custom-resource request.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_ANSWER_BYTES = 4096
MAX_PHYSICAL_ID_BYTES = 1024


@dataclass(frozen=True)
class Answer:
    """An accepted answer. `failure`: the reason shown for the resource, None for a success."""

    physical_id: str | None
    data: Mapping[str, Any]
    failure: str | None


@dataclass
class Request:
    """A request that waits for its answer. `physical_id`: of an Update or Delete."""

    request_id: str
    stack_id: str
    logical_id: str
    physical_id: str | None
    request_type: str = "Create"
    cancelled: bool = False
    answered: threading.Event = field(default_factory=lambda: threading.Event())
    answer: Answer | None = None


def judge(request: Request, body: bytes, long_answer: str) -> tuple[Answer | None, str | None]:
    """Return the answer (None: the stack goes on waiting) and why it is refused, if it is.

    `long_answer` says what more than 4,096 bytes do: "fails" the resource at once, as was seen on
    AWS (aws/aws-cdk#2825), or "hangs" the stack until its ServiceTimeout.
    """
    if len(body) > MAX_ANSWER_BYTES:
        reason = "Response object is too long."
        failed = Answer(request.physical_id, {}, reason) if long_answer == "fails" else None
        return failed, f"{reason} ({len(body)} bytes)"
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return None, "not a JSON object"
    if answer.get("Status") not in ("SUCCESS", "FAILED"):
        return None, "Status is neither SUCCESS nor FAILED"
    for name, expected in (
        ("RequestId", request.request_id),
        ("StackId", request.stack_id),
        ("LogicalResourceId", request.logical_id),
    ):
        if answer.get(name) != expected:
            return None, f"{name} is not the request's"
    return _answer(request, answer), None


def _answer(request: Request, answer: Mapping[str, Any]) -> Answer:
    physical_id = answer.get("PhysicalResourceId")
    if answer["Status"] == "FAILED":
        reason = (
            "Received response status [FAILED] from custom resource. Message returned: "
            f"{answer.get('Reason', '')} (RequestId: {request.request_id})"
        )
        return Answer(physical_id or request.physical_id, {}, reason)
    if not isinstance(physical_id, str) or not 0 < len(physical_id.encode()) <= (
        MAX_PHYSICAL_ID_BYTES
    ):
        return Answer(request.physical_id, {}, "Invalid PhysicalResourceId")
    data = answer.get("Data") or {}
    if not isinstance(data, dict):
        return Answer(physical_id, {}, "Data of the response must be an object")
    return Answer(physical_id, data, None)
