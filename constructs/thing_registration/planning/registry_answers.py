"""What AWS IoT's registry says about the devices of a plan. All calls only read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration.planning.comparand import Comparand
from thing_registration_worker.aws import named_resources, registry
from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.fleet.public_keys import UnreadableCertificate, key_of_certificate
from thing_registration_worker.fleet.resolved_device import ResolvedDevice, Resolver

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

_ATTRIBUTE = "attribute "
# In the place of what the deployment alone knows.
_UNRESOLVED = "${"
_REPLACED = ("", "REPLACE")
_KINDS = {
    "thing_types": "thing type",
    "billing_groups": "billing group",
    "policies": "policy",
    "thing_groups": "thing group",
}


@dataclass(frozen=True)
class ValueChange:
    """A value of a thing that the registry shows, and what it becomes; empty for none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedDevice:
    """A changed device.

    Attributes:
        exists: whether AWS's registry has the thing.
        values: what differs of what DescribeThing shows. Groups, policies and certificates are not
            among it.
    """

    exists: bool
    values: tuple[ValueChange, ...]


@dataclass(frozen=True)
class LookedUp:
    """What the registry has of devices that the inventory does not know.

    Attributes:
        asked: how many of them were asked about.
        existing: those whose thing exists: it is taken over.
        certified: how many devices, those with a new key too, have a certificate for their key in
            the registry, which they keep.
    """

    asked: int
    existing: tuple[str, ...]
    certified: int


def changed_devices(
    iot: IoTClient, what: Comparand, numbers: Sequence[int]
) -> dict[int, ChangedDevice]:
    """Compare lines that can be resolved with what DescribeThing shows of their things."""
    resolver = Resolver(what.template_body)
    removes = _removes_attributes(what.template_body)
    found = {}
    for number, line in what.lines(numbers):
        thing = registry.describe_thing(iot, resolver.resolve(line).thing_name)
        declared = resolver.shown_values(line)
        shown = thing.shown_values if thing else {}
        names = [name for name, value in declared.items() if shown.get(name, "") != value]
        if removes:
            names += [n for n in shown if n.startswith(_ATTRIBUTE) and n not in declared]
        values = (ValueChange(name, shown.get(name, ""), declared.get(name, "")) for name in names)
        found[number] = ChangedDevice(thing is not None, tuple(values))
    return found


def look_up(
    iot: IoTClient,
    what: Comparand,
    new: Sequence[int],
    uncertified: Sequence[int],
    tell: Callable[[str], None],
) -> LookedUp:
    """Ask whether the things of lines exist, and have certificates for the lines' keys.

    Args:
        iot: the client; half of each quota is used at most.
        what: where the lines are.
        new: the lines whose thing the inventory does not know; they can be resolved.
        uncertified: the lines for whose key it knows no certificate.
        tell: is called with what happens, in words.
    """
    resolver, existing, certified = Resolver(what.template_body), [], 0
    is_new, is_open = frozenset(new), frozenset(uncertified)
    total = f"{len(is_new | is_open):,}"
    for asked, (number, line) in enumerate(what.lines(is_new | is_open), 1):
        device = resolver.resolve(line)
        if registry.thing_exists(iot, device.thing_name):
            if number in is_new:
                existing.append(device.thing_name)
            certified += number in is_open and _is_certified(iot, device)
        tell(f"looking up {asked:,} of {total} devices")
    return LookedUp(len(is_new), tuple(existing), certified)


def missing_names(iot: IoTClient, names: PrerequisiteNames) -> list[str]:
    """Return what AWS does not have, such as `thing type 'sensor'`."""
    return [
        f"{_KINDS[kind]} {name!r}"
        for kind, name in names.each()
        if _UNRESOLVED not in name and named_resources.find(iot, kind, name) is None
    ]


def _is_certified(iot: IoTClient, device: ResolvedDevice) -> bool:
    if device.certificate == "pem":
        return device.certificate_id in registry.certificate_ids_of(iot, device.thing_name)
    if device.certificate != "csr":
        return False
    for certificate in registry.certificates_of(iot, device.thing_name):
        try:
            if key_of_certificate(certificate.pem) == device.key:
                return True
        except UnreadableCertificate:
            continue
    return False


def _removes_attributes(template_body: str) -> bool:
    """Return whether attributes that the template does not have are removed from a thing."""
    for resource in json.loads(template_body)["Resources"].values():
        if resource.get("Type") == "AWS::IoT::Thing":
            settings = resource.get("OverrideSettings", {})
            setting = settings.get("AttributePayload", settings.get("ATTRIBUTE_PAYLOAD", ""))
            return "AttributePayload" in resource.get("Properties", {}) and setting in _REPLACED
    return False
