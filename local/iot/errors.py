"""The service's errors and their HTTP replies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from local.ministack.service_handler import dropped_reply

# The service's model, botocore data/iot/2015-05-28/service-2.json: `error.httpStatusCode`.
_HTTP_STATUS = {
    "AccessDeniedException": 403,
    "ConflictingResourceUpdateException": 409,
    "InternalFailureException": 500,
    "InvalidRequestException": 400,
    "LimitExceededException": 410,
    "ResourceAlreadyExistsException": 409,
    "ResourceConflictsException": 409,
    "ResourceNotFoundException": 404,
    "ResourceRegistrationFailureException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 400,
    "UnauthorizedException": 401,
    "VersionConflictException": 409,
}


class ServiceError(Exception):
    """A call, or one line of a task, that the service refuses.

    Attributes:
        code: the exception's name in the service's model, e.g. `InvalidRequestException`.
        message: what AWS would say.
        status: the HTTP status; 400 for a code that the model does not name.
    """

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status if status is not None else _HTTP_STATUS.get(code, 400)


def invalid_request(message: str) -> ServiceError:
    """Return an `InvalidRequestException`."""
    return ServiceError("InvalidRequestException", message)


def not_found(message: str) -> ServiceError:
    """Return a `ResourceNotFoundException`."""
    return ServiceError("ResourceNotFoundException", message)


def registration_failure(message: str) -> ServiceError:
    """Return a `ResourceRegistrationFailureException`, the error of a line."""
    return ServiceError("ResourceRegistrationFailureException", message)


@dataclass(frozen=True)
class Reply:
    """An HTTP reply of the service."""

    body: dict[str, object]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def http(self) -> tuple[int, dict[str, str], bytes]:
        """Return the answer as ministack sends it: status, headers, body."""
        headers = {"Content-Type": "application/json", **self.headers}
        return self.status, headers, json.dumps(self.body).encode()


def dropped() -> Reply:
    """Return the reply that closes the connection without an answer."""
    status, headers, _ = dropped_reply()
    return Reply({}, status, headers)


def error_reply(error: ServiceError) -> Reply:
    """Return the reply from which an SDK raises the modelled exception.

    Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html (error types).
    """
    return Reply(
        body={"__type": error.code, "message": error.message},
        status=error.status,
        headers={"x-amzn-errortype": error.code},
    )
