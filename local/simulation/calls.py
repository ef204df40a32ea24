"""An AWS call of a Lambda, as a test sees it: what it is, whose, and before or after its effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from local.simulation.invocations import Invocation


@dataclass(frozen=True)
class HttpFailure:
    """An answer that a test gives in place of AWS's: an error of the service, or no answer.

    Attributes:
        code: AWS's code; None drops the connection.
        status: of HTTP.
    """

    code: str | None = None
    message: str = "by the test"
    status: int = 400


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes:
        number: counts the calls of all Lambdas, from 1.
        service, api: such as `s3` and `PutObject`; `http` and `PUT` for a presigned link.
        invocation: whose it is.
        when: before or after its effect.
    """

    number: int
    service: str
    api: str
    invocation: Invocation
    when: Literal["before", "after"]


#: Is told of each call, and may raise a `Death`, let time pass, or answer in AWS's place.
Listener = Callable[[Call], "HttpFailure | None"]
