"""The state machine and the worker know the same steps."""

from thing_registration.stack.state_machine import STEPS, definition
from thing_registration_worker import worker


def test_the_steps_of_the_state_machine_are_those_of_the_worker() -> None:
    states = definition("arn")["States"].values()
    called = {state["Parameters"]["Payload"]["step"] for state in states if state["Type"] == "Task"}

    assert called == set(STEPS) == worker.STEPS.keys()
