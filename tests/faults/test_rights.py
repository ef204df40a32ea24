"""Rights of the deployed roles, which the local AWS asks IAM for at each call."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.simulation.invariants import starts
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_a_registration_role_that_trusts_somebody_else_registers_nothing(
    aws: LocalAws, stack: Stack
) -> None:
    stack.replace("iot.amazonaws.com", "ec2.amazonaws.com")

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "AWS IoT did not start" in stack.reason()
    assert not starts(aws)
