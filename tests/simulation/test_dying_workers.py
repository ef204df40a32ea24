"""A worker that dies, and an AWS that refuses: tried again, and never started twice."""

from typing import Any

import pytest

from local.simulation import Call, Death, SimulatedAws
from tests.simulation.aws import Aws
from tests.simulation.invariants import all_tasks, starts
from tests.simulation.stacks import Stack
from tests.simulation.test_input_and_reports import reports

pytestmark = pytest.mark.slow


def test_a_worker_that_dies_after_it_has_started_the_task_adopts_it(aws: Aws, stack: Stack) -> None:
    aws.faults(
        things_per_second=1,
        lambdas=[{"payload": {"step": "Start"}, "what": "dies_after", "next": 1}],
    )

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_dies_after_it_has_started_a_task_that_ends_at_once_adopts_it(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Start"}, "what": "dies_after", "next": 1}])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_dies_once_in_each_step_carries_on(aws: Aws, stack: Stack) -> None:
    steps = ("Prepare", "Recover", "Compare", "Provide", "LookUp", "Start", "Observe", "Finish")
    aws.faults(
        lambdas=[
            {"payload": {"step": step}, "what": "dies_after", "next": 1}
            for step in (*steps, "Answer")
        ]
    )

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_dies_each_time_it_has_started_the_task_leaves_none_running(
    aws: Aws, stack: Stack
) -> None:
    aws.faults(
        task={"ends": "hangs"},
        lambdas=[{"payload": {"step": "Start"}, "what": "dies_after", "next": 5}],
    )

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "a step of the registration died: Runtime.ExitError" in stack.reason()
    assert [task["status"] for task in all_tasks(aws)] == ["Cancelled"]


def test_a_worker_that_times_out_is_called_again(aws: Aws, stack: Stack) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Observe"}, "what": "times_out", "next": 3}])

    assert stack.create() == "CREATE_COMPLETE"


def test_a_worker_that_times_out_each_time_stops_its_task_and_fails(aws: Aws, stack: Stack) -> None:
    aws.faults(
        task={"ends": "hangs"},
        lambdas=[{"payload": {"step": "Observe"}, "what": "times_out", "next": 5}],
    )

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "died: Sandbox.Timedout: Task timed out after 60.00 seconds" in stack.reason()
    assert [task["status"] for task in all_tasks(aws)] == ["Cancelled"]


def test_a_worker_that_runs_out_of_memory_is_called_again(aws: Aws, stack: Stack) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Finish"}, "what": "out_of_memory", "next": 2}])

    assert stack.create() == "CREATE_COMPLETE"


def test_a_worker_that_runs_out_of_memory_each_time_fails(aws: Aws, stack: Stack) -> None:
    aws.faults(lambdas=[{"payload": {"step": "Finish"}, "what": "out_of_memory", "next": 5}])

    assert stack.create() == "ROLLBACK_COMPLETE"
    assert "died: Runtime.OutOfMemory" in stack.reason()


def test_30_percent_of_all_calls_throttled_is_survived(aws: Aws, stack: Stack) -> None:
    calls: list[dict[str, Any]] = [
        {"code": "ThrottlingException"},
        {"service": "s3", "code": "SlowDown", "status": 503},
        {"service": "cloudformation", "code": "Throttling"},
        {"service": "states", "code": "ThrottlingException"},
    ]
    aws.faults(seed=7, calls=[{**call, "rate": 0.3} for call in calls])

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_rights_that_are_not_known_everywhere_yet_are_waited_for(aws: Aws, stack: Stack) -> None:
    denied = {"service": "s3", "code": "AccessDenied", "status": 403, "next": 2}
    aws.faults(calls=[{**denied, "api": "GetObject"}])

    assert stack.create() == "CREATE_COMPLETE"


def test_internal_failures_in_bursts_are_survived(aws: Aws, stack: Stack) -> None:
    # After each start that may have reached AWS, its task is looked for: that takes a while.
    apis = {"Start": 2, "Describe": 4, "List": 4}
    aws.faults(
        calls=[
            {"api": f"{api}ThingRegistrationTask{'s' * (api == 'List')}", "next": count}
            | {"code": "InternalFailureException", "message": "try again", "status": 500}
            for api, count in apis.items()
        ]
    )

    assert stack.create() == "CREATE_COMPLETE"
    assert len(starts(aws)) == 1


def test_a_worker_that_dies_each_time_it_saves_a_report_fails_nothing(
    aws: SimulatedAws, stack: Stack
) -> None:
    def die(call: Call) -> None:
        if call.when == "before" and call.api == "ListThingRegistrationTaskReports":
            raise Death("by the test")

    aws.listen(die)

    assert stack.create() == "CREATE_COMPLETE"
    assert reports(aws, stack) == {}
