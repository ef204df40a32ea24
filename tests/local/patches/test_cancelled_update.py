"""An update that is cancelled."""

from __future__ import annotations

import time
from typing import Any

import pytest

from local import LocalAws
from tests.local.fleet import eventually
from tests.local.stacks import create, custom, ended, notes

pytestmark = pytest.mark.slow
SILENT: list[Any] = []


# `ended` does not wait for ten minutes.
@pytest.mark.parametrize(("awaited", "timeout"), [(False, 600), (True, 3)])
def test_the_running_update_is_cancelled_and_the_old_properties_are_sent(
    aws: LocalAws, token: str, stack: str, awaited: bool, timeout: int
) -> None:
    cloudformation = aws.client("cloudformation")
    create(aws, stack, custom(token))
    notes(aws)
    aws.faults(cancel_awaits_answer=awaited)
    began = time.monotonic()
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=custom(token, ServiceTimeout=timeout, Update=SILENT, New="yes"),
    )
    eventually(lambda: aws.journal("event")[-1], lambda event: event["request_type"] == "Update")

    cloudformation.cancel_update_stack(StackName=stack)

    assert ended(aws, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert (time.monotonic() - began > timeout) is awaited
    update, rollback = aws.journal("event")[-2:]
    assert (update["properties"].get("New"), rollback["properties"].get("New")) == ("yes", None)
    assert notes(aws)[-1]["StackStatus"] == "UPDATE_ROLLBACK_IN_PROGRESS"


def test_an_update_that_has_ended_cannot_be_cancelled(
    aws: LocalAws, token: str, stack: str
) -> None:
    create(aws, stack, custom(token))
    cloudformation = aws.client("cloudformation")

    with pytest.raises(cloudformation.exceptions.ClientError, match="cannot be called"):
        cloudformation.cancel_update_stack(StackName=stack)
