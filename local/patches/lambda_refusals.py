"""Lambda refuses to invoke a function when a test asks for it, and Step Functions tells it by name.

An event that waits for its delivery (`custom_resources`) waits until Lambda refuses no more.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc, stepfunctions

from local.faults.strikes import Faults
from local.journal import Journal


def apply(faults: Faults, journal: Journal) -> None:
    """Apply the patch."""
    call_lambda = stepfunctions._call_lambda

    def call_or_refuse(reference: str, event: Any) -> Any:
        name = lambda_svc._get_func_record_for_ref(reference)[2]
        fault = faults.refusal(name, event)
        if fault is None:
            return call_lambda(reference, event)
        journal.write("fault", fault="lambda_refuses", code=fault.code, function=name)
        raise stepfunctions._ExecutionError(
            f"Lambda.{fault.code}", "Lambda does not invoke the function at the moment."
        )

    stepfunctions._call_lambda = call_or_refuse
