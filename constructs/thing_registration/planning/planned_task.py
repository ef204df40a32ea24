"""Plans one task: its declaration against what is deployed of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING

from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.fleet_state import FleetState, Telling, read_state
from thing_registration.deployed.resolved_values import Text
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import compare
from thing_registration.planning.plan import Plan
from thing_registration.planning.registry_answers import changed_devices, look_up, missing_names
from thing_registration.planning.settings import Settings
from thing_registration_worker.aws.s3 import all_lines
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.departures import Departure
from thing_registration_worker.removal.other_inputs import declared_by
from thing_registration_worker.request.declaration import OtherInput
from thing_registration_worker.state import schema
from thing_registration_worker.version import VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Declared:
    """What a deployment is given.

    Attributes:
        task: the task with the properties that it is to have.
        what: template and input file.
        notes: what else is to be known, a sentence each.
        assets: the input files that are not in S3 yet, by their keys.
    """

    task: StackTask
    what: Comparand
    notes: tuple[str, ...] = ()
    assets: Mapping[str, Path] = field(default_factory=dict)

    def moved(self, s3: S3Client, db: Connection, leaving: Sequence[Departure]) -> set[str]:
        """Return the devices that other tasks of the stack declare, of those that leave this one.

        Raises:
            CommandError: another task's file cannot be read.
        """
        others = OtherInput.all_of(self.task.properties.get("OtherInputs", Text("[]")).text)
        if not leaving or not others:
            return set()

        def read(other: OtherInput) -> Iterable[bytes]:
            path = self.assets.get(other.key)
            if path is None:
                return all_lines(s3, other.bucket, other.key, other.version_id)
            return _lines(path)

        try:
            return declared_by(others, db, leaving, read)
        except RegistrationError as error:
            raise CommandError(str(error)) from error


def plan_task(
    aws: AwsSession, declared: Declared, deployed: StackTask | None, *, ask: bool, tell: Telling
) -> Plan:
    """Return the plan of one task.

    Args:
        aws: where it is deployed. It is only read.
        declared: what would be deployed.
        deployed: the same task as it is deployed; None for none.
        ask: whether to ask AWS's registry about devices and names that are not known.
        tell: is called with what happens, in words.

    Raises:
        CommandError: it cannot be planned.
    """
    task, what = declared.task, declared.what
    settings, rerun = Settings.of(task), _is_rerun(task, deployed)
    if deployed is None:
        state = FleetState(schema.empty())
    else:
        bucket = deployed.text("Bucket")
        state = read_state(aws.s3, bucket, deployed.text("KeyPrefix"), tell)
        if not state.has_bucket and task.properties["Bucket"].text == bucket:
            raise CommandError(
                f"{task}: {state.problem}, and a deployment will fail: make a bucket of this name, "
                "or declare another one"
            )
    tell("comparing")
    fleet = compare(
        what,
        state.db,
        check_all=rerun,
        claimed=settings.claim_existing,
        moved=partial(declared.moved, aws.s3),
    )
    plan = Plan(
        task.name,
        task.stack,
        deployed is not None,
        what.source,
        settings,
        fleet,
        will_run=deployed is None or task.differs(deployed),
        is_new_code=state.head is not None and state.head.worker not in ("", VERSION),
        rerun=rerun,
        unresolved=tuple(dict.fromkeys(task.properties["TemplateBody"].unresolved)),
        notes=(*declared.notes, *_notes(deployed, state)),
    )
    plan = _with_answers(aws, plan, what, ask=ask, tell=tell)
    # A state of a million devices takes 150 MB, and an app may have many tasks.
    state.db.close()
    return plan


def _with_answers(
    aws: AwsSession, plan: Plan, what: Comparand, *, ask: bool, tell: Telling
) -> Plan:
    fleet = plan.fleet
    changed = [each.line for each in fleet.first["changed"]]
    if changed:
        tell("asking about changed devices")
        plan = replace(plan, changes=changed_devices(aws.iot, what, changed))
    if ask:
        asked = look_up(aws.iot, fleet, tell)
        tell("asking for thing types, groups and policies")
        names = missing_names(aws.iot, fleet.names) if plan.to_send else []
        plan = replace(plan, looked_up=asked, missing=tuple(names))
    return plan


def _is_rerun(declared: StackTask, deployed: StackTask | None) -> bool:
    """Return whether the deployment checks every device, as the worker decides it."""
    rerun = declared.text("Rerun")
    return bool(rerun) and deployed is not None and rerun != deployed.text("Rerun")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _notes(deployed: StackTask | None, state: FleetState) -> tuple[str, ...]:
    if deployed is None or (state.is_there and not state.problem):
        return ()
    why = "the bucket has no state"
    if state.problem:
        why = f"the state cannot be read ({state.problem})"
    return (f"{why}: the next deployment asks AWS's registry for each device",)
