"""ListExecutions that lags."""

from __future__ import annotations

from typing import Any

import pytest

from local import LocalAws
from tests.local.fleet import eventually
from tests.local.state_machines import machine

pytestmark = pytest.mark.slow


def listed(aws: LocalAws, arn: str, **over: Any) -> list[tuple[str, str]]:
    pages = aws.client("stepfunctions").get_paginator("list_executions")
    return [
        (item["name"], item["status"])
        for page in pages.paginate(stateMachineArn=arn, **over)
        for item in page["executions"]
    ]


def test_a_new_execution_is_listed_later_and_a_stopped_one_still_runs(aws: LocalAws) -> None:
    arn = machine(aws, "waits", {"Type": "Wait", "Seconds": 60})
    states = aws.client("stepfunctions")
    aws.faults(executions_lag_seconds=3)
    started = states.start_execution(stateMachineArn=arn, name="a")["executionArn"]

    assert states.describe_execution(executionArn=started)["status"] == "RUNNING"
    assert listed(aws, arn) == []
    eventually(lambda: listed(aws, arn, statusFilter="RUNNING"), bool)
    states.stop_execution(executionArn=started)
    assert states.describe_execution(executionArn=started)["status"] == "ABORTED"
    assert listed(aws, arn, statusFilter="RUNNING") == [("a", "RUNNING")]
    assert listed(aws, arn, statusFilter="ABORTED") == []
    eventually(
        lambda: listed(aws, arn, statusFilter="ABORTED"), lambda found: found == [("a", "ABORTED")]
    )
    assert aws.fault_strikes()["executions_lag_seconds"] >= 3


def test_a_list_that_lags_comes_in_pages(aws: LocalAws) -> None:
    arn = machine(aws, "passes", {"Type": "Pass"})
    states = aws.client("stepfunctions")
    for name in "abc":
        states.start_execution(stateMachineArn=arn, name=name)
    aws.faults(executions_lag_seconds=0.5)
    eventually(lambda: listed(aws, arn), lambda found: len(found) == 3)

    first = states.list_executions(stateMachineArn=arn, maxResults=2)

    assert len(first["executions"]) == 2
    rest = states.list_executions(stateMachineArn=arn, nextToken=first["nextToken"])
    names = {item["name"] for item in (*first["executions"], *rest["executions"])}
    assert names == {"a", "b", "c"}
