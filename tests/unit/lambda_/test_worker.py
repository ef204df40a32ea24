"""The worker: one step per call, and what a failure leads to."""

import json
from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.lambda_.stubs import NOW, event
from thing_registration_worker import worker
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.step import Outcome

REQUEST_ID = event()["RequestId"]


def call(step: str, **state: Any) -> dict[str, Any]:
    return {
        "step": step,
        "request": event(),
        "state": {"progress": Progress(deadline=NOW).to_json(), **state},
    }


def test_a_step_is_given_what_the_state_machine_passes_and_its_outcome_goes_back() -> None:
    seen = []

    def observe(step: Any) -> Outcome:
        seen.append(step)
        return Outcome("Finish", step.progress, wait=3)

    with patch.dict(worker.STEPS, {"Observe": observe}):
        outcome = worker.handler(call("Observe"), None)

    assert seen[0].name == "Observe"
    assert outcome == {
        "next": "Finish",
        "wait": 3,
        "progress": Progress(deadline=NOW).to_json(),
    }


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("Prepare", "Answer"),
        ("Start", "Abandon"),
        ("Observe", "Abandon"),
        ("Finish", "Answer"),
        ("Stop", "Answer"),
        ("Abandon", "Answer"),
    ],
)
def test_a_failure_is_abandoned_where_a_task_may_run_and_answered(step: str, expected: str) -> None:
    def fail(_: Any) -> Outcome:
        raise RegistrationError("why")

    with patch.dict(worker.STEPS, {step: fail}):
        outcome = worker.handler(call(step), None)

    assert outcome["next"] == expected
    assert outcome["progress"]["failure"] == "why"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (
            {"Error": "Sandbox.Timedout", "Cause": '{"errorMessage": "timed out after 120 s"}'},
            "a step of the registration died: Sandbox.Timedout: timed out after 120 s",
        ),
        (
            {"Error": "Lambda.Unknown", "Cause": "no JSON"},
            "a step of the registration died: Lambda.Unknown: no JSON",
        ),
        ({"Error": "States.Timeout"}, "a step of the registration died: States.Timeout: "),
    ],
)
def test_what_killed_a_step_is_told(error: dict[str, str], failure: str) -> None:
    with patch.dict(worker.STEPS, {"Abandon": lambda step: Outcome("Answer", step.progress)}):
        outcome = worker.handler(call("Abandon", error=error), None)

    assert outcome["progress"]["failure"] == failure


def test_the_log_tells_keys_and_never_the_response_url(capsys: pytest.CaptureFixture[str]) -> None:
    with patch.dict(worker.STEPS, {"Observe": lambda step: Outcome("Finish", step.progress)}):
        worker.handler(call("Observe"), None)

    log = capsys.readouterr().out
    assert json.loads(log)["requestId"] == REQUEST_ID
    assert event()["ResponseURL"] not in log


def test_a_failure_that_was_cut_inside_a_surrogate_pair_can_be_logged() -> None:
    def fail(_: Any) -> Outcome:
        raise RegistrationError("\ud83d on fire")

    with patch.dict(worker.STEPS, {"Start": fail}):
        outcome = worker.handler(call("Start"), None)

    assert outcome["progress"]["failure"] == "\ud83d on fire"


def test_a_step_that_dies_after_the_task_was_judged_changes_nothing() -> None:
    run = Run(parts=1, file="known")
    judged = Progress(deadline=NOW, judged=True, run=run).to_json()
    seen: list[Any] = []

    def answer(step: Any) -> Outcome:
        seen.append(step)
        return Outcome("Done", step.progress)

    with patch.dict(worker.STEPS, {"Answer": answer}):
        worker.handler(call("Answer", progress=judged, error={"Error": "States.Timeout"}), None)

    assert seen[0].progress.failure == ""


def test_progress_of_another_version_of_the_library_can_be_read() -> None:
    assert Progress.from_json({"deadline": NOW, "unknown": 1}) == Progress(deadline=NOW)
