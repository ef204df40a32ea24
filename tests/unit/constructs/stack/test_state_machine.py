"""Every way through the state machine ends in Answer, and an unknown step is a failure."""

from typing import Any

import pytest

from thing_registration.stack.state_machine import STEPS, definition

STATES: dict[str, Any] = definition("arn")["States"]


def after(step: str, next_step: str) -> str:
    """Return the state that follows when a step's outcome names another as the next."""
    choice = STATES[f"After{step}"]
    targets = {one["StringEquals"]: one["Next"] for one in choice["Choices"]}
    found: str = targets.get(next_step, choice["Default"])
    return found


@pytest.mark.parametrize("step", [step for step in STEPS if step != "Answer"])
def test_an_unknown_next_step_is_an_error_that_goes_where_a_dead_worker_goes(step: str) -> None:
    (catch,) = STATES[step]["Catch"]

    unknown = STATES[after(step, "Elsewhere")]

    assert unknown["Type"] == "Pass"
    assert unknown["Result"].keys() == {"Error", "Cause"}
    assert (unknown["ResultPath"], unknown["Next"]) == (catch["ResultPath"], catch["Next"])


@pytest.mark.parametrize("step", ["Prepare", "Finish", "Abandon", "Stop"])
def test_a_step_that_may_end_the_request_names_answer_itself(step: str) -> None:
    assert after(step, "Answer") == "Answer"


@pytest.mark.parametrize("step", ["Start", "Observe"])
def test_no_answer_follows_a_step_that_may_leave_a_task_running(step: str) -> None:
    assert after(step, "Answer") == "UnknownStepThenAbandon"


@pytest.mark.parametrize("step", [step for step in STEPS if step != "Answer"])
def test_a_step_that_names_itself_waits_and_is_repeated(step: str) -> None:
    wait = STATES[after(step, step)]

    assert (wait["Type"], wait["Next"]) == ("Wait", step)


def test_every_state_that_is_named_exists() -> None:
    named = {
        target
        for state in STATES.values()
        for one in [state, *state.get("Choices", []), *state.get("Catch", [])]
        for target in (one.get("Next"), one.get("Default"))
        if target is not None
    }

    assert named | {"RequestType"} == STATES.keys()
