"""Plans one task: its declaration against what is deployed of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.inventory_file import download_inventory
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import compare
from thing_registration.planning.plan import Plan
from thing_registration.planning.registry_answers import changed_devices, look_up, missing_names
from thing_registration.planning.settings import Settings

SCHEMA_VERSION = "2"
Telling = Callable[[str], None]


@dataclass(frozen=True)
class Declared:
    """What a deployment is given.

    Attributes:
        name: of the task.
        stack: the name of its stack.
        what: template and input file.
        settings: what its properties say.
        unresolved: what the template refers to that is not known.
        rerun: the text of that property; None: the one that is deployed.
        notes: what else is to be known, a sentence each.
    """

    name: str
    stack: str
    what: Comparand
    settings: Settings
    unresolved: tuple[str, ...] = ()
    rerun: str | None = None
    notes: tuple[str, ...] = ()


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
    with tempfile.TemporaryDirectory(prefix="thing-registration-") as folder:
        inventory = Path(folder) / "inventory.jsonl"
        if deployed is None:
            inventory.touch()
        else:
            tell("reading the inventory")
            prefix = f"{deployed.text('KeyPrefix')}inventory/"
            download_inventory(aws.s3, deployed.text("Bucket"), prefix, inventory)
        what = replace(declared.what, inventory=inventory)
        tell("comparing")
        fleet = compare(what)
        plan = Plan(
            declared.name,
            declared.stack,
            deployed is not None,
            what.source,
            declared.settings,
            fleet,
            rerun=_is_rerun(declared, deployed),
            unresolved=declared.unresolved,
            notes=(*declared.notes, *_notes(deployed, inventory)),
        )
        return _with_answers(aws, plan, what, ask=ask, tell=tell)


def _with_answers(
    aws: AwsSession, plan: Plan, what: Comparand, *, ask: bool, tell: Telling
) -> Plan:
    fleet = plan.fleet
    changed = [line.number for line in fleet.first["changed"]]
    if changed:
        tell("asking about changed devices")
        plan = replace(plan, changes=changed_devices(aws.iot, what, changed))
    if ask:
        asked = look_up(aws.iot, what, fleet.new_numbers, fleet.to_look_up, tell)
        tell("asking for thing types, groups and policies")
        names = missing_names(aws.iot, fleet.names) if plan.to_send else []
        plan = replace(plan, looked_up=asked, missing=tuple(names))
    shown = [line.number for lines in fleet.first.values() for line in lines]
    numbers = [*shown, *fleet.renamed]
    return replace(plan, line_numbers={number: what.number(number) for number in numbers})


def _is_rerun(declared: Declared, deployed: StackTask | None) -> bool:
    """Return whether the deployment sends every device, as the worker decides it."""
    if not declared.rerun or deployed is None:
        return False
    return declared.rerun != deployed.text("Rerun")


def _notes(deployed: StackTask | None, inventory: Path) -> tuple[str, ...]:
    if deployed is None or inventory.stat().st_size:
        return ()
    return ("the bucket has no inventory: the next deployment asks AWS's registry for each device",)
