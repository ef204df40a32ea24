"""What is done to a device that has left the fleet: it is retired, or deleted.

A certificate that another thing uses stays active.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from thing_registration_worker.aws import registry, registry_changes
from thing_registration_worker.fleet.inventory_entry import Entry

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient


@dataclass(frozen=True)
class Device:
    """What this resource has made of a device.

    Attributes:
        thing_name: its name.
        thing_made: whether we made the thing.
        certificates: an entry for each certificate that is known of it, perhaps only by its key.
    """

    thing_name: str
    thing_made: bool
    certificates: tuple[Entry, ...]


@dataclass(frozen=True)
class Calls:
    """The client, and what makes an ARN of a certificate's id."""

    iot: "IoTClient"
    arn_prefix: str


def device(entries: Iterable[Entry]) -> Device:
    """Return the device of the entries of one thing name."""
    found = list(entries)
    by_id = {entry.certificate_id: entry for entry in found if entry.certificate_id}
    made = any(entry.thing_made for entry in found)
    return Device(found[0].thing_name, made, tuple(by_id.values()))


def is_silent(calls: Calls, entry: Entry) -> bool:
    """Return whether a certificate is not active although this resource has not retired it."""
    if entry.is_retired or not (entry.certificate_id and entry.certificate_made):
        return False
    found = registry.certificate(calls.iot, entry.certificate_id)
    return found is not None and not found.is_active


def retire(calls: Calls, entry: Entry, *, in_use: bool) -> None:
    """Detach a device's certificate and set it INACTIVE if we made it; the thing stays.

    Args:
        calls: the client.
        entry: what the inventory has of the device.
        in_use: whether another device is known to have the certificate.

    Raises:
        Refused: AWS refuses it.
    """
    if not entry.certificate_id:
        return
    in_use = in_use or _is_shared(calls, entry)
    _detach(calls, entry)
    if entry.certificate_made and not in_use:
        registry_changes.set_status(calls.iot, entry.certificate_id, "INACTIVE")


def take_apart(calls: Calls, device: Device, but: Container[str]) -> tuple[Entry, ...]:
    """Do what comes before a deletion, and return the certificates that can be deleted.

    Args:
        calls: the client.
        device: the device.
        but: the names of things that were taken apart just now: AWS may still list them.

    Raises:
        Refused: AWS refuses it.
    """
    doomed = []
    for entry in device.certificates:
        shared = _is_shared(calls, entry, but)
        if device.thing_made or not shared:
            _detach(calls, entry)
        if entry.certificate_made and not shared:
            registry_changes.set_status(calls.iot, entry.certificate_id, "INACTIVE")
            doomed.append(entry)
    return tuple(doomed)


def delete(calls: Calls, device: Device, doomed: Iterable[Entry]) -> None:
    """Delete a device whose certificates are detached; policies stay.

    Raises:
        Refused: AWS refuses it, perhaps because a detachment has not propagated yet.
    """
    for entry in doomed:
        registry_changes.delete_certificate(calls.iot, entry.certificate_id)
    if device.thing_made:
        registry_changes.delete_thing(calls.iot, device.thing_name)


def retired(entry: Entry, now: float) -> Entry:
    """Return what the inventory keeps of a retired device."""
    return replace(entry, state="retired", at=int(now))


def retiring(entry: Entry, now: float) -> Entry:
    """Return what the inventory keeps before the first call for a device."""
    return replace(entry, state="retiring", at=int(now))


def released(entry: Entry, now: float) -> Entry:
    """Return what makes the inventory forget a thing; its certificate is still known by its key."""
    return Entry("removed", entry.thing_name, at=int(now))


def removed(device: Device, doomed: Iterable[Entry], now: float) -> list[Entry]:
    """Return what makes the inventory forget a deleted device."""
    gone = [
        Entry(
            "removed",
            device.thing_name,
            key=entry.key,
            certificate_id=entry.certificate_id,
            at=int(now),
        )
        for entry in doomed
    ]
    return gone or [Entry("removed", device.thing_name, at=int(now))]


def _is_shared(calls: Calls, entry: Entry, but: Container[str] = ()) -> bool:
    """Return whether another thing has a certificate."""
    things = registry_changes.things_of(calls.iot, calls.arn_prefix + entry.certificate_id)
    return any(name != entry.thing_name and name not in but for name in things)


def _detach(calls: Calls, entry: Entry) -> None:
    registry_changes.detach(calls.iot, entry.thing_name, calls.arn_prefix + entry.certificate_id)
