"""The worker after a step that died: what was judged stays judged, what failed is told."""

from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.lambda_.stubs import NOW, event
from thing_registration_worker import worker
from thing_registration_worker.run.progress import Progress
from thing_registration_worker.step import Outcome

DIED = {"Error": "States.Timeout", "Cause": '{"errorMessage": "late"}'}
SENTENCE = "a step of the registration died: States.Timeout: late"


def failure_in(step: str, progress: Progress, **state: Any) -> str:
    """Return the failure that the step is given."""
    seen: list[Any] = []

    def run(given: Any) -> Outcome:
        seen.append(given)
        return Outcome("Done", given.progress)

    call = {"step": step, "request": event(), "state": {"progress": progress.to_json(), **state}}
    with patch.dict(worker.STEPS, {step: run}):
        worker.handler(call, None)
    failure: str = seen[0].progress.failure
    return failure


def test_a_step_that_died_is_told_after_the_failure_before() -> None:
    progress = Progress(deadline=NOW, failure="why")

    assert failure_in("Abandon", progress, error=DIED) == f"why; {SENTENCE}"
    assert failure_in("Abandon", progress) == "why"


@pytest.mark.parametrize(
    ("judged", "died", "failure"),
    [(True, "Finish", ""), (True, "Answer", SENTENCE), (False, "Finish", SENTENCE)],
)
def test_only_the_death_of_the_answer_changes_what_was_judged(
    judged: bool, died: str, failure: str
) -> None:
    progress = Progress(deadline=NOW, judged=judged)

    assert failure_in("Answer", progress, error=DIED, next=died) == failure


@pytest.mark.parametrize("cause", ["[]", '"text"', '{"other": 1}', "null"])
def test_a_cause_without_a_message_is_told_as_it_is(cause: str) -> None:
    died = {"Error": "E", "Cause": cause}

    failure = failure_in("Abandon", Progress(deadline=NOW), error=died)

    assert failure == f"a step of the registration died: E: {cause}"
