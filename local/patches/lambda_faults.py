"""Lambdas that die, time out or run out of memory when a test asks for it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc

from local.faults.strikes import Faults
from local.journal import Journal

_ERRORS = {
    "dies_before": ("Runtime.ExitError", "Runtime exited with error: exit status 1"),
    "dies_after": ("Runtime.ExitError", "Runtime exited with error: exit status 1"),
    "out_of_memory": ("Runtime.OutOfMemory", "Runtime exited with error: signal: killed"),
    "times_out": ("Sandbox.Timedout", "Task timed out after {timeout}.00 seconds"),
}


def apply(faults: Faults, journal: Journal) -> None:
    """Apply the patch."""
    execute = lambda_svc._execute_function

    def execute_function(function: Any, event: Any) -> Any:
        config = function.get("config") or function
        name = config.get("FunctionName", "")
        fault = faults.invocation(name, event)
        if fault is None:
            return execute(function, event)
        journal.write("fault", fault="lambdas", what=fault.what, function=name)
        if fault.what == "dies_after":
            execute(function, event)
        error_type, message = _ERRORS[fault.what]
        return {
            "body": {
                "errorType": error_type,
                "errorMessage": message.format(timeout=config.get("Timeout", 3)),
            },
            "error": True,
            "log": "",
        }

    lambda_svc._execute_function = execute_function
