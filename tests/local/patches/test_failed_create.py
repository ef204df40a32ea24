"""The rollback after a custom resource's Create has failed."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.stacks import create, custom, notes, reasons

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
