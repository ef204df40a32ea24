"""What AWS IoT's registry says about the devices of a plan. All calls only read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import ComparedFleet
from thing_registration_worker.aws import named_resources, registry
from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.fleet.public_keys import UnreadableCertificate, key_of_certificate
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import CertificateKind, Template
from thing_registration_worker.state.lines import Line

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
    """What the registry has of devices that the state does not know.

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
    iot: IoTClient, what: Comparand, lines: Sequence[Line]
) -> dict[int, ChangedDevice]:
    """Compare lines that can be resolved with what DescribeThing shows of their things."""
    template = Template(what.template_body)
    resolver, removes = Resolver(template), _removes_attributes(template)
    found = {}
    for line in lines:
        thing = registry.describe_thing(iot, line.name)
        declared = resolver.shown_values(what.text(line))
        shown = thing.shown_values if thing else {}
        names = [name for name, value in declared.items() if shown.get(name, "") != value]
        if removes:
            names += [n for n in shown if n.startswith(_ATTRIBUTE) and n not in declared]
        values = (ValueChange(name, shown.get(name, ""), declared.get(name, "")) for name in names)
        found[line.number] = ChangedDevice(thing is not None, tuple(values))
    return found


def look_up(iot: IoTClient, fleet: ComparedFleet, tell: Callable[[str], None]) -> LookedUp:
    """Ask whether the things of lines exist, and have certificates for the lines' keys.

    Asked about are the lines whose thing the state does not know, and those for whose key it knows
    no certificate.

    Args:
        iot: the client; half of each quota is used at most.
        fleet: the lines.
        tell: is called with what happens, in words.
    """
    existing: list[str] = []
    certified = asked = 0
    for line in fleet.to_send():
        is_new, is_open = line.kind == "new", bool(line.key and not line.certificate_id)
        if not (is_new or is_open):
            continue
        asked += 1
        tell(f"looking up {asked:,} devices")
        if registry.thing_exists(iot, line.name):
            if is_new:
                existing.append(line.name)
            certified += is_open and _is_certified(iot, fleet.certificate, line)
    return LookedUp(fleet.counts["new"], tuple(existing), certified)


def missing_names(iot: IoTClient, names: PrerequisiteNames) -> list[str]:
    """Return what AWS does not have, such as `thing type 'sensor'`."""
    return [
        f"{_KINDS[kind]} {name!r}"
        for kind, name in names.each()
        if _UNRESOLVED not in name and named_resources.find(iot, kind, name) is None
    ]


def _is_certified(iot: IoTClient, certificate: CertificateKind, line: Line) -> bool:
    if certificate == "pem":
        return line.given_id in registry.certificate_ids_of(iot, line.name)
    for found in registry.certificates_of(iot, line.name):
        try:
            if key_of_certificate(found.pem) == line.key:
                return True
        except UnreadableCertificate:
            continue
    return False


def _removes_attributes(template: Template) -> bool:
    """Return whether attributes that the template does not have are removed from a thing."""
    for resource in template.resources.values():
        if resource.get("Type") == "AWS::IoT::Thing":
            settings = resource.get("OverrideSettings", {})
            setting = settings.get("AttributePayload", settings.get("ATTRIBUTE_PAYLOAD", ""))
            return "AttributePayload" in resource.get("Properties", {}) and setting in _REPLACED
    return False
