"""The wait for the slot, and the log of it."""

import json
from typing import Any

import pytest

from tests.simulation.aws import Aws
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow


def test_who_waits_for_the_slot_looks_at_it_every_5_seconds_at_most(aws: Aws, stack: Stack) -> None:
    aws.faults(foreign_task_seconds=140)

    assert stack.create() == "CREATE_COMPLETE"
    waits = [
        outcome["wait"]
        for outcome in outcomes(aws)
        if outcome["wait"] and outcome["next"] == "LookUp"
    ]
    # Behind the stranger's task, the registry is waited for as well.
    assert len([wait for wait in waits if wait <= 5]) > 20
    assert {wait for wait in waits if wait > 5} <= {60}


def test_the_log_of_a_first_deployment_that_failed_is_there_after_its_rollback(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(lines=[{"line": 1}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    (group,) = aws.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 90


def outcomes(aws: Aws) -> list[dict[str, Any]]:
    """What the steps of the only execution have decided."""
    states = aws.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    (execution,) = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=execution["executionArn"]
    )
    outputs = [
        json.loads(event["stateExitedEventDetails"]["output"])
        for page in pages
        for event in page["events"]
        if "stateExitedEventDetails" in event
    ]
    return [output["state"] for output in outputs if "next" in output.get("state", {})]
