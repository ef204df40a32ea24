"""A task is planned against what is deployed of it: its state, its properties, its neighbours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from tests.unit.constructs.deployed.objects import KEYS, PREFIX, Bucket
from tests.unit.constructs.planning.states import TEMPLATE, comparand, line, state, thing
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import Text
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration.planning.plan import Plan
from thing_registration.planning.planned_task import Declared, plan_task

PROPERTIES = {"TemplateBody": TEMPLATE, "Bucket": "files", "KeyPrefix": PREFIX}


class Account:
    """What the command is given in place of a session; no call to AWS IoT is expected."""

    def __init__(self, s3: Bucket) -> None:
        self.s3 = s3


def task(**properties: str) -> StackTask:
    texts = {name: Text(value) for name, value in (PROPERTIES | properties).items()}
    return StackTask("S", "Fleet", "", texts)


def plan(
    bucket: Bucket, folder: Path, declared: StackTask, deployed: StackTask | None, **given: Any
) -> Plan:
    what = comparand(folder, line("a", 0))
    session = cast(AwsSession, Account(bucket))
    wanted = Declared(declared, what, **given)
    return plan_task(session, wanted, deployed, ask=False, tell=lambda words: None)


@pytest.fixture
def bucket() -> Bucket:
    """Two meters are registered; the file has one of them."""
    made = Bucket()
    made.store(state(thing("a", 0), thing("b", 1)))
    return made


def test_a_task_that_is_not_deployed_knows_nothing_and_will_run(
    bucket: Bucket, tmp_path: Path
) -> None:
    found = plan(bucket, tmp_path, task(), None)

    assert (found.is_deployed, found.will_run, found.fleet.counts["new"]) == (False, True, 1)
    assert found.notes == ()


def test_a_deployment_runs_where_a_property_changes(bucket: Bucket, tmp_path: Path) -> None:
    same = plan(bucket, tmp_path, task(), task())
    other = plan(bucket, tmp_path, task(MaxFailures="1"), task())

    assert (same.will_run, other.will_run) == (False, True)
    assert (same.fleet.counts["unchanged"], same.fleet.removed) == (1, 1)


def test_another_text_of_rerun_checks_every_device(bucket: Bucket, tmp_path: Path) -> None:
    found = plan(bucket, tmp_path, task(Rerun="now"), task(Rerun="before"))

    assert (found.rerun, found.to_check) == (True, 1)


def test_a_deployment_of_another_version_retires_nothing(bucket: Bucket, tmp_path: Path) -> None:
    bucket.store(state(thing("a", 0), thing("b", 1)), worker="0.0.9")

    found = plan(bucket, tmp_path, task(Deregister="ALL"), task())

    assert (found.is_new_code, found.retired) == (True, 0)


def test_what_is_missing_or_unreadable_is_noted(bucket: Bucket, tmp_path: Path) -> None:
    (missing,) = plan(Bucket(), tmp_path, task(), task()).notes
    for key in [key for key in bucket.objects if key.startswith(KEYS.states)]:
        bucket.objects[key] = b"cut"
    (unreadable,) = plan(bucket, tmp_path, task(), task()).notes

    assert missing == (
        "the bucket has no state: the next deployment asks AWS's registry for each device"
    )
    assert unreadable.startswith("the state cannot be read (s3://files/stack/fleet/states/")


def test_a_bucket_that_is_gone_is_an_error_unless_another_is_declared(
    bucket: Bucket, tmp_path: Path
) -> None:
    gone = task(Bucket="gone")

    with pytest.raises(CommandError, match="task Fleet of stack S: bucket gone does not exist, an"):
        plan(bucket, tmp_path, gone, gone)
    (note,) = plan(bucket, tmp_path, task(), gone).notes
    assert note.startswith("the state cannot be read (bucket gone does not exist)")


def others(key: str, template: str = TEMPLATE) -> str:
    return json.dumps([{"Task": "S/Other", "Bucket": "b", "Key": key, "Template": template}])


def test_a_device_that_moves_to_another_task_is_not_retired(bucket: Bucket, tmp_path: Path) -> None:
    asset = tmp_path / "other.jsonl"
    asset.write_bytes(b"\n" + line("b", 1))
    declared = task(Deregister="ALL", OtherInputs=others("k"))

    found = plan(bucket, tmp_path, declared, task(), assets={"k": asset})

    assert found.first_removed == [("b", "moved")]
    assert (found.retired, found.fleet.to_deregister) == (0, 0)


def test_another_tasks_file_that_cannot_be_read_is_an_error(bucket: Bucket, tmp_path: Path) -> None:
    asset = tmp_path / "other.jsonl"
    asset.write_bytes(b"{broken\n")
    declared = task(Deregister="ALL", OtherInputs=others("k"))

    with pytest.raises(CommandError, match="the input file of task S/Other, s3://b/k, must be"):
        plan(bucket, tmp_path, declared, task(), assets={"k": asset})
