"""How a device that has left the fleet is taken out of use, so that one call undoes it.

The certificates that we have made for it are set INACTIVE; it keeps them, so that the thing leads
to its key. What another thing or line uses stays ACTIVE: the leaving thing is detached from it when
the registry shows it there. Each change is intended in a commit, then made, then settled.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from thing_registration_worker.aws import registry, registry_changes
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.removal.leaving_devices import Queued
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate, Thing, blob
from thing_registration_worker.state.schema import FOUND, LEAVING, OUT_OF_USE, RETIRED
from thing_registration_worker.step import Step


@dataclass
class Batch:
    """What becomes of some devices.

    Attributes:
        to_silence: certificates that are to be set INACTIVE, with their things.
        to_detach: certificates that other things use, with the things that leave them.
        retired: the things that are out of use by now.
        gone: how many of the devices count as registered no more.
        refused: why AWS has refused to retire a thing, by its name.
        waiting: devices whose certificate the registry does not show on another thing yet.
    """

    to_silence: list[KnownCertificate] = field(default_factory=list)
    to_detach: list[KnownCertificate] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    gone: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    waiting: list[Queued] = field(default_factory=list)


def retire(step: Step, queued: Sequence[Queued]) -> Batch:
    """Retire devices, and forget those that were found.

    Raises:
        Superseded: a newer request has the head: then nothing was done that it does not know of.
    """
    batch = Batch()
    for each in queued:
        _examine(step, batch, each)
    step.commit()
    for certificate in batch.to_silence:
        _silence(step, batch, certificate)
    for certificate in batch.to_detach:
        _detach(step, batch, certificate)
    for name in batch.retired:
        if name not in batch.refused:
            _settle(step, name)
    batch.retired = [name for name in batch.retired if name not in batch.refused]
    return batch


def _examine(step: Step, batch: Batch, queued: Queued) -> None:
    """Decide what is done about a device, and note the intention."""
    db, claimed = step.db, step.request.declaration.claim_existing
    thing = devices.by_name(db, queued.name)
    certificates = [
        each for each in devices.certificates_of(db, queued.name) if each.made or claimed
    ]
    if not certificates and (thing is None or not (thing.thing_made or claimed)):
        devices.forget(db, queued.name)
        batch.gone += thing is not None
        return
    to_silence, to_detach = [], []
    is_foreign = False
    for each in certificates:
        if not each.certificate_id:
            continue
        others = _others(step, each)
        if others or (queued.is_renamed and thing and each.key == thing.key):
            if not others:
                batch.waiting.append(queued)
                return
            to_detach.append(each)
            continue
        status = _status(step, each)
        if status == registry.ACTIVE:
            to_silence.append(each)
        elif each.state not in OUT_OF_USE:
            # Somebody else has set it INACTIVE: not ours to bring back.
            is_foreign = True
    batch.to_silence += to_silence
    batch.to_detach += to_detach
    if is_foreign and not to_silence and not to_detach:
        _release(step, thing)
        batch.gone += thing is not None
        return
    _intend(step, queued.name, to_silence, to_detach)
    batch.retired.append(queued.name)
    batch.gone += thing is not None


def _others(step: Step, certificate: KnownCertificate) -> list[str]:
    """Return the other things that have a certificate."""
    arn = step.request.certificate_arn_prefix + certificate.certificate_id
    things = registry_changes.things_of(step.clients.iot, arn)
    return [name for name in things if name != certificate.thing]


def _status(step: Step, certificate: KnownCertificate) -> str:
    """Return the status of a certificate; empty for one that was deleted."""
    found = registry.certificate(step.clients.iot, certificate.certificate_id)
    return found.status if found else ""


def _release(step: Step, thing: Thing | None) -> None:
    if thing is not None:
        devices.put(step.db, replace(thing, state=FOUND, resources=None, at=int(time.time())))


def _intend(
    step: Step,
    name: str,
    to_silence: Sequence[KnownCertificate],
    to_detach: Sequence[KnownCertificate],
) -> None:
    db, request_id = step.db, step.request.request_id
    values = (LEAVING, request_id, int(time.time()), name)
    db.execute(
        "UPDATE thing SET state = ?, retired_by = ?, at = ? WHERE name = ?",
        values,
    )
    for each in to_silence:
        db.execute(
            "UPDATE certificate SET state = ?, retired_by = ? WHERE certificate_id = ?",
            (LEAVING, request_id, blob(each.certificate_id)),
        )
    for each in to_detach:
        db.execute(
            "INSERT OR REPLACE INTO detached (thing, certificate_id, made, detached_by) "
            "VALUES (?, ?, ?, ?)",
            (name, blob(each.certificate_id), each.made, request_id),
        )


def _silence(step: Step, batch: Batch, certificate: KnownCertificate) -> None:
    try:
        registry_changes.set_status(step.clients.iot, certificate.certificate_id, "INACTIVE")
    except Refused as refusal:
        batch.refused[certificate.thing] = str(refusal)


def _detach(step: Step, batch: Batch, certificate: KnownCertificate) -> None:
    arn = step.request.certificate_arn_prefix + certificate.certificate_id
    try:
        registry_changes.detach(step.clients.iot, certificate.thing, arn)
    except Refused as refusal:
        batch.refused[certificate.thing] = str(refusal)


def _settle(step: Step, name: str) -> None:
    """Note what is done; a thing that was detached does not have its certificate any more."""
    step.db.execute("UPDATE thing SET state = ? WHERE name = ?", (RETIRED, name))
    step.db.execute(
        """UPDATE thing SET certificate_id = NULL, certificate_made = 0 WHERE name = ?
        AND certificate_id IN (SELECT certificate_id FROM detached WHERE thing = ?)""",
        (name, name),
    )
    step.db.execute(
        "UPDATE certificate SET state = ? WHERE thing = ? AND state = ?", (RETIRED, name, LEAVING)
    )
