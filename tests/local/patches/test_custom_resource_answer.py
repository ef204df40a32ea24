"""How CloudFormation judges the answer of a custom resource."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.patches.custom_resource_answer import Request, judge

ANSWER = {
    "Status": "SUCCESS",
    "RequestId": "r",
    "StackId": "s",
    "LogicalResourceId": "l",
    "PhysicalResourceId": "p",
    "Data": {"TaskId": "t"},
}


def judged(long_answer: str = "fails", **changes: Any) -> Any:
    answer = {name: value for name, value in {**ANSWER, **changes}.items() if value is not None}
    return judge(Request("r", "s", "l", None), json.dumps(answer).encode(), long_answer)


def test_a_good_answer_counts() -> None:
    answer, refusal = judged()

    assert (answer.physical_id, answer.data, answer.failure, refusal) == (
        "p",
        {"TaskId": "t"},
        None,
        None,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"Status": None},
        {"Status": "OK"},
        {"RequestId": "other"},
        {"StackId": None},
        {"LogicalResourceId": "other"},
    ],
)
def test_an_answer_that_is_none_leaves_the_stack_waiting(changes: dict[str, Any]) -> None:
    answer, refusal = judged(**changes)

    assert answer is None
    assert refusal


def test_an_answer_may_have_4096_bytes() -> None:
    room = 4096 - len(json.dumps({**ANSWER, "Reason": ""}).encode())

    assert judged(Reason="x" * room)[0].failure is None
    assert judged(Reason="x" * (room + 1))[0].failure == "Response object is too long."
    assert judged("hangs", Reason="x" * (room + 1))[0] is None


def test_a_failure_is_shown_in_cloudformations_words() -> None:
    answer, _ = judged(Status="FAILED", Reason="no", PhysicalResourceId=None)

    assert answer.failure == (
        "Received response status [FAILED] from custom resource. "
        "Message returned: no (RequestId: r)"
    )


@pytest.mark.parametrize("physical_id", [None, "", "x" * 1025])
def test_a_success_needs_a_physical_id(physical_id: str | None) -> None:
    assert judged(PhysicalResourceId=physical_id)[0].failure == "Invalid PhysicalResourceId"
