"""The state machine in the Amazon States Language.

https://states-language.net/spec.html
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from aws_cdk import Aws

Step: TypeAlias = Literal[
    "Prepare",
    "Recover",
    "Compare",
    "Provide",
    "LookUp",
    "Start",
    "Observe",
    "Finish",
    "Abandon",
    "Deregister",
    "BringBack",
    "Stop",
    "Answer",
]
STEPS: tuple[Step, ...] = get_args(Step)

# Lambda itself refuses or fails, perhaps for minutes: no task is stopped for that. With full jitter
# a wait is 15 s on average: 60 attempts are some 15 minutes, 240 CloudFormation's hour.
LAMBDA_ERRORS = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.AWSLambdaException",
]
LAMBDA_ATTEMPTS, LAMBDA_ATTEMPTS_OF_ANSWER = 60, 240
# A worker that dies is called again; a failure that a step knows is an outcome, not an error.
RETRY = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 2,
    "MaxAttempts": 4,
    "BackoffRate": 2,
    "MaxDelaySeconds": 20,
    "JitterStrategy": "FULL",
}


def definition(worker_arn: str) -> dict[str, Any]:
    """Return the state machine in the Amazon States Language.

    Each step's outcome names the next step and the wait before it. The workflow adds which steps
    may follow, the retries, and that every way ends in Answer. A next step that may not follow is
    an error of the step, as if its worker had died.
    """
    return {
        "StartAt": "RequestType",
        "States": {
            "RequestType": {
                "Type": "Choice",
                "Choices": [
                    {
                        "Variable": "$.request.RequestType",
                        "StringEquals": "Delete",
                        "Next": "Stop",
                    }
                ],
                "Default": "Prepare",
            },
            **_step(
                worker_arn,
                "Prepare",
                followers=["Recover", "BringBack", "Answer"],
                on_error="Answer",
            ),
            **_step(worker_arn, "Recover", followers=["Compare", "Deregister"], on_error="Answer"),
            **_step(
                worker_arn,
                "Compare",
                followers=["Provide", "Deregister", "Answer"],
                on_error="Answer",
            ),
            **_step(worker_arn, "Provide", followers=["LookUp", "Answer"], on_error="Answer"),
            **_step(
                worker_arn,
                "LookUp",
                followers=["Start", "Deregister", "Answer"],
                on_error="Answer",
            ),
            **_step(
                worker_arn, "Start", followers=["LookUp", "Observe", "Abandon"], on_error="Abandon"
            ),
            **_step(worker_arn, "Observe", followers=["Finish", "Abandon"], on_error="Abandon"),
            **_step(
                worker_arn,
                "Finish",
                followers=["Start", "LookUp", "Deregister", "Answer"],
                on_error="Answer",
            ),
            **_step(worker_arn, "Abandon", followers=["Finish", "Answer"], on_error="Answer"),
            **_step(worker_arn, "Deregister", followers=["Stop", "Answer"], on_error="Answer"),
            **_step(worker_arn, "BringBack", followers=["Stop", "Answer"], on_error="Answer"),
            **_step(
                worker_arn, "Stop", followers=["Recover", "BringBack", "Answer"], on_error="Answer"
            ),
            **_unknown_step(then="Abandon"),
            **_unknown_step(then="Answer"),
            "Answer": {
                **_call(worker_arn, "Answer"),
                "Catch": [_catch("AnswerFailure")],
                "End": True,
            },
            # A failure needs nothing from S3, so that it can be sent whatever became of the bucket.
            "AnswerFailure": {**_call(worker_arn, "Answer"), "End": True},
        },
    }


def _step(worker_arn: str, name: Step, *, followers: list[Step], on_error: Step) -> dict[str, Any]:
    """Return a step, the choice after it, and the wait before the step is repeated."""
    choice, wait = f"After{name}", f"WaitFor{name}"
    targets = {**{follower: follower for follower in followers}, name: wait}
    return {
        name: {**_call(worker_arn, name), "Catch": [_catch(on_error)], "Next": choice},
        choice: {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.state.next", "StringEquals": step, "Next": target}
                for step, target in targets.items()
            ],
            "Default": _unknown(on_error),
        },
        wait: {"Type": "Wait", "SecondsPath": "$.state.wait", "Next": name},
    }


def _unknown_step(*, then: Step) -> dict[str, Any]:
    """Return the state after an unknown next step: it leaves what a Catch would leave."""
    error = {"Error": "UnknownStep", "Cause": "the next step is not one that may follow"}
    return {
        _unknown(then): {
            "Type": "Pass",
            "Result": error,
            "ResultPath": "$.state.error",
            "Next": then,
        }
    }


def _unknown(then: Step) -> str:
    return f"UnknownStepThen{then}"


def _catch(next_state: str) -> dict[str, Any]:
    return {"ErrorEquals": ["States.ALL"], "ResultPath": "$.state.error", "Next": next_state}


def _retry_lambda(name: Step) -> dict[str, Any]:
    attempts = LAMBDA_ATTEMPTS_OF_ANSWER if name == "Answer" else LAMBDA_ATTEMPTS
    return {
        **RETRY,
        "ErrorEquals": LAMBDA_ERRORS,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": 30,
    }


def _call(worker_arn: str, name: Step) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:{Aws.PARTITION}:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": worker_arn,
            "Payload": {
                "step": name,
                "request.$": "$.request",
                "receivedAt.$": "$.receivedAt",
                "state.$": "$.state",
            },
        },
        "ResultSelector": {
            "next.$": "$.Payload.next",
            "wait.$": "$.Payload.wait",
            "failure.$": "$.Payload.failure",
            "call.$": "$.Payload.call",
            "since.$": "$.Payload.since",
            "deniedSince.$": "$.Payload.deniedSince",
        },
        "ResultPath": "$.state",
        "Retry": [_retry_lambda(name), RETRY],
    }
