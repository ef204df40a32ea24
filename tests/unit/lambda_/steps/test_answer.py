"""The Answer step: every attribute, or the failure."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.cloudformation import CloudFormation
from tests.unit.lambda_.stubs import REQUEST_ID
from thing_registration_worker.errors import Superseded
from thing_registration_worker.state.claim import held
from thing_registration_worker.state.last_run import LastRun
from thing_registration_worker.steps.answer import answer


def test_a_success_carries_every_attribute_that_a_template_may_read(
    make_step: Any, claims: ClaimObjects, cloudformation: CloudFormation
) -> None:
    record = LastRun("request-0", "task-1", "Completed", 2, 1, 20, 17, 3)
    step = make_step("Answer", event_changes={"ResponseURL": cloudformation.url})
    claims.place("stack/fleet/last-run.json", json.dumps(asdict(record)).encode())

    answer(step)

    assert cloudformation.answers[0]["Status"] == "SUCCESS"
    assert cloudformation.answers[0]["Data"] == {
        "TaskId": "task-1",
        "Status": "Completed",
        "SuccessCount": "2",
        "FailureCount": "1",
        "RegisteredCount": "20",
        "UnchangedCount": "17",
        "RemovedCount": "3",
        "ReportsUri": "s3://fleet/stack/fleet/runs/request-0/",
    }
    assert cloudformation.content_types == [""]


def test_a_success_without_a_record_still_carries_every_attribute(
    make_step: Any, cloudformation: CloudFormation
) -> None:
    answer(make_step("Answer", "Update", event_changes={"ResponseURL": cloudformation.url}))

    data = cloudformation.answers[0]["Data"]
    assert len(data) == 8
    assert all(data.values())


def test_a_failure_carries_its_reason(make_step: Any, cloudformation: CloudFormation) -> None:
    answer(make_step("Answer", failure="why", event_changes={"ResponseURL": cloudformation.url}))

    assert cloudformation.answers[0]["Status"] == "FAILED"
    assert cloudformation.answers[0]["Reason"] == "why"


def test_an_answer_is_recorded(make_step: Any, cloudformation: CloudFormation) -> None:
    step = make_step("Answer", failure="why", event_changes={"ResponseURL": cloudformation.url})

    answer(step)

    assert held(step).answered


def test_an_answer_is_not_recorded_where_a_deletion_has_removed_the_claim(
    make_step: Any, claims: ClaimObjects, cloudformation: CloudFormation
) -> None:
    step = make_step("Answer", failure="why", event_changes={"ResponseURL": cloudformation.url})
    claims.remove(step.request.declaration)

    assert answer(step).next_step == "Done"
    with pytest.raises(Superseded):
        held(step)


def test_a_success_without_a_record_says_that_nothing_is_known(
    make_step: Any, cloudformation: CloudFormation
) -> None:
    answer(make_step("Answer", "Update", event_changes={"ResponseURL": cloudformation.url}))

    assert cloudformation.answers[0]["Data"] == {
        "TaskId": "unknown",
        "Status": "Unknown",
        "SuccessCount": "0",
        "FailureCount": "0",
        "RegisteredCount": "0",
        "UnchangedCount": "0",
        "RemovedCount": "0",
        "ReportsUri": f"s3://fleet/stack/fleet/runs/{REQUEST_ID}/",
    }


def test_a_deletion_carries_no_attribute(make_step: Any, cloudformation: CloudFormation) -> None:
    step = make_step("Answer", "Delete", event_changes={"ResponseURL": cloudformation.url})

    assert answer(step).next_step == "Done"
    assert (cloudformation.answers[0]["Status"], cloudformation.answers[0]["Data"]) == (
        "SUCCESS",
        {},
    )


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"),
        EndpointConnectionError(endpoint_url="s3"),
    ],
)
def test_an_answer_that_cannot_be_recorded_is_an_answer(
    make_step: Any,
    cloudformation: CloudFormation,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def fail(*_: Any) -> None:
        raise error

    step = make_step("Answer", "Delete", event_changes={"ResponseURL": cloudformation.url})
    monkeypatch.setattr("thing_registration_worker.aws.s3.read_with_etag", fail)

    assert answer(step).next_step == "Done"
    assert len(cloudformation.answers) == 1
