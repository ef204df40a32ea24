"""TimeoutSeconds of a state machine."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.state_machines import machine, outcome

pytestmark = pytest.mark.slow


def test_an_execution_ends_after_its_timeout(aws: LocalAws) -> None:
    arn = machine(aws, "times-out", {"Type": "Wait", "Seconds": 2}, TimeoutSeconds=1)

    started = aws.client("stepfunctions").start_execution(stateMachineArn=arn)

    assert outcome(aws, started["executionArn"])["status"] == "TIMED_OUT"
