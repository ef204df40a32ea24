"""Rights of the deployed roles, which the local AWS asks IAM for at each call."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_worker_that_may_not_pass_the_role_fails_and_says_what_is_missing(
    aws: LocalAws, stack: Stack
) -> None:
    for resource in stack.template["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                statements = policy["PolicyDocument"]["Statement"]
                statements[:] = [each for each in statements if each["Action"] != "iam:PassRole"]

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "AccessDenied" in stack.reason()
    assert "iam:PassRole" in stack.reason()
    assert not starts(aws)


def test_a_registration_role_that_trusts_somebody_else_registers_nothing(
    aws: LocalAws, stack: Stack
) -> None:
    stack.replace("iot.amazonaws.com", "ec2.amazonaws.com")

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "AWS IoT did not start" in stack.reason()
    assert not starts(aws)
