"""Difference: the error type of a failed Python Lambda is always `Runtime.HandlerError`.

Patch: it is the exception's name, so that a state machine's Catch and Retry can tell them apart;
that of a process which ended is `Runtime.ExitError`.
Unnecessary once ministack returns the exception's name.
Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.core.lambda_runtime import Worker
from ministack.services import lambda_svc

# The last line of a traceback: `package.module.Name: message`.
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")
_PROCESS_ENDED = "Worker process died"


def apply() -> None:
    """Apply the patch."""
    invoke, execute = Worker.invoke, lambda_svc._execute_function_warm

    def invoke_and_name(self: Any, *arguments: Any, **options: Any) -> Any:
        result = invoke(self, *arguments, **options)
        name = exception_name(result.get("trace", ""))
        if result.get("status") == "error" and name:
            result["error"] = _NamedError(result.get("error", ""), name)
        return result

    def execute_and_name(function: Any, event: Any, request_id: str) -> Any:
        result = execute(function, event, request_id)
        body = result.get("body")
        if not result.get("error") or not isinstance(body, dict):
            return result
        message = body.get("errorMessage")
        if isinstance(message, _NamedError):
            body.update(errorMessage=str(message), errorType=message.name)
        elif message == _PROCESS_ENDED:
            body.update(
                errorMessage=f"RequestId: {request_id} Error: Runtime exited with error: "
                "exit status 1",
                errorType="Runtime.ExitError",
            )
        return result

    Worker.invoke = invoke_and_name
    lambda_svc._execute_function_warm = execute_and_name


def exception_name(trace: str) -> str | None:
    """Return the class, without its module, of the exception at a traceback's end."""
    for line in reversed(trace.splitlines()):
        raised = _RAISED.match(line)
        if raised:
            return raised[1].rpartition(".")[2]
    return None


class _NamedError(str):
    """An error message that knows the exception's name."""

    name: str

    def __new__(cls, message: str, name: str) -> _NamedError:
        made = super().__new__(cls, message)
        made.name = name
        return made
