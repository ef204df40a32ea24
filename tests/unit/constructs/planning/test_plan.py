"""What a plan says of a difference, in words and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.constructs.planning.states import comparand, line, state, thing
from thing_registration.planning.compared_fleet import compare
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_json import plans_json
from thing_registration.planning.plan_text import plan_text
from thing_registration.planning.registry_answers import ChangedDevice, LookedUp, ValueChange
from thing_registration.planning.settings import Settings

RETIRES = Settings(deregister="REMOVED_LINES", max_deregistered="0")


def planned(folder: Path, *lines: bytes, settings: Settings = RETIRES, **members: Any) -> Plan:
    """The plan of a file; `kept`, `made` and `found` are registered, and none may be retired."""
    found = thing("found", 2, thing_made=False, certificate_made=False)
    db = state(thing("kept", 0), thing("made", 1), found)
    rerun = members.get("rerun", False)
    fleet = compare(comparand(folder, *lines), db, check_all=rerun)
    return Plan("Fleet", "S", True, "devices.jsonl", settings, fleet, **members)


def facts(plan: Plan) -> dict[str, Any]:
    (task,) = plans_json([plan])["tasks"]
    return dict(task)


def test_what_left_the_file_is_retired_or_released(tmp_path: Path) -> None:
    plan = planned(tmp_path, line("kept", 0))

    assert (plan.fleet.removed, plan.retired, plan.released, plan.is_refused) == (2, 1, 1, True)
    text = plan_text(plan)
    assert "- found: is no longer tracked, and stays as it is: it was found, not made here" in text
    assert "- made: is retired: its certificate is set INACTIVE, and the thing keeps it" in text
    assert "1 devices would be retired, max_deregistered allows 0" in text


@pytest.mark.parametrize("damaged", [b"made\n", b'{"Serial": "made"}\n'])
def test_nothing_is_retired_or_released_while_a_line_cannot_be_read(
    tmp_path: Path, damaged: bytes
) -> None:
    plan = planned(tmp_path, line("kept", 0), damaged)

    assert (plan.fleet.removed, plan.retired, plan.released, plan.is_refused) == (2, 0, 0, False)
    text = plan_text(plan)
    assert "- made: stays registered, its certificate stays active" in text
    assert "- found: stays registered, its certificate stays active" in text
    assert "no device is retired or released while a line cannot be read" in text
    assert {removed["becomes"] for removed in facts(plan)["removed"]} == {"registered"}


def test_nothing_is_retired_by_a_deployment_that_brings_new_code(tmp_path: Path) -> None:
    plan = planned(tmp_path, line("kept", 0), is_new_code=True)

    assert (plan.retired, plan.released, plan.has_something_to_do) == (0, 0, False)
    assert "no device is retired or released: the deployment brings another" in plan_text(plan)


def test_what_no_deployment_sends_is_not_promised(tmp_path: Path) -> None:
    plan = planned(tmp_path, line("kept", 0), line("failed", 3), will_run=False)

    assert plan_text(plan).splitlines()[-2:] == [
        "+ 1 new, ~ 0 changed, - 2 no longer in the file, = 1 unchanged",
        "cdk deploy will not run this: change `rerun` (no property of the resource changes, so "
        "CloudFormation sends no Update)",
    ]
    said = facts(plan)
    assert (said["will_run"], said["to_send"], said["parts"]) == (False, 0, 0)
    assert said["certificates"]["new"] == said["deregister"]["retired"] == 0
    assert said["estimated_duration_seconds"] == 0
    assert plans_json([plan])["something_to_do"] is False


def test_where_nothing_differs_there_is_no_need_for_a_run(tmp_path: Path) -> None:
    lines = [line("kept", 0), line("made", 1), line("found", 2)]

    text = plan_text(planned(tmp_path, *lines, will_run=False))

    assert text.splitlines()[-1] == "nothing to send: no registration task"


def test_certificates_are_new_at_most_until_the_registry_was_asked(tmp_path: Path) -> None:
    lines = [line("kept", 0, "2"), line("a", 3), line("b", 4)]
    changes = {1: ChangedDevice(True, (ValueChange("attribute serial", "1", ""),))}

    before = planned(tmp_path, *lines, changes=changes)
    asked = planned(tmp_path, *lines, changes=changes, looked_up=LookedUp(2, ("a",), 1))

    assert "certificates: at most 2 new, 1 kept\n" in plan_text(before)
    assert "certificates: 1 new, 2 kept\n" in plan_text(asked)
    assert "taken over: 1 of 2 new devices exist in AWS's registry (a)" in plan_text(asked)
    assert "    attribute serial: '1' becomes removed\n" in plan_text(before)


def test_a_rerun_is_estimated_as_the_deployment_estimates_it(tmp_path: Path) -> None:
    lines = [line("kept", 0), line("made", 1), line("found", 2), line("new", 3)]
    settings = Settings(timeout=1)

    plan = planned(tmp_path, *lines, settings=settings, rerun=True)

    # One to send, one to look up, a page of statuses, three to check.
    assert plan.seconds == pytest.approx(1 / 10 + 1 / 50 + 1 / 5 + 3 / 5)
    assert (plan.to_send, plan.to_check, plan.parts, plan.is_too_long) == (1, 3, 1, False)


def test_a_plan_that_does_not_fit_into_the_timeout_says_so(tmp_path: Path) -> None:
    settings = Settings(timeout=1, things_per_second=0.5)

    text = plan_text(planned(tmp_path, line("new", 3), settings=settings))

    assert "the deployment will fail before it sends anything: its timeout is 0:00:01" in text
