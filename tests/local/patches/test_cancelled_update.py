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


@pytest.mark.parametrize("awaited", [False, True])
def test_the_running_update_is_cancelled_and_the_old_properties_are_sent(
    aws: LocalAws, token: str, stack: str, awaited: bool
) -> None:
    cloudformation = aws.client("cloudformation")
    create(aws, stack, custom(token, ServiceTimeout=3))
    notes(aws)
    aws.faults(cancel_awaits_answer=awaited)
    cloudformation.update_stack(
        StackName=stack, TemplateBody=custom(token, ServiceTimeout=3, Update=SILENT, New="yes")
    )
    eventually(lambda: aws.journal("event")[-1], lambda event: event["request_type"] == "Update")
    began = time.monotonic()

    cloudformation.cancel_update_stack(StackName=stack)

    assert ended(aws, stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert (time.monotonic() - began > 2) is awaited
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
