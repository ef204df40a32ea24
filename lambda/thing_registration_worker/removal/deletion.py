"""How a device is deleted for good: detached, its certificates set INACTIVE, then both deleted."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from thing_registration_worker.aws import registry_changes
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate
from thing_registration_worker.state.schema import LEAVING, REGISTERED
from thing_registration_worker.step import Step
from thing_registration_worker.timing import DETACH_BUDGET


@dataclass(frozen=True)
class Doomed:
    """A device that is taken apart.

    Attributes:
        name: the thing.
        thing_made: whether we made it: only then it is deleted.
        certificates: those that we made, and that no other thing uses.
    """

    name: str
    thing_made: bool
    certificates: tuple[KnownCertificate, ...]


def delete(step: Step, names: Sequence[str]) -> dict[str, str]:
    """Delete devices; return why AWS has refused to, by the name of the thing.

    What it refuses while a detachment propagates is tried again.
    """
    refused: dict[str, str] = {}
    for name in names:
        step.db.execute(
            "UPDATE thing SET state = ? WHERE name = ? AND state >= ?", (LEAVING, name, REGISTERED)
        )
    step.commit()
    opened: list[Doomed] = []
    for name in names:
        try:
            opened.append(_take_apart(step, name, {each.name for each in opened}))
        except Refused as refusal:
            refused[name] = str(refusal)
    last_try = time.time() + DETACH_BUDGET
    while opened:
        waiting = []
        for doomed in opened:
            try:
                _delete(step, doomed)
            except Refused as refusal:
                if refusal.may_be_attached and time.time() < last_try:
                    waiting.append(doomed)
                else:
                    refused[doomed.name] = str(refusal)
            else:
                _forget(step, doomed)
        opened = waiting
        if opened:
            time.sleep(1)
    return refused


def _take_apart(step: Step, name: str, but: Collection[str]) -> Doomed:
    """Do what comes before a deletion.

    Args:
        step: the step that deletes.
        name: the thing.
        but: things that were taken apart just now: AWS may still list them.

    Raises:
        Refused: AWS refuses it.
    """
    claimed = step.request.declaration.claim_existing
    thing = devices.by_name(step.db, name)
    thing_made = thing is not None and (thing.thing_made or claimed)
    prefix, iot, doomed = step.request.certificate_arn_prefix, step.clients.iot, []
    for each in devices.certificates_of(step.db, name):
        arn = prefix + each.certificate_id
        things = registry_changes.things_of(iot, arn)
        is_shared = any(other != name and other not in but for other in things)
        if thing_made or not is_shared:
            registry_changes.detach(iot, name, arn)
        if (each.made or claimed) and not is_shared:
            registry_changes.set_status(iot, each.certificate_id, "INACTIVE")
            doomed.append(each)
    return Doomed(name, thing_made, tuple(doomed))


def _delete(step: Step, doomed: Doomed) -> None:
    for each in doomed.certificates:
        registry_changes.delete_certificate(step.clients.iot, each.certificate_id)
    if doomed.thing_made:
        registry_changes.delete_thing(step.clients.iot, doomed.name)


def _forget(step: Step, doomed: Doomed) -> None:
    for each in doomed.certificates:
        devices.forget_certificate(step.db, doomed.name, each.certificate_id)
    devices.forget(step.db, doomed.name)
