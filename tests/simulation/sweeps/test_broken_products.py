"""The net has no hole here: a Lambda that is broken on purpose makes a sweep fail.

A break names a text of the Lambda; where that is gone, the row says so: break the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.simulation.assembly import Assembly
from tests.simulation.other_code import with_other_code
from tests.simulation.sweeps.sweep import Kind, Strike, Sweep

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Break:
    """What is wrong with the Lambda, and the scenario that shows it.

    Attributes:
        call: step and API; the faults strike the last such call. None where none is needed.
    """

    scenario: str
    path: str
    text: str
    broken: str
    call: tuple[str, str] | None = None
    faults: tuple[str, ...] = ()

    def strikes(self, calls: Sequence[Kind]) -> list[Strike]:
        """Return the faults that are needed to see it."""
        kinds = [(step, api) for step, _, api in calls]
        numbers = [number for number, kind in enumerate(kinds, 1) if kind == self.call]
        return [Strike(numbers[-1], fault) for fault in self.faults]


IS_OURS = (
    "    return task.bucket == declaration.bucket and task.key.startswith(declaration.keys.inputs)"
)
RESPOND = "    respond(request.response_url, request.answer_ids, failure, data)"
BREAKS = {
    "a start is not recorded before it is sent": Break(
        "create",
        "steps/start.py",
        "    step.commit(run, start=Start(call.key, now, secrets.token_hex(8)))\n",
        "    step.head = replace(step.held, start=Start(call.key, now, secrets.token_hex(8)))\n",
        ("Start", "StartThingRegistrationTask"),
        ("death-after", "dropped-after"),
    ),
    "what was committed is not what is intended": Break(
        "retire",
        "removal/retirement.py",
        "    step.commit()\n",
        "",
        ("Deregister", "UpdateCertificate"),
        ("death-after", "cancelled-after"),
    ),
    "a rollback takes nothing back": Break(
        "retire",
        "steps/prepare.py",
        'Outcome("BringBack" if has_to_bring_back(step) else "Answer")',
        'Outcome("Answer")',
        ("Answer", "GetObject"),
        ("cancelled-before",),
    ),
    "a failure is not answered": Break(
        "a_line_that_fails_beyond_the_tolerance",
        "steps/answer.py",
        RESPOND,
        f"    if not failure:\n    {RESPOND}",
    ),
    "a rollback registers": Break(
        "rollback_after_changed_lines",
        "steps/prepare.py",
        '    return "ROLLBACK" not in stack_status',
        "    return True",
    ),
    "no number of failures is too many": Break(
        "a_line_that_fails_beyond_the_tolerance",
        "run/conclusion.py",
        "    return int(max_failures)",
        "    return 10**9",
    ),
    "the tasks of others are taken for ours": Break(
        "slot_taken_by_a_stranger", "tasks/own_tasks.py", IS_OURS, "    return True"
    ),
    "nothing leaves the fleet": Break(
        "retire",
        "removal/leaving_devices.py",
        "    leaving = other_inputs.without_declared(step, leaving)",
        "    leaving = []",
    ),
    "any number may leave at once": Break(
        "a_truncated_file",
        "removal/leaving_devices.py",
        "    if to_retire > allowed:",
        "    if False:",
    ),
    "devices leave although a line cannot be read": Break(
        "a_line_that_nobody_can_read",
        "removal/leaving_devices.py",
        "    if run.unread:",
        "    if False:",
    ),
    "unchanged lines are sent": Break(
        "more_lines",
        "fleet/comparison.py",
        "            self.unchanged += 1",
        "            self.unchanged += 1\n"
        '            self._add(number, text, "changed", device, row)',
    ),
    "unchanged lines are not counted": Break(
        "more_lines",
        "steps/compare.py",
        "unchanged=comparison.unchanged",
        "unchanged=0",
    ),
    "reports are not saved": Break(
        "create",
        "tasks/saved_reports.py",
        "    total = task.success_count + task.failure_count",
        "    return own, True\n    total = 0",
    ),
}


@pytest.mark.parametrize("what", sorted(BREAKS))
def test_a_sweep_notices_that(assembly: Assembly, what: str) -> None:
    found = BREAKS[what]
    broken = with_other_code(assembly, {found.path: {found.text: found.broken}})

    outcomes = Sweep(broken, found.scenario).run(found.strikes)

    assert [strike for strike, outcome in outcomes.items() if outcome.failure], "nothing noticed it"
    if found.faults:
        assert not outcomes["without faults"].failure
