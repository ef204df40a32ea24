"""The state machine in the Amazon States Language.

https://states-language.net/spec.html
"""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws

# A worker that dies is called again; what a step refuses is not an error but an outcome.
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

    Each step's outcome names the next step and the wait before it; what the workflow adds is the
    order that is possible, the retries, and that every way ends in Answer.
    """
    to_abandon, to_answer = "Abandon", "Answer"
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
            **_step(worker_arn, "Prepare", ["Start"], caught_by=to_answer),
            **_step(worker_arn, "Start", ["Observe", "Abandon"], caught_by=to_abandon),
            **_step(worker_arn, "Observe", ["Finish", "Abandon"], caught_by=to_abandon),
            **_step(worker_arn, "Finish", [], caught_by=to_answer),
            **_step(worker_arn, "Abandon", ["Finish"], caught_by=to_answer),
            **_step(worker_arn, "Stop", [], caught_by=to_answer),
            "Answer": {
                **_call(worker_arn, "Answer"),
                "Catch": [_catch("AnswerFailure")],
                "End": True,
            },
            # A failure needs no look at S3, so that it can be told whatever became of the bucket.
            "AnswerFailure": {**_call(worker_arn, "Answer"), "End": True},
        },
    }


def _step(worker_arn: str, name: str, followers: list[str], caught_by: str) -> dict[str, Any]:
    """Return a step, the choice after it, and the wait before it is taken again."""
    choice, wait = f"After{name}", f"WaitFor{name}"
    return {
        name: {
            **_call(worker_arn, name),
            "Catch": [_catch(caught_by)],
            "Next": choice,
        },
        choice: {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.state.next", "StringEquals": follower, "Next": target}
                for follower, target in [*((each, each) for each in followers), (name, wait)]
            ],
            "Default": "Answer",
        },
        wait: {"Type": "Wait", "SecondsPath": "$.state.wait", "Next": name},
    }


def _catch(next_state: str) -> dict[str, Any]:
    return {"ErrorEquals": ["States.ALL"], "ResultPath": "$.state.error", "Next": next_state}


def _call(worker_arn: str, name: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": f"arn:{Aws.PARTITION}:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": worker_arn,
            "Payload": {
                "step": name,
                "request.$": "$.request",
                "state.$": "$.state",
                "entered.$": "$$.State.EnteredTime",
                "retries.$": "$$.State.RetryCount",
            },
        },
        "ResultSelector": {
            "next.$": "$.Payload.next",
            "wait.$": "$.Payload.wait",
            "progress.$": "$.Payload.progress",
        },
        "ResultPath": "$.state",
        "Retry": [RETRY],
    }
