"""Access that is denied, in any step before the answer."""

from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import NOW, event
from thing_registration_worker import worker
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.run.denied import come_back
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.step import Outcome
from thing_registration_worker.timing import DENIED_BUDGET


def error(code: str = "AccessDenied", status: int = 403) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


def test_a_denial_is_tried_again_for_its_budget_and_not_after_the_deadline(make_step: Any) -> None:
    since = NOW - DENIED_BUDGET
    outcome = come_back(make_step("Compare", denied_since=since, deadline=NOW), error())
    assert (outcome.next_step, outcome.wait) == ("Compare", 5)
    assert outcome.progress.denied_since == since

    for progress in ({"denied_since": since - 1}, {"deadline": NOW - 1}):
        with pytest.raises(RegistrationError, match=r"nothing was registered: access was denied"):
            come_back(make_step("Compare", **progress), error())


def test_what_was_registered_before_a_denial_is_not_denied(make_step: Any) -> None:
    step = make_step("Finish", deadline=NOW - 1, run=Run(succeeded=1))

    with pytest.raises(RegistrationError, match=r"^access was denied"):
        come_back(step, error())


def test_another_error_is_no_denial(make_step: Any) -> None:
    with pytest.raises(ClientError, match="SlowDown"):
        come_back(make_step("Prepare"), error("SlowDown", 503))


def call(step: str, **progress: Any) -> dict[str, Any]:
    state = {"progress": Progress(deadline=NOW + 9**9, **progress).to_json()}
    return {"step": step, "request": event(), "state": state}


def test_the_worker_comes_back_to_a_step_that_was_denied_and_forgets_a_denial_that_is_over() -> (
    None
):
    def deny(_: Any) -> Outcome:
        raise error()

    with patch.dict(worker.STEPS, {"LookUp": deny}):
        denied = worker.handler(call("LookUp"), None)
    with patch.dict(worker.STEPS, {"LookUp": lambda step: Outcome("Start", step.progress)}):
        allowed = worker.handler(call("LookUp", denied_since=1), None)

    assert (denied["next"], denied["wait"]) == ("LookUp", 5)
    assert denied["progress"]["denied_since"] > 0
    assert (allowed["next"], allowed["progress"]["denied_since"]) == ("Start", 0)


@pytest.mark.parametrize("step", ["Stop", "Answer"])
def test_a_deletion_and_an_answer_are_not_put_off(step: str) -> None:
    def deny(_: Any) -> Outcome:
        raise error()

    with patch.dict(worker.STEPS, {step: deny}), pytest.raises(ClientError):
        worker.handler(call(step), None)
