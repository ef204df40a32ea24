"""The end of a run: what the file has no more is deregistered, if all else went well."""

from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.run_end import conclude


@pytest.mark.parametrize(
    ("run", "failure", "following"),
    [
        (Run(to_deregister=1), "", "Deregister"),
        (Run(to_deregister=1, deregistered=1), "", "Answer"),
        (Run(), "", "Answer"),
        (Run(to_deregister=1), "a part failed", "Answer"),
        (Run(to_deregister=1, to_send=1, failed=1), "", "Answer"),
    ],
)
def test_devices_are_deregistered_only_behind_a_run_that_did_not_fail(
    make_step: Any, claims: ClaimObjects, run: Run, failure: str, following: str
) -> None:
    step = make_step("Finish", run=run, failure=failure, judged=True)

    assert conclude(step, step.progress).next_step == following


def test_a_worker_that_dies_while_it_deregisters_is_a_failure(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Finish", run=Run(to_deregister=1), judged=True)

    assert conclude(step, step.progress).progress.judged is False
