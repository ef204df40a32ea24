"""Difference: AttachThingPrincipal takes no notice of `thingPrincipalType`.

Patch: a principal that is attached exclusively is attached to no other thing, and one that another
thing has cannot be attached exclusively: InvalidRequestException. Which error AWS gives is assumed.
Unnecessary once ministack's attachments have a type.
Source: https://docs.aws.amazon.com/iot/latest/apireference/API_AttachThingPrincipal.html
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import iot

EXCLUSIVE = "EXCLUSIVE_THING"
_MEMBER = "exclusiveThing"


def apply() -> None:
    """Apply the patch."""
    handle = iot._handle_thing_principals

    def handle_thing_principals(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        name = path.removeprefix("/things/").removesuffix("/principals")
        principal = headers.get("x-amzn-principal") or query.get("principal") or ""
        certificate = iot._certificates.get(principal.rpartition("/")[2])
        if method == "PUT" and certificate is not None:
            wanted = query.get("thingPrincipalType", "")
            refusal = _refusal(certificate, name, wanted)
            if refusal:
                return error_response_json("InvalidRequestException", refusal, 400)
        answer = handle(method, path, headers, body, query)
        if certificate is not None and answer[0] == 200 and method in ("PUT", "DELETE"):
            is_exclusive = method == "PUT" and query.get("thingPrincipalType") == EXCLUSIVE
            certificate[_MEMBER] = name if is_exclusive else ""
        return answer

    iot._handle_thing_principals = handle_thing_principals


def _refusal(certificate: dict[str, Any], name: str, wanted: str) -> str:
    others = [
        arn.rpartition("/")[2]
        for arn in certificate.get("attachedThings", [])
        if arn.rpartition("/")[2] != name
    ]
    if certificate.get(_MEMBER) not in (None, "", name):
        return f"The principal is attached exclusively to thing {certificate[_MEMBER]}"
    if wanted == EXCLUSIVE and others:
        return f"The principal is attached to other things: {', '.join(others)}"
    return ""
