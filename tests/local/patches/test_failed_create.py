"""The rollback after a custom resource's Create has failed."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.stacks import create, custom, ended, notes, reasons

pytestmark = pytest.mark.slow


def test_after_a_failed_create_the_rollback_deletes(aws: LocalAws, token: str, stack: str) -> None:
    failed = [{"Status": "FAILED", "Reason": "no such luck", "PhysicalResourceId": "half-made"}]

    made = create(aws, stack, custom(token, Create=failed))

    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    create_note, delete_note = notes(aws)
    assert create_note["StackStatus"] == "CREATE_IN_PROGRESS"
    assert delete_note["RequestType"] == "Delete"
    assert delete_note["PhysicalResourceId"] == "half-made"
    assert delete_note["StackStatus"] == "ROLLBACK_IN_PROGRESS"
    (reason,) = reasons(aws, made["StackId"], "CREATE_FAILED")
    assert reason == (
        "Received response status [FAILED] from custom resource. "
        f"Message returned: no such luck (RequestId: {create_note['RequestId']})"
    )


def test_a_delete_that_fails_after_a_failed_create_fails_the_rollback(
    aws: LocalAws, token: str, stack: str
) -> None:
    failed = [{"Status": "FAILED", "Reason": "no"}]

    made = create(aws, stack, custom(token, Create=failed, Delete=failed))

    assert made["StackStatus"] == "ROLLBACK_FAILED"


def test_without_rollback_a_later_delete_is_sent_to_what_failed(
    aws: LocalAws, token: str, stack: str
) -> None:
    failed = [{"Status": "FAILED", "Reason": "no", "PhysicalResourceId": "half-made"}]
    cloudformation = aws.client("cloudformation")
    made = cloudformation.create_stack(
        StackName=stack, TemplateBody=custom(token, Create=failed), DisableRollback=True
    )
    assert ended(aws, stack)["StackStatus"] == "CREATE_FAILED"
    assert [note["RequestType"] for note in notes(aws)] == ["Create"]

    cloudformation.delete_stack(StackName=stack)

    assert ended(aws, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    (delete,) = notes(aws)
    assert (delete["RequestType"], delete["PhysicalResourceId"]) == ("Delete", "half-made")


def test_without_rollback_a_later_rollback_deletes_what_failed(
    aws: LocalAws, token: str, stack: str
) -> None:
    failed = [{"Status": "FAILED", "Reason": "no", "PhysicalResourceId": "half-made"}]
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack, TemplateBody=custom(token, Create=failed), DisableRollback=True
    )
    ended(aws, stack)
    notes(aws)

    cloudformation.rollback_stack(StackName=stack)

    assert ended(aws, stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    (delete,) = notes(aws)
    assert (delete["RequestType"], delete["StackStatus"]) == ("Delete", "ROLLBACK_IN_PROGRESS")


def test_without_rollback_an_update_that_failed_is_rolled_back_later(
    aws: LocalAws, token: str, stack: str
) -> None:
    cloudformation = aws.client("cloudformation")
    create(aws, stack, custom(token))
    failed = [{"Status": "FAILED", "Reason": "no"}]
    cloudformation.update_stack(
        StackName=stack, TemplateBody=custom(token, Update=failed, New="yes"), DisableRollback=True
    )
    assert ended(aws, stack)["StackStatus"] == "UPDATE_FAILED"
    notes(aws)

    cloudformation.rollback_stack(StackName=stack)

    assert ended(aws, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.journal("event")[-1]["properties"].get("New") is None
    assert [note["StackStatus"] for note in notes(aws)] == ["UPDATE_ROLLBACK_IN_PROGRESS"]
